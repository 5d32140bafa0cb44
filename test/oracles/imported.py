"""Checks that Python reads an imported model as Caselight does: same token ids, same labels, logits within 1e-4.

python test/oracles/imported.py, after `node esbuild.mjs`. Imports the checkpoints of test/fixtures/architectures, and those in
../shared/data where it is there, each also with its vocabulary and nothing that says how to read it.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "test" / "fixtures"
SHARED = ROOT.parent / "shared" / "data"
FORMATS = SHARED / "tiny_models" / "formats"
TOLERANCE = 1e-4
MAX_LENGTH = 32

TEXTS = [
    "fever",
    "Patient had FEVER and Pain in the Arm after injection.",
    "pt died 3 days after the vaccine; seizure, rash & redness",
    "Fièvre à 39,5 °C — Guillain-Barré 😀",
    "The patient was taking the drug for pain, swelling and redness. " * 6,
    "博 推 DIED",
]


def caselight(*args: str) -> subprocess.CompletedProcess:
    return subprocess.run(["node", ROOT / "dist" / "cli.js", *map(str, args)], capture_output=True, text=True, encoding="utf-8")


def lines(*args: str) -> list[dict]:
    run = caselight(*args)
    if run.returncode != 0:
        raise AssertionError(run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def compare(model_folder: Path, texts: list[str]) -> None:
    """Raises an AssertionError that says what differs."""
    cases = model_folder.parent / "cases.csv"
    with open(cases, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Narrative"], *([text] for text in texts)])
    shared = [cases, "--model", model_folder, "--max-length", MAX_LENGTH]
    ids = [line["inputIds"] for line in lines("tokens", *shared)]
    ours = lines("predict", *shared, "--format", "jsonl", "--logits")
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    model, loading = AutoModelForSequenceClassification.from_pretrained(model_folder, output_loading_info=True)
    for kind, keys in loading.items():
        assert not keys, f"{kind}: {keys}"
    model.eval()
    labels = [model.config.id2label[index] for index in range(model.config.num_labels)]
    for text, own_ids, own in zip(texts, ids, ours, strict=True):
        inputs = tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
        theirs = inputs["input_ids"][0].tolist()
        assert own_ids == theirs, f"ids of {text[:40]!r}: {own_ids} where Python gives {theirs}"
        with torch.no_grad():
            logits = model(**inputs).logits[0]
        difference = (logits - torch.tensor(own["logits"])).abs().max().item()
        assert difference <= TOLERANCE, f"logits of {text[:40]!r} differ by {difference}"
        assert own["label"] == labels[int(logits.argmax())], f"label of {text[:40]!r}"


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


def check_imported(source: Path, folder: Path) -> None:
    target = folder / "model"
    run = caselight("import", source, "--output", target)
    assert run.returncode == 0, run.stderr
    compare(target, TEXTS)


def check_refused(source: Path, folder: Path) -> None:
    run = caselight("import", source, "--output", folder / "model")
    assert run.returncode == 1 and "error[BAD_TOKENIZER]" in run.stderr and "wrong encoding" in run.stderr, run.stderr
    assert not (folder / "model").exists(), "something was left"


def as_it_is(source: Path, folder: Path) -> Path:
    return source


def main() -> int:
    found = sorted(path.parent for path in [*FIXTURES.glob("architectures/*/config.json"), *FORMATS.glob("*/config.json")])
    checks = [(check_imported, as_it_is, source) for source in found]
    for source in found:
        checks.append((check_imported, without_tokenizer_config, source))
        if source.name != "roberta":
            checks.append((check_imported, bare_vocabulary, source))
    skipped = 0
    if FORMATS.exists():
        checks.append((check_refused, mojibake, FORMATS / "tiny_seriousness"))
    else:
        skipped = 1
        print("skipped: the checkpoints of ../shared/data, which is not there")
    failed = 0
    for check, prepare, source in checks:
        with tempfile.TemporaryDirectory() as name:
            os.environ["CASELIGHT_CACHE"] = str(Path(name) / "cache")
            try:
                check(prepare(source, Path(name)), Path(name))
            except AssertionError as error:
                failed += 1
                print(f"{source.name}, {prepare.__name__}: {error}")
    print(f"{len(checks) - failed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
