"""What a quiz set says of others: the cards it rests on exist, no item's id is used twice, every region is in its picture."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

from bot.content.quizzes import Item, QuizSet
from bot.errors import Fault

PICTURES = Path("quizzes") / "pictures"
_REGION = re.compile(r'<g id="([^"]+)" data-letter="([A-F])"')
LETTERS = "ABCDEF"


def quiz_faults(
    sets: Mapping[str, QuizSet], sources: Container[str], files: Mapping[str, str], root: Path
) -> Iterator[Fault]:
    """`sources` are the ids of cards, cases and answers; `root` is knowledge/."""
    owner: dict[str, str] = {}
    titles: dict[str, str] = {}
    for one in sets.values():
        file = files[one.id]
        first = titles.setdefault(one.title, one.id)
        if first != one.id:
            yield Fault(
                file, "title", f"“{one.title}”也是 {first} 的名字", "换个名字，说“测验：…”时才分得清。"
            )
        for item in one.items:
            if owner.setdefault(item.id, one.id) != one.id:
                yield Fault(file, f"items.{item.id}", f"编号也在 {owner[item.id]} 里", "换一个编号。")
            for card in item.cards:
                if card not in sources:
                    yield Fault(
                        file, f"items.{item.id}.cards", f"没有卡片 {card}", "改成已有的编号，或先写那张卡。"
                    )
            if item.picture:
                yield from _picture_faults(item, file, root)


def _picture_faults(item: Item, file: str, root: Path) -> Iterator[Fault]:
    path = root / PICTURES / f"{item.picture}.svg"
    if not path.is_file():
        yield Fault(
            file, f"items.{item.id}.picture", f"没有图 {item.picture}", f"画一张放进 {PICTURES.as_posix()}/。"
        )
        return
    drawn = {letter: region for region, letter in _REGION.findall(path.read_text(encoding="utf-8"))}
    for letter, option in zip(LETTERS, item.options, strict=False):
        if option.region and drawn.get(letter) != option.region:
            found = f"图里 {letter} 是 {drawn[letter]}" if letter in drawn else f"图里没有 {letter}"
            yield Fault(
                file,
                f"items.{item.id}.options",
                f"{found}，这里写的是 {option.region}",
                "选项按图上的字母排，region 和图里的 id 写成一样。",
            )
