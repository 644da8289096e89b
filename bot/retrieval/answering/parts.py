"""Splits a question that asks two things: 欠费多久停电，停了多久能复？ `bot.retrieval.answering.answer` tries to answer each."""

from __future__ import annotations

import re

MOST_PARTS = 3
_BREAK = re.compile(r"[？?；;。\n]+|[，,、]|(?=还有|另外|以及|顺便问|再问)")
_ASKS = re.compile(
    "多久|多少|几[天日年月次个点条样]|怎么|咋|谁|什么|啥|哪|如何|能不能|可不可以|要不要|行不行|会不会|算不算|是不是|有没有|用不用|该不该|吗|么$|呢$|为何"
)
_LEADS = re.compile("^(?:那么?|还有|另外|以及|顺便问(?:一?下)?|再问(?:一?下)?|然后|和|跟|同时)+")


def parts_of(question: str) -> list[str]:
    """Two or three parts that each ask something, or nothing when the question asks one thing or too many.

    What asks nothing itself tells the circumstances, and belongs to the part after it (the last one to the part before).
    """
    parts: list[str] = []
    told = ""
    for piece in (p.strip() for p in _BREAK.split(question)):
        if not piece:
            continue
        told = f"{told}，{piece}" if told else _LEADS.sub("", piece)
        if _ASKS.search(piece):
            parts.append(told)
            told = ""
    if told and parts:
        parts[-1] += f"，{told}"
    return parts if 2 <= len(parts) <= MOST_PARTS else []
