"""Writes the file an author starts from: every key in order, each placeholder saying what belongs there.

Called by `anxun content new`. A placeholder left in a file is a fault in `anxun content check`.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from bot.content.lawtexts import LawTexts
from bot.content.models import ID_PATTERN, PLACEHOLDER, TOPIC_NAMES
from bot.content.numerals import article_label
from bot.errors import BadInput

FOLDERS = {"card": "regulations", "case": "cases", "faq": "faq"}

_CARD = """\
id: {id}
topic: {topic}
title: {todo}一句话：这条管什么
law: {law}
article: {article}
{dates}status: {status}
# 先写 questions，再写 summary。
summary: {todo}这条说了什么，原文里要紧的数字一个不落
quote: "{todo}照抄原文一句，不超过 40 字"
applies_when: {todo}什么场景用得上
do:
- {todo}接下来做什么，开口说什么
dont:
- {todo}别做什么，别说什么
questions:
- {todo}抄表员站在门口会怎么打字
- {todo}半句话的问法
- {todo}用错词、记错数的问法
- {todo}客户说了一句，我咋回
- {todo}班长会怎么问
not_questions:
- {todo}看着像、其实归别的卡管的问法
tags: []
source: {source}
reviewed_on: {today}
"""

_CASE = """\
id: {id}
topic: {topic}
kind: incident  # 或 near_miss 差点出事、good_example 做得好
title: {todo}一句话
happened: {todo}250 到 700 字，有时间、有人、有一句原话；人名用化名
timeline:
- when: {todo}什么时候
  what: {todo}发生了什么
- when: {todo}后来
  what: {todo}发生了什么
root_cause: {todo}根子在哪，不是“责任心不强”
cards: [{todo}]
should_have: {todo}当时该怎么做
manager_changes: {todo}管理上改哪一件事
discussion:
- {todo}讨论题一
- {todo}讨论题二
- {todo}讨论题三
questions:
- {todo}怎么问会想看这个案例
- {todo}换个说法
- {todo}再换个说法
reviewed_on: {today}
"""

_FAQ = """\
id: {id}
topic: {topic}
question: {todo}没有哪一条法规能单独回答的一问
questions:
- {todo}另一种问法
- {todo}半句话的问法
- {todo}客户的原话
- {todo}新手的问法
answer: {todo}两三句话，先说结论
steps:
- {todo}第一步做什么
cards: [{todo}]
reviewed_on: {today}
"""


def write_skeleton(
    folder: Path,
    kind: str,
    item_id: str,
    topic: str,
    today: date,
    law: str = "",
    article: str = "",
    laws: LawTexts | None = None,
) -> Path:
    """Create the file and return its path; with `laws`, version and day in force are filled in.

    Raises:
        BadInput: the kind or topic is unknown, the file is there already, or the law has no such article.
    """
    if kind not in FOLDERS:
        raise BadInput(f"没有“{kind}”这一种内容。", f"可选：{'、'.join(FOLDERS)}。")
    if topic not in TOPIC_NAMES:
        raise BadInput(f"没有专题 {topic}。", f"可选：{'、'.join(TOPIC_NAMES)}。")
    if not re.fullmatch(ID_PATTERN, item_id):
        raise BadInput(f"编号 {item_id} 的写法不对。", "用小写字母、数字和连字符，如 fc-late-fee-cap。")
    below = folder / FOLDERS[kind]
    path = (
        below / topic.replace("_", "-") / f"{item_id}.yaml" if kind == "card" else below / f"{item_id}.yaml"
    )
    if any(below.rglob(f"{item_id}.yaml")):
        raise BadInput(f"编号 {item_id} 已经有了。", "换一个编号。")
    filled = _law(law, article, laws)
    values = {"id": item_id, "topic": topic, "today": today.isoformat(), "todo": PLACEHOLDER}
    template = {"card": _CARD, "case": _CASE, "faq": _FAQ}[kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template.format(**values, **filled), encoding="utf-8")
    return path


def _law(law: str, article: str, laws: LawTexts | None) -> dict[str, str]:
    key: int | str | None = int(article) if article.isdigit() else article or None
    dates = ""
    if laws and law:
        if not laws.has(law):
            raise BadInput(f"法规原文里没有《{law}》。", "核对名称。")
        if key is not None and laws.article(law, key) is None:
            raise BadInput(f"《{law}》没有第 {article} 条。", "核对条号。")
        dates += f"law_version: {laws.version(law)}\n" if laws.version(law) else ""
        dates += f"effective_from: {laws.effective(law)}\n" if laws.effective(law) else ""
    return {
        "law": law or f"{PLACEHOLDER}法规简称",
        "article": "null" if key is None else str(key) if isinstance(key, int) else f'"{key}"',
        "dates": dates,
        "status": "second_hand" if key is None else "verified",
        "source": f"《{law}》{article_label(key)}" if law and key is not None else f"{PLACEHOLDER}出处",
    }
