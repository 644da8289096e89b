"""Training learns from what it should, never from an answer to the question itself, and gives the same weights again."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BadInput
from bot.retrieval.training.examples import Example, of_cards, of_statutes, read_corpus
from bot.retrieval.training.finetune import Recipe, finetune
from tests.retrieval.fakes import knowledge

ARTICLES = [
    {"id": "n1", "law": "中华人民共和国民法典", "text": "因不可抗力不能履行民事义务的，不承担民事责任。", "latest": True},
    {"id": "o1", "law": "民法通则", "text": "因不可抗力不能履行民事义务的，不承担民事责任。", "latest": False},
    {"id": "n2", "law": "民法典", "text": "不可抗力是不能预见、不能避免且不能克服的客观情况。", "latest": True},
    {"id": "n3", "law": "道路交通安全法", "text": "饮酒后驾驶机动车的，处暂扣六个月机动车驾驶证。", "latest": True},
]  # fmt: skip


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / "articles.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in ARTICLES)
    question = {
        "id": "q",
        "query": "遇上不可抗力要赔吗",
        "gold_ids": ["o1"],
        "answer": "您好，" + "不用赔的。" * 8,
    }
    (tmp_path / "questions.jsonl").write_text(json.dumps(question, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def test_newest_wording_is_learned(shared: Path) -> None:
    """The positive is the newest article of that wording; equal wordings of other laws are no negatives."""
    corpus = read_corpus(shared / "articles.jsonl.gz")
    asked, answered = of_statutes(shared / "questions.jsonl", corpus)

    assert ("民法典 " + ARTICLES[0]["text"],) == asked[0].texts
    assert {corpus.texts[2], corpus.texts[3]} == {text for _, text in asked[0].hard}
    assert not answered[0].query.startswith("您好")


def test_question_is_not_its_own_answer() -> None:
    """A card's question is never among the texts it must find; another clause's card is a hard one."""
    examples = of_cards(knowledge())

    assert all(not any(text.endswith("。" + e.query) for text in e.texts) for e in examples)
    assert all(e.group not in {group for group, _ in e.hard} for e in examples)


def test_missing_corpus_is_named(tmp_path: Path) -> None:
    """A wrong folder is one line with the option to use."""
    with pytest.raises(BadInput, match="--shared"):
        read_corpus(tmp_path / "none.jsonl.gz")


def test_training_learns_and_repeats() -> None:
    """Loss falls on examples that can be told apart, and the same seed gives the same weights."""
    torch = pytest.importorskip("torch")
    first, losses = trained()
    second, _ = trained()

    assert losses[-1] < losses[0]
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def trained() -> tuple[Any, list[float]]:
    """A tiny random BERT after a few steps, and its losses."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    pairs = [("停电", "三十日"), ("验表", "五个工作日"), ("违约金", "千分之一"), ("投诉", "监管热线")]
    letters = sorted({c for pair in pairs for text in pair for c in text} | set("query:passage "))
    tokenizer = Tokenizer(
        models.WordLevel({w: i for i, w in enumerate(["<pad>", "<unk>", *letters])}, "<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    torch.manual_seed(0)
    model = BertModel(
        BertConfig(vocab_size=len(letters) + 2, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                   intermediate_size=64, max_position_embeddings=64),
        add_pooling_layer=False,
    )  # fmt: skip
    examples = [Example(q, (t,), q, frozenset([q])) for q, t in pairs]
    recipe = replace(
        Recipe(), steps=50, batch=4, learning_rate=3e-3, frozen_layers=0, mixture=(("cards", 1),)
    )
    losses: list[float] = []
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>")
    finetune(model, wrapped, {"cards": examples}, recipe, lambda _d, _t, loss: losses.append(loss["cards"]))
    return model, losses
