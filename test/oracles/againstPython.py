"""What the oracles of model folders share: dist/cli.js, and a comparison of what it makes of a folder with what Python does."""

import csv
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "test" / "fixtures"
SHARED = ROOT.parent / "shared" / "data"
FORMATS = SHARED / "tiny_models" / "formats"
TOLERANCE = 1e-4
MAX_LENGTH = 32

logging.disable_progress_bar()

TEXTS = [
    "fever",
    "Patient had FEVER and Pain in the Arm after injection.",
    "pt died 3 days after the vaccine; seizure, rash & redness",
    "Fièvre à 39,5 °C — Guillain-Barré 😀",
    "The patient was taking the drug for pain, swelling and redness. " * 6,
    "博 推 DIED",
]


def caselight(*args: object) -> subprocess.CompletedProcess:
    return subprocess.run(["node", ROOT / "dist" / "cli.js", *map(str, args)], capture_output=True, text=True, encoding="utf-8")


def lines(*args: object) -> list[dict]:
    run = caselight(*args)
    if run.returncode != 0:
        raise AssertionError(run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def load(model_folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Raises an AssertionError where a tensor is missing, or not one of the model."""
    model, loading = AutoModelForSequenceClassification.from_pretrained(model_folder, output_loading_info=True)
    for kind, keys in loading.items():
        assert not keys, f"{kind}: {keys}"
    return model.eval(), AutoTokenizer.from_pretrained(model_folder)


def labels_of(model: PreTrainedModel) -> list[str]:
    return [model.config.id2label[index] for index in range(model.config.num_labels)]


def encoded(tokenizer: PreTrainedTokenizerBase, text: str) -> dict:
    return tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")


@torch.no_grad()
def compare(model_folder: Path, texts: list[str]) -> None:
    """Raises an AssertionError that says what differs."""
    cases = model_folder.parent / "cases.csv"
    with open(cases, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Narrative"], *([text] for text in texts)])
    shared = [cases, "--model", model_folder, "--max-length", MAX_LENGTH]
    ids = [line["inputIds"] for line in lines("tokens", *shared)]
    ours = lines("predict", *shared, "--format", "jsonl", "--logits")
    model, tokenizer = load(model_folder)
    labels = labels_of(model)
    for text, own_ids, own in zip(texts, ids, ours, strict=True):
        inputs = encoded(tokenizer, text)
        theirs = inputs["input_ids"][0].tolist()
        assert own_ids == theirs, f"ids of {text[:40]!r}: {own_ids} where Python gives {theirs}"
        logits = model(**inputs).logits[0]
        difference = (logits - torch.tensor(own["logits"])).abs().max().item()
        assert difference <= TOLERANCE, f"logits of {text[:40]!r} differ by {difference}"
        assert own["label"] == labels[int(logits.argmax())], f"label of {text[:40]!r}"


def run_checks(checks: list[tuple[str, Callable[[Path], None]]], skipped: int) -> int:
    """Runs each check in a folder of its own, with a cache of its own, and prints how many passed. Returns the exit status."""
    failed = 0
    for name, check in checks:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["CASELIGHT_CACHE"] = str(Path(folder) / "cache")
            try:
                check(Path(folder))
            except AssertionError as error:
                failed += 1
                print(f"{name}: {error}")
    print(f"{len(checks) - failed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0
