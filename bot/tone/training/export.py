"""A fitted network as what ships: one int8 ONNX graph, its tokenizer, and what was calibrated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.tone.listening import LABELS


def export(network: Any, tokenizer: Any, folder: Path, work: Path) -> None:
    """Write model.onnx and tokenizer.json; `work` holds what is thrown away.

    Unsigned weights, as signed ones overflow on processors without VNNI.
    """
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    folder.mkdir(parents=True, exist_ok=True)
    network.bert.set_attn_implementation(
        "eager"
    )  # the fused kernel leaves shape checks of one example in the graph
    ids = torch.randint(4, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        network, (ids, mask), str(work / "float.onnx"), input_names=["input_ids", "attention_mask"],
        output_names=["values"], opset_version=17, dynamo=False,
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "values": axes},
    )  # fmt: skip
    quant_pre_process(str(work / "float.onnx"), str(work / "prepared.onnx"), skip_symbolic_shape=True)
    quantize_dynamic(
        str(work / "prepared.onnx"), str(folder / "model.onnx"), op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True, weight_type=QuantType.QUInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def write_config(
    folder: Path, base: str, crossed: float, trusted: Sequence[str], cuts: Sequence[float]
) -> None:
    """Write config.json beside the model; `crossed`, `trusted` and `cuts` as `Listener` says."""
    config = {
        "base": base,
        "labels": list(LABELS),
        "crossed": round(crossed, 3),
        "trusted": list(trusted),
        "cuts": [round(cut, 2) for cut in cuts],
        "sha256": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in ("model.onnx", "tokenizer.json")
        },
    }
    (folder / "config.json").write_text(
        json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
