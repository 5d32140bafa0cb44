"""Exports a BERT classifier as @huggingface/transformers reads it: `exportOnnx.py MODEL_DIR OUTPUT_DIR MAX_LENGTH`.

Follows scripts/convert.py and scripts/quantize.py of huggingface/transformers.js: the TorchScript exporter, onnxslim, and for
q8 dynamic quantization of all integer operators with signed weights per channel of seven bits (per_channel, reduce_range) and
unsigned activations per batch. Of eager or fused attention and TorchScript or dynamo, eager TorchScript ran fastest in ONNX
Runtime 1.30, so that is what the peer gets.
"""

import os
import sys
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import onnx
import onnxslim
import torch
from onnxruntime.quantization import QuantizationMode, QuantType
from onnxruntime.quantization.onnx_quantizer import ONNXQuantizer
from onnxruntime.quantization.registry import IntegerOpsRegistry
from transformers import AutoModelForSequenceClassification, AutoTokenizer

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


class Logits(torch.nn.Module):
    """A classifier whose inputs are named as the exported graph names them and whose only output is [batch, labels]."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).logits


def export(model, example, path):
    axes = {name: {0: "batch", 1: "sequence"} for name in INPUTS}
    torch.onnx.export(
        Logits(model),
        tuple(example[name] for name in INPUTS),
        path,
        input_names=INPUTS,
        output_names=["logits"],
        dynamic_axes={**axes, "logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    onnx.save(onnxslim.slim(path), path)


def quantize(source, target):
    quantizer = ONNXQuantizer(
        onnx.load(source),
        per_channel=True,
        reduce_range=True,
        mode=QuantizationMode.IntegerOps,
        static=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=None,
        nodes_to_quantize=[],
        nodes_to_exclude=[],
        op_types_to_quantize=set(IntegerOpsRegistry),
        extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True},
    )
    quantizer.quantize_model()
    onnx.save(quantizer.model.model, target)


def main(source, output, max_length):
    tokenizer = AutoTokenizer.from_pretrained(source)
    # The pipeline of transformers.js takes the length at which it truncates from here.
    tokenizer.model_max_length = max_length
    tokenizer.save_pretrained(output)
    model = AutoModelForSequenceClassification.from_pretrained(
        source, attn_implementation="eager", dtype=torch.float32
    ).eval()
    model.config.save_pretrained(output)
    example = tokenizer(["Fever.", "Rash over both arms, seen by her doctor."], padding=True, return_tensors="pt")
    os.makedirs(os.path.join(output, "onnx"))
    fp32 = os.path.join(output, "onnx", "model.onnx")
    export(model, example, fp32)
    quantize(fp32, os.path.join(output, "onnx", "model_quantized.onnx"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
