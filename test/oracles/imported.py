"""Checks that Python reads an imported model as Caselight does: same token ids, same labels, logits within 1e-4.

python test/oracles/imported.py, after `node esbuild.mjs`. Imports the checkpoints of test/fixtures/architectures, and those in
../shared/data where it is there, each also with its vocabulary and nothing that says how to read it.
"""

import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from againstPython import FIXTURES, FORMATS, SHARED, TEXTS, caselight, compare, run_checks

Prepare = Callable[[Path, Path], Path]


def bare_vocabulary(source: Path, folder: Path) -> Path:
    """The checkpoint as BioBERT is published: vocab.txt, and no word on how to read it."""
    target = folder / f"{source.name} with vocab.txt alone"
    shutil.copytree(source, target)
    for name in ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]:
        (target / name).unlink(missing_ok=True)
    if not (target / "vocab.txt").exists():
        shutil.copyfile(FIXTURES / "vocab.uncased.txt", target / "vocab.txt")
    return target


def without_tokenizer_config(source: Path, folder: Path) -> Path:
    target = folder / f"{source.name} without tokenizer_config.json"
    shutil.copytree(source, target)
    (target / "tokenizer_config.json").unlink()
    return target


def mojibake(source: Path, folder: Path) -> Path:
    target = bare_vocabulary(source, folder)
    shutil.copyfile(SHARED / "tokenizer" / "NEGATIVE_mojibake_vocab.onnxruntime-extensions.txt", target / "vocab.txt")
    return target


def as_it_is(source: Path, folder: Path) -> Path:
    return source


def check_imported(prepare: Prepare, source: Path, folder: Path) -> None:
    target = folder / "model"
    run = caselight("import", prepare(source, folder), "--output", target)
    assert run.returncode == 0, run.stderr
    compare(target, TEXTS)


def check_refused(prepare: Prepare, source: Path, folder: Path) -> None:
    run = caselight("import", prepare(source, folder), "--output", folder / "model")
    assert run.returncode == 1 and "error[BAD_TOKENIZER]" in run.stderr and "wrong encoding" in run.stderr, run.stderr
    assert not (folder / "model").exists(), "something was left"


def main() -> int:
    found = sorted(path.parent for path in [*FIXTURES.glob("architectures/*/config.json"), *FORMATS.glob("*/config.json")])
    cases = [(check_imported, as_it_is, source) for source in found]
    for source in found:
        cases.append((check_imported, without_tokenizer_config, source))
        if source.name != "roberta":
            cases.append((check_imported, bare_vocabulary, source))
    skipped = 0
    if FORMATS.exists():
        cases.append((check_refused, mojibake, FORMATS / "tiny_seriousness"))
    else:
        skipped = 1
        print("skipped: the checkpoints of ../shared/data, which is not there")
    checks = [(f"{source.name}, {prepare.__name__}", partial(check, prepare, source)) for check, prepare, source in cases]
    return run_checks(checks, skipped)


if __name__ == "__main__":
    sys.exit(main())
