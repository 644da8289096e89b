"""The law's own words, read from folders of texts: Markdown files `名称(日期).md` and JSON-lines of articles.

Only `anxun content check --law-texts` uses it; the running bot never needs the texts.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.content.numerals import chinese_to_int

_FILE = re.compile(r"^(?P<law>.+?)(?:\((?P<day>\d{4}-\d{2}-\d{2})\))?$")
_ARTICLE = re.compile(
    r"^第(?P<number>[零〇一二三四五六七八九十百千]+)条(?:之(?P<part>[一二三四五六七八九十]+))?[\s　]*"
)
_PART = re.compile(r"-(总则|物权编|合同编|人格权编|婚姻家庭编|继承编|侵权责任编|附则)$")

_IN_FORCE = re.compile(
    r"自(\d{4}|[〇零一二三四五六七八九]{4})年(\d{1,2}|[一二三四五六七八九十]{1,3})月(\d{1,2}|[一二三四五六七八九十]{1,3})日起(?:正式)?(?:施行|实施|执行)"
)

ArticleKey = int | str


class LawTexts:
    """Articles by law and number, newest version only.

    `version(law)` is None when the text's date is not known (it lies beside its siblings without one).
    """

    def __init__(self) -> None:
        self._articles: dict[str, dict[ArticleKey, str]] = {}
        self._versions: dict[str, date | None] = {}

    @classmethod
    def read(cls, folders: list[Path]) -> LawTexts:
        texts = cls()
        for folder in folders:
            for path in sorted(folder.rglob("*.md")):
                texts._add_markdown(path)
        for folder in folders:
            for path in sorted([*folder.rglob("*.jsonl"), *folder.rglob("*.jsonl.gz")]):
                texts._add_json_lines(path)
        return texts

    def has(self, law: str) -> bool:
        return law in self._articles

    def version(self, law: str) -> date | None:
        return self._versions.get(law)

    def article(self, law: str, key: ArticleKey) -> str | None:
        """The text of one article (its paragraphs joined by line breaks), or None."""
        return self._articles.get(law, {}).get(key)

    def effective(self, law: str) -> date | None:
        """The day this version came into force, as its own last articles say it.

        None when they do not: "自公布之日起施行", or a law amended since, whose text keeps the first version's day.
        """
        version = self.version(law)
        for text in reversed(self._articles.get(law, {}).values()):
            if match := _IN_FORCE.search(text):
                year, month, day = (int(p) if p.isdigit() else chinese_to_int(p) for p in match.groups())
                found = date(year or 1, month or 1, day or 1)
                return found if version and found >= version else None
        return None

    def __len__(self) -> int:
        return len(self._articles)

    def _add_markdown(self, path: Path) -> None:
        match = _FILE.match(path.stem)
        if not match:
            return
        name = match["law"]
        law = _PART.sub("", name)
        day = date.fromisoformat(match["day"]) if match["day"] else None
        articles = dict(_articles_of(path.read_text(encoding="utf-8")))
        if articles:
            self._put(law, day, articles, merge=law != name)

    def _add_json_lines(self, path: Path) -> None:
        versions: dict[tuple[str, date], dict[ArticleKey, str]] = {}
        with (
            path.open(encoding="utf-8")
            if path.suffix != ".gz"
            else gzip.open(path, "rt", encoding="utf-8") as lines
        ):
            for line in lines:
                row = json.loads(line)
                head = _ARTICLE.match(str(row.get("article", "")))
                if not head or not row.get("date") or row.get("latest") is False:
                    continue
                law = row["law"].removeprefix("中华人民共和国")
                day = date.fromisoformat(row["date"])
                versions.setdefault((law, day), {})[_key(head)] = row["text"]
        for (law, day), articles in versions.items():
            self._put(law, day, articles, merge=False)

    def _put(self, law: str, day: date | None, articles: dict[ArticleKey, str], *, merge: bool) -> None:
        held = self._versions.get(law)
        if merge:
            self._articles.setdefault(law, {}).update(articles)
            self._versions.setdefault(law, day)
        elif law not in self._articles or (day and held and day > held):
            self._articles[law] = articles
            self._versions[law] = day


def _key(head: re.Match[str]) -> ArticleKey:
    number = chinese_to_int(head["number"])
    return f"{number}之{head['part']}" if head["part"] else int(number or 0)


def _articles_of(text: str) -> Iterator[tuple[ArticleKey, str]]:
    body = text.split("<!-- INFO END -->")[-1]
    key: ArticleKey | None = None
    lines: list[str] = []
    for raw in body.splitlines():
        line = raw.replace("**", "").strip()
        head = _ARTICLE.match(line)
        if head or line.startswith("#"):
            if key is not None:
                yield key, "\n".join(lines)
            key = _key(head) if head else None
            lines = [line[head.end() :]] if head else []
        elif line and key is not None:
            lines.append(line)
    if key is not None:
        yield key, "\n".join(lines)
