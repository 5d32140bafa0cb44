#!/usr/bin/env bash
# Makes the fixtures again with the reference libraries and compares them with the committed ones.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r test/oracles/requirements.txt
passed=0
failed=0
for script in vocabularies tokenizer metrics architectures training; do
  "$venv/bin/python" "test/oracles/$script.py"
  if git diff --quiet -- test/fixtures; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "$script.py makes other fixtures than those committed:"
    git diff --stat -- test/fixtures
    git checkout --quiet -- test/fixtures
  fi
done
echo "$passed passed, $failed failed, 0 skipped"
# What Python makes of the models that Caselight writes; each counts for itself, and none hides the next.
node esbuild.mjs
for script in imported trained; do
  "$venv/bin/python" "test/oracles/$script.py" || failed=$((failed + 1))
done
[ "$failed" -eq 0 ]
