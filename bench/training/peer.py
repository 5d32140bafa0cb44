"""Trains with PyTorch and transformers, a step at a time: the peer of `npm run bench:training`.

Reads a JSON object a line and answers with one: {"model", "threads"} loads a classifier for Adam at 5e-5 with its own dropout;
{"sequences", "labels"} takes a step on texts padded to the longest and gives its seconds; {} ends, with the peak memory in bytes.
"""

import json
import os
import resource
import sys
import time
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import torch
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def step(model, optimizer, sequences, labels):
    longest = max(map(len, sequences))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in sequences])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in sequences])
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    loss = model(input_ids=ids, attention_mask=mask, labels=torch.tensor(labels)).loss
    loss.backward()
    optimizer.step()
    value = loss.item()
    return {"seconds": time.perf_counter() - start, "loss": value}


def main():
    model = optimizer = None
    for line in sys.stdin:
        command = json.loads(line)
        if "model" in command:
            torch.set_num_threads(command["threads"])
            model = AutoModelForSequenceClassification.from_pretrained(command["model"], dtype=torch.float32).train()
            optimizer = torch.optim.Adam(model.parameters(), lr=5e-5)
            answer = {"version": torch.__version__}
        elif "sequences" in command:
            answer = step(model, optimizer, command["sequences"], command["labels"])
        else:
            answer = {"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
        print(json.dumps(answer), flush=True)
        if "peakBytes" in answer:
            break


if __name__ == "__main__":
    main()
