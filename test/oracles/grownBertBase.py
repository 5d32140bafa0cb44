"""Grows models/default (6 x 384) to BERT-base (12 x 768) and trains it briefly, to measure int8 at that size.

Real BERT-base weights are not part of the project. Each hidden unit, head and feed-forward unit is doubled so that the
network computes the same, each layer gets a second one after it, two units are made outliers of six times the range, as
BERT-base has them (Kovaleva et al., "BERT Busters", 2021), and training on real reports then moves every weight.

    python test/oracles/grownBertBase.py ../shared/data/vaers_1990_1997_all.csv FOLDER [STEPS]
"""

import csv
import math
import random
import sys
import time
from collections import defaultdict

import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

SOURCE = "models/default"
SEED = 4
OUTLIERS = (308, 381)
OUTLIER_FACTOR = 6.0
SECOND_LAYER_SHARE = 0.5
BATCH, MAX_LENGTH, LEARNING_RATE, WARM_UP = 16, 96, 6e-5, 20


def twice(x, axis):
    return torch.cat([x, x], dim=axis)


def by_head(x, heads):
    """Doubles the size of each head of rows [heads * size, ...]."""
    parts = x.reshape(heads, x.shape[0] // heads, *x.shape[1:])
    return torch.cat([parts, parts], dim=1).reshape(2 * x.shape[0], *x.shape[1:])


def shared_inputs(weight, noise):
    """[outputs, inputs] for doubled inputs: the two copies share the weight unevenly, so that training tells them apart."""
    share = 0.5 + noise * torch.randn_like(weight)
    return torch.cat([weight * share, weight * (1 - share)], dim=1)


def shared_heads(weight, heads, noise):
    """As `shared_inputs`, for inputs doubled by `by_head`."""
    outputs, inputs = weight.shape
    parts = weight.reshape(outputs, heads, inputs // heads)
    share = 0.5 + noise * torch.randn_like(parts)
    return torch.cat([parts * share, parts * (1 - share)], dim=2).reshape(outputs, 2 * inputs)


def grow_layer(old, heads):
    new = {}
    for part in ("query", "key", "value"):
        # Doubled queries and keys make scores twice as large, which are divided by sqrt(2 * size), not sqrt(size).
        scale = math.sqrt(0.5) if part == "query" else 1.0
        name = f"attention.self.{part}"
        new[f"{name}.weight"] = by_head(shared_inputs(old[f"{name}.weight"], 0.2), heads) * scale
        new[f"{name}.bias"] = by_head(old[f"{name}.bias"], heads) * scale
    name = "attention.output.dense"
    new[f"{name}.weight"] = twice(shared_heads(old[f"{name}.weight"], heads, 0.2), 0)
    new[f"{name}.bias"] = twice(old[f"{name}.bias"], 0)
    for name in ("intermediate.dense", "output.dense"):
        new[f"{name}.weight"] = twice(shared_inputs(old[f"{name}.weight"], 0.2), 0)
        new[f"{name}.bias"] = twice(old[f"{name}.bias"], 0)
    for name in ("attention.output.LayerNorm", "output.LayerNorm"):
        for part in ("weight", "bias"):
            new[f"{name}.{part}"] = twice(old[f"{name}.{part}"], 0)
    return new


def second_layer(layer):
    """A copy that changes its input less; its norms keep the gain and offset of those before them."""
    new = {name: value.clone() for name, value in layer.items()}
    for name in ("attention.output.dense", "output.dense"):
        for part in ("weight", "bias"):
            new[f"{name}.{part}"] *= SECOND_LAYER_SHARE
    # Around its own offset a norm's output has about its gain as deviation, so this norm nearly passes its input through.
    gain, offset = new["output.LayerNorm.weight"], new["output.LayerNorm.bias"]
    deviation = torch.sqrt((gain**2).mean() + offset.var())
    for name in ("attention.output.LayerNorm", "output.LayerNorm"):
        new[f"{name}.weight"] = torch.full_like(gain, float(deviation))
        new[f"{name}.bias"] = torch.full_like(offset, float(offset.mean()))
    return new


def make_outliers(state, layers):
    for unit in OUTLIERS:
        f = OUTLIER_FACTOR
        for part in ("word_embeddings", "position_embeddings", "token_type_embeddings"):
            state[f"bert.embeddings.{part}.weight"][:, unit] *= f
        state["bert.embeddings.LayerNorm.bias"][unit] *= f
        for layer in range(layers):
            p = f"bert.encoder.layer.{layer}."
            for name in ("attention.self.query", "attention.self.key", "attention.self.value", "intermediate.dense"):
                state[f"{p}{name}.weight"][:, unit] /= f
            for name in ("attention.output", "output"):
                state[f"{p}{name}.dense.weight"][unit] *= f
                state[f"{p}{name}.dense.bias"][unit] *= f
                state[f"{p}{name}.LayerNorm.bias"][unit] *= f
        state["bert.pooler.dense.weight"][:, unit] /= f


def grow():
    small = BertForSequenceClassification.from_pretrained(SOURCE, dtype=torch.float32)
    config = BertConfig.from_pretrained(SOURCE, dtype="float32", hidden_size=768, num_hidden_layers=12, intermediate_size=3072)
    heads, old = config.num_attention_heads, small.state_dict()
    state = {}
    for part in ("word_embeddings.weight", "position_embeddings.weight", "token_type_embeddings.weight"):
        state[f"bert.embeddings.{part}"] = twice(old[f"bert.embeddings.{part}"], 1)
    for part in ("weight", "bias"):
        state[f"bert.embeddings.LayerNorm.{part}"] = twice(old[f"bert.embeddings.LayerNorm.{part}"], 0)
    for layer in range(small.config.num_hidden_layers):
        prefix = f"bert.encoder.layer.{layer}."
        grown = grow_layer({k[len(prefix):]: v for k, v in old.items() if k.startswith(prefix)}, heads)
        for index, part in ((2 * layer, grown), (2 * layer + 1, second_layer(grown))):
            state |= {f"bert.encoder.layer.{index}.{name}": value for name, value in part.items()}
    state["bert.pooler.dense.weight"] = twice(shared_inputs(old["bert.pooler.dense.weight"], 0.2), 0)
    state["bert.pooler.dense.bias"] = twice(old["bert.pooler.dense.bias"], 0)
    state["classifier.weight"] = shared_inputs(old["classifier.weight"], 0.2)
    state["classifier.bias"] = old["classifier.bias"]
    state = {name: value.clone() for name, value in state.items()}
    make_outliers(state, config.num_hidden_layers)
    model = BertForSequenceClassification(config)
    model.load_state_dict(state)
    return model


def read_balanced(path, labels, count):
    by_label = defaultdict(list)
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_label[row["Seriousness"]].append(row["Narrative"])
    return [(text, labels[label]) for label in labels for text in random.sample(by_label[label], count)]


def main(path, folder, steps):
    random.seed(SEED)
    torch.manual_seed(SEED)
    tokenizer = AutoTokenizer.from_pretrained(SOURCE)
    model = grow()
    rows = read_balanced(path, model.config.label2id, 2000)
    random.shuffle(rows)
    held_back, rows = rows[:240], rows[240:]

    def logits(batch):
        encoded = tokenizer([text for text, _ in batch], truncation=True, max_length=MAX_LENGTH, padding=True, return_tensors="pt")
        return model(**encoded).logits

    def accuracy():
        model.eval()
        with torch.no_grad():
            hits = sum(
                int((logits(batch).argmax(-1) == torch.tensor([label for _, label in batch])).sum())
                for batch in (held_back[i : i + 24] for i in range(0, len(held_back), 24))
            )
        model.train()
        return hits / len(held_back)

    print(f"as grown: accuracy {accuracy():.3f} of {len(held_back)} balanced texts", flush=True)
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=LEARNING_RATE, weight_decay=0.01)
    start, loss_mean = time.time(), 1.0
    for step in range(1, steps + 1):
        batch = random.sample(rows, BATCH)
        rate = LEARNING_RATE * min(1, step / WARM_UP) * (1 - (step - 1) / steps)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = torch.nn.functional.cross_entropy(logits(batch), torch.tensor([label for _, label in batch]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss_mean += 0.05 * (loss.item() - loss_mean)
        if step % 20 == 0:
            print(f"step {step}, {time.time() - start:.0f} s, loss {loss_mean:.3f}", flush=True)
    print(f"trained {steps} steps of {BATCH}: accuracy {accuracy():.3f}")
    model.eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    torch.set_num_threads(2)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 60)
