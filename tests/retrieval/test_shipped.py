"""The shipped encoder, refusal model and cards together: the promises people notice."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.asking import FOLLOWUP, open_models
from bot.content.loader import load_knowledge
from bot.content.terms import load_terms
from bot.errors import NotReady
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.danger import ITEMS
from bot.retrieval.answering.followup import FollowUps
from bot.retrieval.answering.followup_decision import Decision
from bot.retrieval.encoder import OnnxEncoder
from bot.retrieval.engine import content_ids
from bot.retrieval.evaluation.clauses import clauses_of, holds
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.passages import passages_of
from bot.retrieval.refusal import Confidence
from bot.retrieval.shipped import shipped_rows
from bot.settings import Settings

BLIND = Path(__file__).resolve().parents[2] / "benchmarks" / "retrieval" / "questions" / "blind.jsonl"


def test_questions_of_strangers_are_split_well(shipped: Answerer) -> None:
    """On 300 questions by somebody who saw no card, most find a right clause, and what nobody can answer is refused."""
    first, three, refused = [], [], []
    for line in BLIND.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        answer = shipped.ask(row["question"])
        if not row["accept"]:
            refused.append(not answer.answered)
            continue
        right = [holds(c, clauses_of(row)) for c in answer.citations[:3]]
        first.append(right[:1] == [True])
        three.append(any(right))

    assert sum(first) / len(first) >= 0.7
    assert sum(three) / len(three) >= 0.8
    assert sum(refused) / len(refused) >= 0.8


def test_first_start_need_not_encode(encoder: OnnxEncoder) -> None:
    """The vectors of nearly all passages ship, and they are what the encoder makes of them."""
    texts = sorted({p.titled for p in passages_of(load_knowledge(Settings.read({}).knowledge))})
    ids, rows = shipped_rows(encoder.fingerprint, encoder.dim)
    wanted = content_ids(texts)

    assert np.isin(wanted, ids).mean() >= 0.95, "运行 anxun train passages"
    sample = [n for n in range(0, len(texts), len(texts) // 30) if wanted[n] in ids]
    made = encoder.encode_passages([texts[n] for n in sample])
    kept = rows[np.searchsorted(ids, wanted[sample])]
    assert (
        (made * kept).sum(1) / np.linalg.norm(kept, axis=1)
    ).min() > 0.96  # activations are scaled by batch


@pytest.mark.parametrize(
    ("question", "item"),
    [
        ("有人触电了先干什么", "ws-electric-shock-rescue"),
        ("物业能停电催物业费吗", "nb-property-no-power-cut"),
        ("欠费多少天才可以停电", "fc-over-30-days"),
        ("上门抄表被狗咬了谁赔", "ws-dog-attack"),
    ],
)
def test_everyday_questions_find_their_card(shipped: Answerer, question: str, item: str) -> None:
    """What staff ask every week is answered from the right card."""
    assert item in [c.id for c in shipped.ask(question).citations]


def test_wrong_deadline_is_denied(shipped: Answerer) -> None:
    """Three days are not thirty: the answer begins with no."""
    assert shipped.ask("欠费三天就能拉闸吧？").answer.startswith("不是。")


def test_damaged_coefficients_are_named(tmp_path: Path) -> None:
    """A refusal model that does not fit the code is not used."""
    path = tmp_path / "coefficients.json"
    path.write_text('{"mean": {}, "scale": {}, "weight": {}, "bias": 0, "threshold": 0.5}', encoding="utf-8")

    with pytest.raises(NotReady, match="拒答模型"):
        Confidence.load(path)


def test_bare_word_of_another_topic_stands_alone(shipped: Answerer) -> None:
    """密码 after a talk about reconnecting asks back about passwords, and does not repeat the talk."""
    earlier = [shipped.ask("客户欠费多久可以停电"), shipped.ask("交清了多久复电")]
    reading = FollowUps(shipped, Decision.load(FOLLOWUP)).read("密码", earlier)

    assert "new" == reading.kind and reading.block.choices


@pytest.mark.parametrize(
    ("said", "item"),
    [
        ("用户拿刀威胁我 说敢停就砍我", "safety-threatened-at-door"),
        ("有人拿刀要砍我", "safety-threatened-at-door"),
        ("110", "safety-threatened-at-door"),
        ("同事触电了", "ws-electric-shock-rescue"),
        ("表箱着火了", "fire"),
    ],
)
def test_danger_is_never_refused(shipped: Answerer, said: str, item: str) -> None:
    """Whoever is in danger gets what to do, not a menu and not a refusal."""
    block = shipped.ask(said)

    assert block.answered
    assert any(item in c.id for c in block.citations) or item == "fire"
    assert block.answer == shipped.explain(said).answer


def test_every_danger_has_its_item(shipped: Answerer) -> None:
    """The items that danger leads to are in the knowledge base."""
    assert all(shipped.about(item, "怎么办") for item in ITEMS)


def test_same_words_are_not_said_twice(shipped: Answerer) -> None:
    """A follow-up whose answer is the last one again gets what speaks to it, or hears that nothing does."""
    reader = FollowUps(shipped, Decision.load(FOLLOWUP))
    first = reader.read("家里有呼吸机的欠费能停电吗").block
    again = reader.read("那工厂呢", [first]).block

    assert again.answer != first.answer


def test_own_document_is_answered_from(encoder: OnnxEncoder, tmp_path: Path) -> None:
    """With the shipped models a company's own rule answers what no card does, and what neither knows stays refused."""
    rule = "抢修车辆钥匙由值班长统一保管，领用登记，当班归还。"
    settings = Settings.read({})
    answerer = Answerer(
        load_knowledge(settings.knowledge),
        load_terms(settings.knowledge / "terms"),
        replace(open_models(settings), encoder=encoder),
        tmp_path,
        pieces=[Piece("doc-0a0a0a0a-0b0b0b0b", "车辆使用规定.docx", 1, rule, ("车辆使用规定",), 1)],
    )
    answer = answerer.ask("抢修车的钥匙归谁保管")

    explained = answerer.explain("抢修车的钥匙归谁保管")
    odds = explained.bias + sum(r.adds for r in explained.sure_by)

    assert answer.answered and "值班长" in answer.answer
    assert answer.confidence == round(1 / (1 + math.exp(-odds)), 3)
    assert "单位文件" == answer.citations[0].status_label
    assert not answerer.ask("北京到上海的高铁几点发车").answered
    assert "fc-over-30-days" in [c.id for c in answerer.ask("欠费多少天才可以停电").citations]
