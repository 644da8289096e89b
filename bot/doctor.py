"""`anxun doctor`: looks at what the bot needs and says what is missing. It changes and starts nothing."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.content.loader import read_knowledge
from bot.launcher import answers, is_free
from bot.rasa_model import RasaModel, rasa_python
from bot.settings import ROOT, Settings

FREE_BYTES = 1_000_000_000
TEST_PACKAGES = ("pytest", "hypothesis", "playwright")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """One thing looked at. If not `ok`, `remedy` says what to do; what is not `required` can stay so."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    required: bool = True


def diagnose(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which a person would put things right."""
    looks: tuple[Callable[[Settings], Finding], ...] = (
        _app_python,
        _rasa_environment,
        _data_folder,
        _disk,
        _knowledge,
        _encoder,
        _index,
        _database,
        _rasa_model,
        _web_port,
        _rasa_port,
        _browser,
        _test_packages,
    )
    return [look(settings) for look in looks]


def _app_python(settings: Settings) -> Finding:
    version = "%d.%d.%d" % sys.version_info[:3]  # noqa: UP031
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    inside = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    detail = f"Python {version}，" + ("在 .venv 里" if inside else f"在 {sys.prefix}，不是 .venv")
    return Finding("应用环境", fits, detail, "请换 Python 3.11 到 3.13，再运行 make run。")


def _rasa_environment(settings: Settings) -> Finding:
    name = "Rasa 环境"
    if settings.rasa_url:
        return Finding(name, True, f"不需要：用已有的 {settings.rasa}")
    remedy = "请运行 make run，它会建好 .venv-rasa（需要 Python 3.10）。"
    try:
        config = (ROOT / ".venv-rasa" / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return Finding(name, False, "还没有建", remedy)
    found = re.search(r"^version(?:_info)? *= *([\d.]+)", config, re.MULTILINE)
    version = found.group(1) if found else "版本不明"
    package = next((ROOT / ".venv-rasa" / "lib").glob("python3.10/site-packages/rasa-*.dist-info"), None)
    if not rasa_python().exists() or package is None or not version.startswith("3.10"):
        return Finding(name, False, f"不完整（Python {version}）", remedy)
    rasa = package.name.removeprefix("rasa-").removesuffix(".dist-info")
    return Finding(name, True, f"Python {version}，Rasa {rasa}")


def _data_folder(settings: Settings) -> Finding:
    """Writable, or makeable: the nearest folder above that exists counts."""
    place = _existing(settings.data)
    ok = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    detail = f"{settings.data}" + ("" if settings.data.exists() else "（第一次启动时建）")
    return Finding("数据文件夹", ok, detail, "请给这个文件夹写权限，或用 ANXUN_DATA_DIR 换一个。")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_existing(settings.data)).free
    remedy = f"请腾出至少 {FREE_BYTES / 1e9:.0f} GB，或用 ANXUN_DATA_DIR 换一块盘。"
    return Finding("磁盘空间", free >= FREE_BYTES, f"剩余 {free / 1e9:.1f} GB", remedy)


def _knowledge(settings: Settings) -> Finding:
    knowledge, faults = read_knowledge(settings.knowledge)
    if faults:
        detail = f"{len(faults)} 处问题，第一处：{faults[0]}"
        return Finding("知识内容", False, detail, "请用 anxun content check 逐条查看。")
    counts = f"卡片 {len(knowledge.cards)}，案例 {len(knowledge.cases)}，问答 {len(knowledge.faqs)}"
    return Finding(
        "知识内容", True, f"{counts}，客户 {len(knowledge.personas)}，场景 {len(knowledge.scenarios)}"
    )


def _encoder(settings: Settings) -> Finding:
    name, remedy = "句向量模型", "请从完整的代码仓库取回 models/。"
    if settings.encoder:
        present = importlib.util.find_spec("sentence_transformers") is not None
        detail = f"ANXUN_ENCODER={settings.encoder}"
        return Finding(
            name, present, detail, "它需要 sentence-transformers；或清空 ANXUN_ENCODER，用自带的。"
        )
    weights = sorted((ROOT / "models").glob("encoder*/**/*.onnx"))
    if not weights:
        return Finding(name, False, "models/ 里没有", remedy)
    size = sum(path.stat().st_size for path in weights) / 1e6
    return Finding(name, size > 0, f"{weights[0].relative_to(ROOT).parts[1]}，{size:.0f} MB", remedy)


def _index(settings: Settings) -> Finding:
    kept = sorted((settings.data / "cache").glob("passages-*.bin"))
    detail = f"{sum(path.stat().st_size for path in kept) / 1e6:.1f} MB" if kept else "还没有算过"
    return Finding("索引缓存", bool(kept), detail, "不用管：下一次启动会算好。", required=False)


def _database(settings: Settings) -> Finding:
    """Opens it only to read, by the driver itself: opening it our way would bring its tables up to date."""
    url = settings.database
    shown = re.sub(r"(?<=:)[^:@/]+(?=@)", "***", url)
    scheme, _, place = url.partition("://")
    try:
        if scheme.startswith("sqlite"):
            file = Path(place.removeprefix("/").partition("?")[0])
            if not file.exists():
                return Finding("数据库", True, f"{shown}（第一次启动时建）")
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                connection.execute("SELECT name FROM sqlite_master")
        elif scheme.startswith("postgresql"):
            psycopg.connect(f"postgresql://{place}", connect_timeout=3).close()
        else:
            return Finding(
                "数据库", False, f"不认识的数据库 {scheme}", "请用 sqlite:///… 或 postgresql+psycopg://…"
            )
    except (sqlite3.Error, psycopg.Error) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
        remedy = "请检查 ANXUN_DATABASE_URL，以及数据库是否开着。"
        return Finding("数据库", False, f"连不上 {shown}：{reason}", remedy)
    return Finding("数据库", True, shown)


def _rasa_model(settings: Settings) -> Finding:
    if settings.rasa_url:
        return Finding("Rasa 模型", True, "不需要：由已有的 Rasa 管", required=False)
    model = RasaModel(settings.data).cached()
    detail = str(model) if model else "这份训练语料还没有训练过"
    remedy = "不用管：下一次启动会先训练，约 20 秒。"
    return Finding("Rasa 模型", model is not None, detail, remedy, required=False)


def _web_port(settings: Settings) -> Finding:
    ours = answers(f"{settings.address}/healthz")
    return _port("网页端口", "ANXUN_PORT", settings.host, settings.port, ours)


def _rasa_port(settings: Settings) -> Finding:
    if settings.rasa_url:
        ok = answers(settings.rasa)
        return Finding("Rasa 地址", ok, settings.rasa, "请启动它，或清空 ANXUN_RASA_URL，用本机的。")
    ours = answers(f"http://127.0.0.1:{settings.rasa_port}/")
    return _port("Rasa 端口", "ANXUN_RASA_PORT", "127.0.0.1", settings.rasa_port, ours)


def _port(name: str, setting: str, host: str, port: str, ours: bool) -> Finding:
    if ours:
        return Finding(name, True, f"{port}，正在运行")
    detail = f"{port}，空闲" if is_free(host, int(port)) else f"{port}，{host} 上用不了，多半被别的程序占着"
    return Finding(name, detail.endswith("空闲"), detail, f"请用 {setting} 换一个端口。")


def _browser(settings: Settings) -> Finding:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    remedy = "只有浏览器测试需要：apt-get install chromium fonts-noto-cjk。"
    return Finding("Chromium", found is not None, found or "没有", remedy, required=False)


def _test_packages(settings: Settings) -> Finding:
    missing = [name for name in TEST_PACKAGES if importlib.util.find_spec(name) is None]
    detail = f"缺 {'、'.join(missing)}" if missing else "齐全"
    return Finding("测试用的包", not missing, detail, "只有跑测试需要：make test 会装好。", required=False)


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())
