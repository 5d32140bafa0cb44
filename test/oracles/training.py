"""Writes test/fixtures/training.json: steps of training that PyTorch takes with the tiny checkpoints of each architecture.

Everything is computed in float64 without dropout, and rounded. Texts differ in length, so that padding is put to the test; the
last step repeats the first batch, so that rows of the tables that a step did not read have moved since.
"""

import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification

FIXTURES = Path(__file__).parent.parent / "fixtures"
BATCHES = [
    ([[2, 11, 12, 13, 14, 3], [2, 15, 3], [2, 16, 17, 18, 19, 20, 21, 22, 3]], [0, 1, 2]),
    ([[2, 30, 31, 3], [2, 11, 32, 33, 34, 3]], [1, 1]),
    ([[2, 11, 12, 13, 14, 3], [2, 15, 3], [2, 16, 17, 18, 19, 20, 21, 22, 3]], [0, 1, 2]),
]
SHARES = [[0.5, 0.2, 0.3], [0.5, 0.5], [0.5, 0.2, 0.3]]
LEARNING_RATE = 1e-3
RUNS = [
    dict(optimizer="adam", weightDecay=0.0, clipNorm=None),
    dict(optimizer="adamw", weightDecay=0.1, clipNorm=0.5),
]


def significant(value):
    return float(f"{value:.9g}")


def decays(name):
    return not name.endswith(".bias") and not name.lower().endswith(("layernorm.weight", "layer_norm.weight"))


def weights_of(folder):
    """The fixture of BERT has names as an old PyTorch wrote them."""
    new = lambda name: name.removeprefix("module.").replace(".gamma", ".weight").replace(".beta", ".bias")
    return {new(name): value.double() for name, value in load_file(folder / "model.safetensors").items()}


def steps_of(folder, run):
    config = AutoConfig.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_config(config, attn_implementation="eager").double().eval()
    missing, _ = model.load_state_dict(weights_of(folder), strict=False)
    assert not missing, missing
    parameters = dict(model.named_parameters())
    groups = [
        dict(params=[p for n, p in parameters.items() if decays(n)], weight_decay=run["weightDecay"]),
        dict(params=[p for n, p in parameters.items() if not decays(n)], weight_decay=0.0),
    ]
    make = torch.optim.Adam if run["optimizer"] == "adam" else torch.optim.AdamW
    optimizer = make(groups, lr=LEARNING_RATE)
    steps, first_norms = [], {}
    for (ids, labels), shares in zip(BATCHES, SHARES):
        longest = max(map(len, ids))
        pad = model.config.pad_token_id
        batch = torch.tensor([row + [pad] * (longest - len(row)) for row in ids])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
        logits = model(input_ids=batch, attention_mask=mask).logits
        losses = torch.nn.functional.cross_entropy(logits, torch.tensor(labels), reduction="none")
        loss = (losses * torch.tensor(shares, dtype=torch.float64)).sum()
        optimizer.zero_grad()
        loss.backward()
        if not first_norms:
            first_norms = {n: significant(p.grad.norm()) for n, p in parameters.items() if p.grad is not None}
        limit = float("inf") if run["clipNorm"] is None else run["clipNorm"]
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), limit)
        optimizer.step()
        steps.append(dict(loss=significant(loss), gradientNorm=significant(norm)))
    norms = {n: significant(p.detach().norm()) for n, p in parameters.items()}
    return dict(run, steps=steps, firstStepGradientNorms=first_norms, normsAfter=norms)


def main():
    torch.set_num_threads(1)
    models = {}
    for folder in sorted((FIXTURES / "architectures").iterdir()):
        if folder.is_dir():
            models[folder.name] = [steps_of(folder, run) for run in RUNS]
    batches = [dict(sequences=ids, labels=labels, shares=shares) for (ids, labels), shares in zip(BATCHES, SHARES)]
    result = dict(
        made_with=dict(torch=torch.__version__, transformers=transformers.__version__),
        learningRate=LEARNING_RATE,
        batches=batches,
        models=models,
    )
    (FIXTURES / "training.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
