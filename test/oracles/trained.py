"""Checks that training leaves a plain Hugging Face folder: Python reads it as Caselight does, and measures what training said of it.

python test/oracles/trained.py, after `node esbuild.mjs`. Trains the checkpoints of test/fixtures/architectures for a few steps
on samples/narratives.csv, and those in ../shared/data where it is there. Beside ids, labels and logits, which have to agree
within 1e-4, the loss on the held-out records has to be the one that training gave for the epoch that it kept: it is what ties
the weights in the folder to those that were trained.
"""

import csv
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from againstPython import FIXTURES, FORMATS, MAX_LENGTH, ROOT, TEXTS, TOLERANCE, compare, encoded, labels_of, lines, load, run_checks

OWN = {label: label for label in ["D/LT", "Non-serious", "Serious"]}
# Fewer than the fixtures have, beyond ASCII, and sorted otherwise than a dictionary would.
OTHER = {"D/LT": "sévère", "Non-serious": "Léger", "Serious": "sévère"}


@dataclass(frozen=True)
class Run:
    """How to train. With the labels that the checkpoint has, its head goes on; with others it gets a fresh one."""

    scope: str
    labels: dict[str, str]
    recipe: str


RUNS = [Run("head", OWN, "notebook"), Run("last-1", OTHER, "notebook"), Run("full", OWN, "editor")]


def write_records(folder: Path, names: dict[str, str]) -> tuple[Path, Path, list[dict]]:
    """Every fourth record is held out. Returns the files of both sides, and the held-out records."""
    with open(ROOT / "samples" / "narratives.csv", encoding="utf-8", newline="") as file:
        rows = [{**row, "Seriousness": names[row["Seriousness"]]} for row in csv.DictReader(file)]
    held_out = rows[::4]
    sides = {"train.csv": [row for index, row in enumerate(rows) if index % 4 != 0], "heldOut.csv": held_out}
    for name, side in sides.items():
        with open(folder / name, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(side)
    return folder / "train.csv", folder / "heldOut.csv", held_out


@torch.no_grad()
def loss_of(model_folder: Path, records: list[dict]) -> float:
    """Mean cross-entropy."""
    model, tokenizer = load(model_folder)
    losses = []
    for record in records:
        label = model.config.label2id[record["Seriousness"]]
        logits = model(**encoded(tokenizer, record["Narrative"])).logits
        losses.append(torch.nn.functional.cross_entropy(logits, torch.tensor([label])).item())
    return sum(losses) / len(losses)


def check_trained(run: Run, source: Path, folder: Path) -> None:
    target = folder / "model"
    records, held_out_file, held_out = write_records(folder, run.labels)
    files = [records, "--validation-file", held_out_file, "--output", target, "--base", source]
    recipe = ["--scope", run.scope, "--recipe", run.recipe, "--epochs", 2, "--learning-rate", 1e-3, "--max-length", MAX_LENGTH]
    events = lines("train", *files, *recipe, "--threads", 1, "--json")
    compare(target, TEXTS)
    found, expected = labels_of(load(target)[0]), sorted(set(run.labels.values()))
    assert found == expected, f"labels {found} where {expected} were trained"
    epoch = events[-1]["epoch"]
    [told] = [event["validationLoss"] for event in events if event["type"] == "epoch" and event["epoch"] == epoch]
    loss = loss_of(target, held_out)
    assert abs(loss - told) <= TOLERANCE, f"a held-out loss of {loss} where training gave {told}"


def main() -> int:
    found = sorted(path.parent for path in FIXTURES.glob("architectures/*/config.json"))
    cases = [(run, source) for source in found for run in RUNS]
    skipped = 0
    if FORMATS.exists():
        # Without a head and in half precision; in the formats of ONNX and TensorFlow.
        others = ["tiny_seriousness_base_fp16", "tiny_seriousness_onnx", "tiny_seriousness_tf_h5"]
        cases += [(run, FORMATS / name) for name, run in zip(others, RUNS, strict=True)]
    else:
        skipped = 1
        print("skipped: the checkpoints of ../shared/data, which is not there")
    return run_checks([(f"{source.name}, {run.scope}", partial(check_trained, run, source)) for run, source in cases], skipped)


if __name__ == "__main__":
    sys.exit(main())
