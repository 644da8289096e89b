"""Stand-ins for retrieval's tests: an encoder without a model, a knowledge base of five items."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.content.loader import Knowledge
from bot.content.models import CaseStudy, Faq, Moment, RegulationCard
from bot.content.terms import Terms, load_terms
from bot.retrieval.answering.answer import Models
from bot.retrieval.ranker import FEATURES as RANKED_BY
from bot.retrieval.ranker import Ranker
from bot.retrieval.refusal import FEATURES, Confidence
from bot.settings import Settings

Vectors = npt.NDArray[np.float32]


class FakeEncoder:
    """Unit vectors from hashed pairs of characters, with cosines between .75 and 1 as the real encoder's are."""

    dim = 257

    def __init__(self, fingerprint: str = "fake-1") -> None:
        self.fingerprint = fingerprint
        self.encoded = 0

    def encode_queries(self, texts: list[str]) -> Vectors:
        return np.array([self._row(text) for text in texts], np.float32).reshape(-1, self.dim)

    def encode_passages(self, texts: list[str]) -> Vectors:
        self.encoded += len(texts)
        return self.encode_queries(texts)

    def _row(self, text: str) -> Vectors:
        row = np.zeros(self.dim, np.float32)
        for pair in (text[i : i + 2] for i in range(max(len(text) - 1, 1))):
            row[1 + int.from_bytes(hashlib.blake2b(pair.encode(), digest_size=4).digest()) % 256] += 1
        row *= 0.5 / max(float(np.linalg.norm(row)), 1e-6)
        row[0] = np.sqrt(0.75)
        return row / np.float32(np.linalg.norm(row))


def confidence(threshold: float = 0.5) -> Confidence:
    """Sure by what the question and the card have in common, so that tests can foresee it."""
    weight = dict.fromkeys(FEATURES, 0.0) | {"echo": 8.0, "foreign": -8.0}
    return Confidence(dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 1.0), weight, -3.0, threshold)


def models() -> Models:
    """Fake encoders, and a ranker that goes by likeness and words, so that tests can foresee it."""
    weight = dict.fromkeys(RANKED_BY, 0.0)
    weight |= {"question": 1.0, "text": 0.5, "words": 2.0, "whole": 2.0, "lookalike": -50.0, "case": -1.0}
    ranker = Ranker(dict.fromkeys(RANKED_BY, 0.0), dict.fromkeys(RANKED_BY, 1.0), weight)
    return Models(FakeEncoder(), FakeEncoder("fake-static"), ranker, confidence(), confidence())


def terms(folder: Path) -> Terms:
    words = folder / "words.txt"
    words.write_text("违约金 1000 n\n欠费 500 n\n停电 500 n\n拉闸 500 n\n", encoding="utf-8")
    return Terms(
        words,
        (("停电", "拉闸", "掐电"), ("违约金", "电费违约金")),
        {"欠废": "欠费", "违月金": "违约金"},
        load_terms(Settings.read({}).knowledge / "terms").stopwords,
    )


def card(id: str, **changes: object) -> RegulationCard:
    values: dict[str, object] = {
        "id": id,
        "topic": "fee_collection",
        "title": "逾期超过30日才可以停电",
        "law": "电力供应与使用条例",
        "article": 39,
        "law_version": date(2019, 3, 2),
        "effective_from": date(1996, 9, 1),
        "status": "verified",
        "summary": "逾期超过30日，催过了还是没交，供电企业才可以按程序停电。",
        "quote": "经催交仍未交付电费的",
        "applies_when": "客户欠费，员工想知道几时可以停电",
        "do": ("先查逾期多少天", "先发催交通知"),
        "dont": ("别说今天就停",),
        "questions": (
            "欠费多久可以停电",
            "客户不交电费能拉闸吗",
            "逾期几天能停",
            "催了不交咋办",
            "欠一个月能停电吗",
        ),
        "not_questions": ("物业拿停电逼物业费",),
        "source": "条例第39条",
        "reviewed_on": date(2026, 11, 24),
    }
    return RegulationCard.model_validate(values | changes)


def knowledge() -> Knowledge:
    cards = [
        card("fc-stop"),
        card(
            "fc-fee", title="违约金每天1‰到3‰", summary="逾期每天按电费总额的1‰到3‰加收违约金，比例看合同。",
            applies_when="客户问违约金怎么算", not_questions=(), quote="",
            questions=("违约金一天收多少", "违约金怎么算", "晚交电费加多少钱", "违约金比例谁定", "违约金能不能少收"),
        ),
        card(
            "nb-property", topic="new_business", title="物业不能拿停电逼物业费", law="民法典", article=944,
            summary="业主欠物业费，物业可以催告、起诉，但不得用停止供电的办法催交。", quote="", not_questions=(),
            applies_when="物业把业主的电停了", do=("查清是谁拉的闸", "告诉业主可以打12345"),
            questions=("物业停电催物业费合法吗", "物业把业主电闸拉了", "欠物业费能停电吗", "物业断电找谁", "物业停水停电"),
        ),
        card(
            "ws-law", topic="work_safety", title="威胁辱骂要拘留罚款", law="治安管理处罚法", article=(26, 50),
            formerly="2012年版为第42条", summary="威胁他人人身安全、公然侮辱的，可以拘留。", not_questions=(), quote="",
            applies_when="上门被人威胁", questions=("被客户威胁怎么办", "客户骂人归谁管", "堵门打人", "恐吓短信", "砸营业厅"),
        ),
        card(
            "nb-check", topic="new_business", title="客户要验表：5个工作日内给结果", law="供电营业规则", article=None,
            status="second_hand", not_questions=(), quote="", applies_when="客户疑心表不准",
            summary="据题库整理，客户可以申请校验，5个工作日内给结果。条文未见原文，以本公司/当地现行文件为准。",
            questions=("验表几天出结果", "表不准怎么验", "客户要校表", "验表要多久", "申请验表怎么办"),
        ),
    ]  # fmt: skip
    case = CaseStudy(
        id="case-day-twenty", topic="fee_collection", kind="incident", title="第二十天就拉了闸",
        happened="收费员在逾期第二十天就把闸拉了，客户投诉到监管。" * 12,
        timeline=(Moment(when="第1天", what="到期没交"), Moment(when="第20天", what="拉闸")),
        root_cause="没有查逾期天数", cards=("fc-stop",), should_have="等满三十日并催交", manager_changes="停电前双人核对",
        discussion=("错在哪一步", "谁该把关", "怎么补救"), questions=("不到三十天停电的案例", "提前停电被投诉的事", "拉闸拉早了"),
        reviewed_on=date(2026, 11, 24),
    )  # fmt: skip
    faq = Faq(
        id="faq-instalment", topic="fee_collection", question="客户想分期交怎么答",
        questions=("能不能分三个月交", "一次交不清", "先交一半行吗", "分期要什么手续"),
        answer="先问清欠多少、能先交多少，登记后报班长审批，别当场答应。", cards=("fc-stop",), reviewed_on=date(2026, 11, 24),
    )  # fmt: skip
    return Knowledge({c.id: c for c in cards}, {case.id: case}, {faq.id: faq}, {}, {})
