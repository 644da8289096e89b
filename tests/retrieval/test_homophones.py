"""Slips of pinyin input: what sounds like a word of the trade is read as that word, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.content.loader import read_knowledge
from bot.content.terms import load_terms
from bot.errors import NotReady
from bot.retrieval import tokens as tokens_file
from bot.retrieval.passages import passages_of
from bot.retrieval.tokens import Tokens
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SLIPS = ROOT / "benchmarks" / "retrieval" / "questions" / "slips.jsonl"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    knowledge, _ = read_knowledge(Settings.read({}).knowledge)
    return [p.text for p in passages_of(knowledge)]


def learned(texts: list[str], cache: Path | None) -> Tokens:
    tokens = Tokens(load_terms(Settings.read({}).knowledge / "terms"))
    tokens.words_of(texts, cache and cache / "words.json")
    return tokens


@pytest.fixture(scope="module")
def shipped_tokens(texts: list[str], cache: Path) -> Tokens:
    return learned(texts, cache)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("电飞没交会停电吗", "电费没交会停电吗"),
        ("支那金怎么算", "滞纳金怎么算"),
        ("违曰金收多了", "违约金收多了"),
        ("交了钱什么时候夫电", "交了钱什么时候复电"),
        ("抄表原进不了门", "抄表员进不了门"),
        ("互干器接反了", "互感器接反了"),
        ("dianfei 没交会停电吗", "电费 没交会停电吗"),
        ("QianFei三个月", "欠费三个月"),
        ("dian fei 多少", "电费 多少"),
        ("qianfeitingdian", "欠费停电"),
    ],
)
def test_slip_becomes_the_word_meant(shipped_tokens: Tokens, typed: str, meant: str) -> None:
    """A word typed by its sound, in characters or in letters, is read as the word of the trade."""
    assert meant == shipped_tokens.repair(typed)


@pytest.mark.parametrize(
    "sentence",
    [
        "一点费用都不用交",
        "客户要看用电标准",
        "把一切电器都关掉",
        "请把APP升级到最新版",
        "what's the weather like in Paris tomorrow",
        "我是从西安来的，先生贵姓",
        "发到zhangsan@dianfei.com",
        "没有按规定申请检定会怎么处理？",
        "今年冬天冷不冷",
        "请了二十天病假，工资打几折发",
        "触点烧了怎么换",
        "电费",
        "飞",
        "",
    ],
)
def test_right_words_stay(shipped_tokens: Tokens, sentence: str) -> None:
    """A common word, a word of another language, an address and what the knowledge base says are left alone."""
    assert sentence == shipped_tokens.repair(sentence)


def test_doubtful_word_stands_beside(shipped_tokens: Tokens) -> None:
    """Where the sentence gains little by it, the word is added and what was typed stays."""
    assert shipped_tokens.repair("买的二手房去过护") == "买的二手房去过护 过户"


def test_repairing_twice_is_once(shipped_tokens: Tokens) -> None:
    """A repaired question is not repaired further."""
    for line in SLIPS.read_text(encoding="utf-8").splitlines():
        once = shipped_tokens.repair(json.loads(line)["question"])

        assert once == shipped_tokens.repair(once)


def test_nothing_by_sound_without_knowledge() -> None:
    """Tokens that were never shown a knowledge base repair the listed slips only."""
    tokens = Tokens(load_terms(Settings.read({}).knowledge / "terms"))

    assert tokens.repair("欠废的电飞") == "欠费的电飞"


@pytest.mark.parametrize("damage", [b"", b"\x00\xff" * 300, b'{"characters": {}}', None])
def test_damaged_sounds_are_made_anew(texts: list[str], tmp_path: Path, damage: bytes | None) -> None:
    """An empty, cut or foreign table of sounds is replaced without a word, and so is one that is a folder."""
    few = texts[:200] + ["电费"] * 9
    held = tmp_path / "sounds.json"
    if damage is None:
        held.mkdir()
    else:
        held.write_bytes(damage)

    assert learned(few, tmp_path).repair("电飞多少") == "电费多少"


def test_read_only_cache_is_no_obstacle(texts: list[str], tmp_path: Path) -> None:
    """Where nothing can be kept, slips are repaired all the same."""
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    assert learned(texts[:200] + ["电费"] * 9, tmp_path / "file" / "cache").repair("电飞多少") == "电费多少"


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"one two three four\n", None])
def test_unusable_dictionary_is_named(
    body: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing, empty or damaged dictionary is one line with the remedy."""
    path = tmp_path / "dict.txt"
    if body is not None:
        path.write_bytes(body)
    monkeypatch.setattr(tokens_file, "DICTIONARY", path)

    with pytest.raises(NotReady) as caught:
        Tokens(load_terms(Settings.read({}).knowledge / "terms"))

    assert str(path) in caught.value.message and "models/" in caught.value.remedy
    assert "\n" not in str(caught.value)
