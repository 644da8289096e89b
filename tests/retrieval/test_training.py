"""Training learns from what it should, never from an answer to the question itself, and gives the same weights again."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BadInput
from bot.retrieval.training.encoder import card_likes
from bot.retrieval.training.examples import Gathering, read_corpus
from bot.retrieval.training.material import Material, Question
from tests.retrieval.fakes import knowledge

ARTICLES = [
    {"id": "n1", "law": "中华人民共和国民法典", "text": "因不可抗力不能履行民事义务的，不承担民事责任。", "latest": True},
    {"id": "o1", "law": "民法通则", "text": "因不可抗力不能履行民事义务的，不承担民事责任。", "latest": False},
    {"id": "n2", "law": "民法典", "text": "不可抗力是不能预见、不能避免且不能克服的客观情况。", "latest": True},
    {"id": "n3", "law": "道路交通安全法", "text": "饮酒后驾驶机动车的，处暂扣六个月机动车驾驶证。并处罚款。", "latest": True},
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
    ours = {"id": "n3", "kind": "case", "q": "喝了酒开车，驾照会怎样"}
    (tmp_path / "ours.jsonl").write_text(json.dumps(ours, ensure_ascii=False), encoding="utf-8")
    return tmp_path


@pytest.fixture
def material(shared: Path) -> Material:
    gathering = Gathering()
    corpus = read_corpus(shared / "articles.jsonl.gz")
    gathering.add_statutes(corpus, shared / "questions.jsonl", shared / "ours.jsonl")
    gathering.add_cards(card_likes(knowledge()))
    gathering.add_pairs(corpus)
    return gathering.material()


def test_newest_wording_is_learned(material: Material) -> None:
    """The positive is the newest article of that wording; equal wordings of other laws are no negatives."""
    asked = material.questions["statutes"][0]

    assert ["民法典 " + ARTICLES[0]["text"]] == [material.texts[row] for row in asked.answers]
    assert {f"{a['law']} {a['text']}" for a in ARTICLES[2:]} == {material.texts[row] for row in asked.hard}
    assert not material.questions["answers"][0].text.startswith("您好")


def test_own_questions_find_their_article(material: Material) -> None:
    """A question we wrote is learned with the article it was written for."""
    ours = material.questions["written"][0]

    assert ["道路交通安全法 " + ARTICLES[3]["text"]] == [material.texts[row] for row in ours.answers]


def test_question_is_not_its_own_answer(material: Material) -> None:
    """A card's question is never among the texts it must find; another clause's card is a hard one."""
    cards = material.questions["cards"]

    assert cards
    assert not any(material.texts[row].endswith("。" + q.text) for q in cards for row in q.answers)
    assert not any(material.groups[row] in q.right for q in cards for row in q.hard)


def test_halves_of_an_article_belong_together(material: Material) -> None:
    """Pairs are made of every wording once, and both sides say something."""
    assert all(left and right for left, right in material.pairs)
    assert len(material.pairs) == len(set(material.pairs))


def test_missing_corpus_is_named(tmp_path: Path) -> None:
    """A wrong folder is one line with the option to use."""
    with pytest.raises(BadInput, match="--shared"):
        read_corpus(tmp_path / "none.jsonl.gz")


def test_training_learns_and_repeats() -> None:
    """Loss falls on examples that can be told apart, and the same seed gives the same weights."""
    torch = pytest.importorskip("torch")
    first, losses = trained()
    second, _ = trained()

    assert losses["questions/cards"][-1] < losses["questions/cards"][0]
    assert {"questions/cards", "teacher/cards", "distil/cards"} == set(losses)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_mined_negatives_never_answer() -> None:
    """What the encoder mistakes for an answer becomes a hard negative, unless it answers too."""
    pytest.importorskip("torch")
    trainer = tiny_trainer({})
    trainer.mine()

    for question in trainer.questions["cards"]:
        assert question.hard
        assert not {trainer.material.groups[row] for row in question.hard} & question.right


def trained() -> tuple[Any, dict[str, list[float]]]:
    """A tiny random BERT after all stages, and its losses."""
    losses: dict[str, list[float]] = {}
    trainer = tiny_trainer(losses)
    trainer.run()
    return trainer.model, losses


def tiny_trainer(losses: dict[str, list[float]]) -> Any:
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from bot.retrieval.training.finetune import Recipe, Stage, Trainer

    answers = [("停电", "三十日"), ("验表", "五个工作日"), ("违约金", "千分之一"), ("投诉", "监管热线")]
    texts = [text for _, text in answers]
    questions = [
        Question(q, (i,), frozenset([i]), tuple(j for j in range(4) if j != i))
        for i, (q, _) in enumerate(answers)
    ]
    material = Material(texts, [0, 1, 2, 3], {"cards": questions}, [(text[:2], text[2:]) for text in texts])
    letters = sorted({c for pair in answers for text in pair for c in text} | set("query:passage "))
    tokenizer = Tokenizer(
        models.WordLevel({w: i for i, w in enumerate(["<unk>", "<pad>", *letters])}, "<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    torch.set_num_threads(1)  # matrices this small only wait for each other
    torch.manual_seed(0)
    model = BertModel(
        BertConfig(vocab_size=len(letters) + 2, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                   intermediate_size=64, max_position_embeddings=64, pad_token_id=1),
        add_pooling_layer=False,
    )  # fmt: skip
    stage = Stage(30, 4, 3e-3, 1, (("cards", 1),))
    recipe = replace(Recipe(), questions=stage, teacher=stage, distil=stage)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>")

    def report(_done: int, _total: int, recent: dict[str, float]) -> None:
        for name, value in recent.items():
            losses.setdefault(name, []).append(value)

    return Trainer(model, wrapped, material, recipe, report)
