"""Writes test/fixtures/pytorchFile.json: files of torch.save as base64, and what torch.load reads in them.

python test/oracles/pytorchFile.py > test/fixtures/pytorchFile.json  (PyTorch 2.x; the version is recorded)
"""

import base64
import collections
import io
import json
import sys
import zipfile

import torch

torch.manual_seed(0)
base = torch.randn(6, 8)
TENSORS = collections.OrderedDict(
    full=base,
    transposed=base.t(),
    slice=base[1:5:2, 2:7:3],
    column=base[:, 3],
    expanded=torch.randn(1, 5).expand(4, 5),
    permuted=torch.randn(2, 3, 4, 5).permute(3, 1, 0, 2),
    scalar=torch.tensor(3.5),
    empty=torch.empty(0, 4),
    half=torch.randn(4, 6).half().t(),
    brain=torch.randn(3, 5).bfloat16(),
    double=torch.randn(3).double(),
    parameter=torch.nn.Parameter(torch.randn(2, 2)),
)
TENSORS._metadata = collections.OrderedDict([("", {"version": 1})])
TRAINING = {
    "epoch": 3,
    "rate": 5e-5,
    "rng": b"ab\xff",
    "seen": {1, 2},
    "frozen": frozenset([1]),
    "big": 2**70,
    "none": None,
    "position_ids": torch.arange(4),
    "state_dict": TENSORS,
    "optimizer": {"state": {0: {"exp_avg": torch.randn(3)}}, "param_groups": [{"betas": (0.9, 0.999)}]},
}


def saved(**options):
    stream = io.BytesIO()
    torch.save(TRAINING, stream, **options)
    return stream.getvalue()


def repacked(data, compression, byte_order):
    """The archive with another compression or mark of byte order; the elements stay as they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", compression) as target:
        for name in source.namelist():
            target.writestr(name, byte_order if name.endswith("/byteorder") else source.read(name))
    return stream.getvalue()


def expected(data):
    # Python unpickles a frozenset only when it is told that the file is trusted: it was written above.
    tensors = torch.load(io.BytesIO(data), weights_only=False)["state_dict"]
    # As bits: a big-endian reading of little-endian numbers gives NaN as well.
    bits = lambda tensor: base64.b64encode(tensor.detach().float().contiguous().numpy().tobytes()).decode()
    return {name: {"shape": list(tensor.shape), "float32": bits(tensor)} for name, tensor in tensors.items()}


archive = saved()
files = {
    "zip": archive,
    "legacy": saved(_use_new_zipfile_serialization=False),
    "zip of pickle protocol 4": saved(pickle_protocol=4),
    "legacy of pickle protocol 5": saved(pickle_protocol=5, _use_new_zipfile_serialization=False),
    "big-endian": repacked(archive, zipfile.ZIP_STORED, b"big"),
    "compressed": repacked(archive, zipfile.ZIP_DEFLATED, b"little"),
}
cases = [
    {"name": name, "bytes": base64.b64encode(data).decode(), "tensors": expected(data)} for name, data in files.items()
]
json.dump({"made_with": {"torch": torch.__version__}, "cases": cases}, sys.stdout, indent=2)
sys.stdout.write("\n")
