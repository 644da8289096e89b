"""How many slips of pinyin input are put right, and what that costs: `python -m benchmarks.retrieval.slips [--show]`.

questions/slips.jsonl holds sentences as an input method spoils them beside what was meant; half of them ("blind") were
not looked at while the repair was built. A change to an ordinary question of questions/train.jsonl counts as harm unless
it is listed in `MEANT`: some of those questions were themselves written with slips. Milliseconds are of the processor.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.content.loader import read_knowledge
from bot.content.terms import load_terms
from bot.retrieval.passages import passages_of
from bot.retrieval.tokens import Tokens
from bot.settings import Settings
from bot.text import normalise

QUESTIONS = Path(__file__).with_name("questions")
MEANT = frozenset({
    "隐私", "催费", "违约金", "欠费", "滞纳金", "户号", "电费", "电源", "用电", "过户",
    "变压器", "电表", "转供电", "窃电", "偷电", "鱼塘", "光伏板", "调岗", "密码", "贴门上",
})  # fmt: skip
"""What the slips in train.jsonl stand for."""
TRADITIONAL = "違約金怎麼算，能不能減免一點？"


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (QUESTIONS / name).read_text(encoding="utf-8").splitlines()]


def learned() -> Tokens:
    """The tokens as the bot has them once its knowledge is read."""
    settings = Settings.read()
    tokens = Tokens(load_terms(settings.knowledge / "terms"))
    knowledge, _ = read_knowledge(settings.knowledge)
    tokens.words_of([p.text for p in passages_of(knowledge)], settings.data / "cache" / "words.json")
    return tokens


def outcome(question: str, clean: str, repaired: str) -> str:
    """`repaired`: as it was meant; `beside`: the word meant stands behind the question; `missed`: anything else."""
    if repaired == clean:
        return "repaired"
    added = repaired.removeprefix(question).split() if repaired.startswith(question) else []
    return "beside" if added and all(word in clean for word in added) else "missed"


def is_harm(question: str, repaired: str) -> bool:
    return repaired != question and not any(w in repaired and w not in question for w in MEANT)


def cost_ms(work: Callable[[str], object], texts: list[str]) -> float:
    """Median milliseconds of processor time for one text."""
    taken = []
    for text in texts:
        began = time.process_time()
        work(text)
        taken.append((time.process_time() - began) * 1000)
    return round(statistics.median(taken), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--show", action="store_true", help="print the misses of the build half, and every harm"
    )
    show = parser.parse_args().show
    began = time.process_time()
    tokens = learned()
    ready = time.process_time() - began
    report: dict[str, Any] = {"ready_cpu_s": round(ready, 2)}
    rows = read("slips.jsonl")
    for split in ("build", "blind"):
        found = [(r, tokens.repair(r["question"])) for r in rows if r["split"] == split]
        count = Counter(outcome(r["question"], r["clean"], repaired) for r, repaired in found)
        right = (count["repaired"] + count["beside"]) / len(found)
        report[split] = {"of": len(found), **count, "share": round(right, 3)}
        if show and split == "build":
            for row, repaired in found:
                if outcome(row["question"], row["clean"], repaired) == "missed":
                    print("missed:", row["question"], "->", repaired)
    ordinary = [r["question"] for r in read("train.jsonl")]
    changed = [(q, r) for q in ordinary if (r := tokens.repair(q)) != q]
    harmed = [(q, r) for q, r in changed if is_harm(q, r)]
    if show:
        for question, repaired in harmed:
            print("harmed:", question, "->", repaired)
    report["ordinary"] = {
        "of": len(ordinary), "changed": len(changed), "harmed": len(harmed), "share": round(len(harmed) / len(ordinary), 4),
    }  # fmt: skip
    fresh = [q + " " for q in ordinary]  # not what the repair still remembers
    report["cost_ms"] = {
        "normalise": cost_ms(normalise, ordinary),
        "normalise_traditional": cost_ms(normalise, [TRADITIONAL] * 200),
        "normalise_20000": cost_ms(normalise, ["客户说违约金收得太多了，能不能减免一点？" * 1000] * 5),
        "repair": cost_ms(tokens.repair, fresh),
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
