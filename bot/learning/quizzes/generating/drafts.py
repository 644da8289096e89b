"""What the generators share: likeness of texts, phrases that ask to be done or not, and the draft of an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from bot.content.models import RegulationCard

LONGEST_OPTION = 60
LONGEST_GIST = 110
LONGEST_MISCONCEPTION = 120
_DONT = re.compile(r"^(?:别|不要|不许|不能|不得|严禁|切勿)(?=[^\W\d_])")
_GIVEAWAY = re.compile(r"，(?:这|那|原文|规定|会|是|本来|之前|拖之前|不是|没有用|没用)")
"""A reason behind the deed tells by itself that it must not be done."""
_SPEECH = re.compile(r"[“”]")
_TOLD = re.compile(r"^(?:以为|信“)|忘了|来搪塞|当不办事")
"""So is a deed that names its own mistake."""

Draft = dict[str, Any]
"""An item as YAML: the fields of `bot.content.quizzes.Item`."""


def pairs_of(text: str) -> frozenset[str]:
    """Its two-character pieces, without stops: what likeness is measured by."""
    bare = re.sub(r"[^\w]", "", text)
    return frozenset(bare[n : n + 2] for n in range(len(bare) - 1))


def likeness(first: str, second: str) -> float:
    """Dice's coefficient of the pieces, 0..1."""
    one, two = pairs_of(first), pairs_of(second)
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


def as_deed(dont: str) -> str:
    """别打听是谁举报的 → 打听是谁举报的; "" where it cannot be turned round without hurting it."""
    deed = _DONT.sub("", dont.strip())
    if _GIVEAWAY.search(deed) or _TOLD.search(deed):
        return ""
    turned_twice = re.search(r"[，；。].*(?:别|不要|不能)", deed)
    if (
        deed == dont.strip()
        or turned_twice
        or (deed.startswith(("说", "讲", "答")) and not _SPEECH.search(deed))
    ):
        return ""
    return deed.rstrip("。")


def short(text: str) -> str:
    """As an option: one clause if it has several, "" if even that is too long."""
    text = text.strip().rstrip("。；，")
    if len(text) <= LONGEST_OPTION:
        return text
    first = re.split(r"[。；]", text)[0]
    return first if 6 <= len(first) <= LONGEST_OPTION and first.count("“") == first.count("”") else ""


def balanced(options: Sequence[str], most: float = 2.6) -> bool:
    """Whether no option stands out by its length."""
    lengths = [len(one) for one in options]
    return max(lengths) <= most * max(4, min(lengths))


def current(cards: Iterable[RegulationCard]) -> list[RegulationCard]:
    return [card for card in cards if not card.superseded_by]


def chance(source: str, seed: int) -> Random:
    """The same draft from the same source."""
    return Random(f"{seed}-{source}")  # noqa: S311


def clause(card: RegulationCard) -> str:
    """How the explanation names its source."""
    if card.status == "verified":
        numbers = "、".join(
            f"第{one}条" if isinstance(one, int) else "第{}条之{}".format(*str(one).split("之"))
            for one in card.articles
        )
        return f"《{card.law}》{numbers}" if len(card.articles) <= 3 else f"《{card.law}》"
    kind = "公司规定" if card.status == "company_rule" else "二手资料"
    return f"{kind}，以本单位现行文件为准"


def explained(card: RegulationCard, text: str) -> str:
    return f"{text.rstrip('。')}（{clause(card)}）。"


def because(card: RegulationCard, told: str = "") -> str:
    """What is told, then the rule behind it in a breath, and where it stands."""
    return explained(card, f"{told.rstrip('。')}。{gist(card.summary)}".removeprefix("。"))


def gist(text: str) -> str:
    """As many whole sentences as fit into a breath, one at least, and no quotation left open."""
    kept = whole = ""
    for sentence in re.split(r"(?<=。)(?!”)|(?<=[。？！]”)", text):
        if whole and len(kept) + len(sentence) > LONGEST_GIST:
            break
        kept += sentence
        if kept.count("“") == kept.count("”"):
            whole = kept
    return closed(whole or text)


def closed(text: str) -> str:
    """With one stop at its end, inside the quotation if it ends with one."""
    text = text.strip().rstrip("；")
    return text if text.endswith(("。", "。”", "？”", "！”")) else f"{text}。"


def belief(text: str) -> str:
    """A misconception within its limit, cut at a stop and never within a word or a quotation."""
    if len(text) <= LONGEST_MISCONCEPTION:
        return text
    for place in range(LONGEST_MISCONCEPTION - 1, 0, -1):
        kept = text[:place]
        if text[place] in "，；：、。" and kept.count("“") == kept.count("”"):
            return f"{kept}…"
    return f"{text[: LONGEST_MISCONCEPTION - 1]}…"


def single(
    draft_id: str,
    stem: str,
    right: str,
    wrong: Sequence[Mapping[str, str]],
    explanation: str,
    cards: Sequence[str],
    level: int,
    rng: Random,
) -> Draft:
    options: list[dict[str, Any]] = [{"text": right, "correct": True}, *map(dict, wrong)]
    rng.shuffle(options)
    return {
        "id": draft_id, "kind": "single", "stem": stem, "level": level, "options": options, "explanation": explanation, "cards": list(cards),
    }  # fmt: skip
