"""Writes test/fixtures/architectures: a tiny checkpoint of each architecture that Caselight runs, and the logits that PyTorch gives.

Weights come from a generator whose numbers are the same on every machine; logits are computed in float64 and rounded.
"""

import json
import platform
import re
import shutil
from pathlib import Path

import numpy
import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertTokenizer,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaTokenizer,
)

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDER = FIXTURES / "architectures"
LABELS = {"id2label": {0: "D/LT", 1: "Non-serious", 2: "Serious"}, "label2id": {"D/LT": 0, "Non-serious": 1, "Serious": 2}}
SIZES = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=40)
MAX_LENGTH = 32

TEXTS = [
    "",
    "fever",
    "Patient had fever and pain in the arm after injection.",
    "pt died 3 days after the vaccine; seizure, rash & redness",
    "Fièvre à 39,5 °C — Guillain-Barré 😀",
    "  no   adverse\tevents\n\nreported  ",
    "The patient was taking the drug for pain, swelling and redness. " * 6,
    "a [MASK] b <mask> c",
    "博 推",
    "DIED",
]


def fill(model: torch.nn.Module, seed: int) -> None:
    """Weights that make the logits of two texts differ: much larger than those of a model before training."""
    random = numpy.random.RandomState(seed)
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        # Every operation is exact or rounded once: no machine gives other numbers.
        values = random.randint(-(2**15), 2**15, size=tuple(tensor.shape)) / 2**16
        is_scale = name.endswith(("LayerNorm.weight", "layer_norm.weight"))
        tensor.copy_(torch.from_numpy(values + 1.0 if is_scale else values))


def word_piece() -> BertTokenizer:
    return BertTokenizer(vocab=str(FIXTURES / "vocab.uncased.txt"), do_lower_case=True)


def byte_level() -> RobertaTokenizer:
    vocab = json.loads((FIXTURES / "vocab.byteLevel.json").read_text(encoding="utf-8"))
    merges = (FIXTURES / "merges.byteLevel.txt").read_text(encoding="utf-8").splitlines()[1:]
    return RobertaTokenizer(vocab=vocab, merges=[tuple(merge.split(" ")) for merge in merges])


def models() -> dict:
    distilbert = dict(dim=16, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=40)
    return {
        "distilbert": (DistilBertForSequenceClassification, DistilBertConfig(**distilbert, activation="gelu", **LABELS), word_piece()),
        "electra": (ElectraForSequenceClassification, ElectraConfig(**SIZES, embedding_size=12, **LABELS), word_piece()),
        "roberta": (
            RobertaForSequenceClassification,
            RobertaConfig(**SIZES, type_vocab_size=1, layer_norm_eps=1e-5, **LABELS),
            byte_level(),
        ),
        "bert": (BertForSequenceClassification, BertConfig(**SIZES, **LABELS), word_piece()),
    }


def old_names(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """As scripts of 2019 saved a model that was trained on several GPUs, with the heads of pre-training left in."""
    renamed = {}
    for name, tensor in tensors.items():
        old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        renamed[f"module.{old}"] = tensor
    renamed["module.bert.embeddings.position_ids"] = torch.arange(40).unsqueeze(0)
    renamed["module.cls.predictions.bias"] = torch.zeros(8)
    renamed["module.cls.seq_relationship.weight"] = torch.zeros(2, 16)
    return renamed


def save(name: str, model: torch.nn.Module, tokenizer) -> None:
    folder = FOLDER / name
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if name == "bert":
        save_file(old_names(model.state_dict()), folder / "model.safetensors", metadata={"format": "pt"})


def golden(model: torch.nn.Module, tokenizer) -> list[dict]:
    cases = []
    for text in TEXTS:
        inputs = tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
        logits = model(**inputs).logits[0].tolist()
        cases.append({"inputIds": inputs["input_ids"][0].tolist(), "logits": [round(logit, 7) for logit in logits]})
    return cases


@torch.no_grad()
def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    found = {}
    for seed, (name, (model_class, config, tokenizer)) in enumerate(models().items()):
        config.vocab_size = len(tokenizer)
        model = model_class(config).eval()
        fill(model, seed)
        save(name, model, tokenizer)
        found[name] = golden(model.double(), tokenizer)
    made_with = {
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "python": platform.python_version(),
    }
    content = {"made_with": made_with, "texts": TEXTS, "maxLength": MAX_LENGTH, "models": found}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    # One number a line would make it three times as long.
    text = re.sub(r"\n\s+(?=-?\d|\])", "", text)
    (FOLDER / "golden.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
