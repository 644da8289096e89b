"""Writes models/jieba-small/dict.txt: jieba's dictionary without rare and long words, so that it loads in a blink.

    python -m benchmarks.retrieval.small_dictionary

Single characters are all kept. What is dropped is still cut well enough by jieba's own model for unknown words, and the
trade's words come from knowledge/terms/words.txt.
"""

from __future__ import annotations

import re
from pathlib import Path

import jieba

from bot.settings import ROOT

OUT = ROOT / "models" / "jieba-small" / "dict.txt"
COMMON = 30
LONGEST = 4
_CHINESE = re.compile("[一-鿿]+")


def main() -> None:
    source = Path(jieba.__file__).with_name("dict.txt")
    kept = []
    for line in source.read_text(encoding="utf-8").splitlines():
        word, frequency, _ = line.split(" ")
        if _CHINESE.fullmatch(word) and (
            len(word) == 1 or (len(word) <= LONGEST and int(frequency) >= COMMON)
        ):
            kept.append(f"{word} {frequency}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(kept) + "\n", encoding="utf-8")
    print(len(kept), "words,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
