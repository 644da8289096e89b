"""Settings: environment variables that begin with ANXUN_, read once, cast, and named when wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import SettingError

ROOT = Path(__file__).resolve().parent.parent
MILVUS_SCHEMES = ("http://", "https://", "tcp://", "unix:")


def _setting(default: str, help: str, secret: bool = False) -> str:
    return field(default=default, metadata={"help": help, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """One field per variable: `data_dir` is ANXUN_DATA_DIR. All are kept as text; properties cast them."""

    data_dir: str = _setting("var", "数据文件夹：数据库、索引、日志、Rasa 模型缓存")
    host: str = _setting("127.0.0.1", "网页与接口监听的地址；不是本机地址时必须设 ANXUN_API_TOKEN")
    port: str = _setting("8765", "网页与接口监听的端口")
    rasa_port: str = _setting("5105", "Rasa 在本机回环地址上的端口")
    rasa_url: str = _setting("", "已有的 Rasa 地址；留空时用本机的 Rasa")
    database_url: str = _setting(
        "", "数据库地址；留空时用数据文件夹里的 SQLite，也可填 postgresql+psycopg://…"
    )
    api_token: str = _setting("", "接口令牌；设了就必须在请求头里带 Authorization: Bearer …", secret=True)
    secret_key: str = _setting("", "网页会话签名的密钥；留空时在数据文件夹里自动生成", secret=True)
    encoder: str = _setting("", "更大的 sentence-transformers 模型（路径或名称）；留空时用自带的小模型")
    vectors: str = _setting(
        "",
        "向量存在哪里：留空存在数据文件夹里；pgvector 存进 ANXUN_DATABASE_URL 的 PostgreSQL；或填 Milvus 地址 http://…",
    )
    knowledge_dir: str = _setting("", "知识文件夹；留空时用项目里的 knowledge/")
    coarse_words: str = _setting("on", "练习里的客户说不说粗话（最多到“他妈的”“滚”）：on 或 off")
    public_url: str = _setting(
        "", "同事的手机打开网页用的地址，例如 https://anxun.example.com；企业微信、钉钉里的引用链接要用它"
    )
    staff_file: str = _setting("", "平台账号和员工对照表（CSV：channel,person,staff,name）；可以不设")
    wecom_corp_id: str = _setting("", "企业微信：企业 ID，ww 开头")
    wecom_agent_id: str = _setting("", "企业微信：自建应用的 AgentId，一串数字")
    wecom_secret: str = _setting("", "企业微信：自建应用的 Secret", secret=True)
    wecom_token: str = _setting("", "企业微信：自建应用接收消息的 Token", secret=True)
    wecom_aes_key: str = _setting("", "企业微信：自建应用接收消息的 EncodingAESKey，43 位", secret=True)
    wecom_api_base: str = _setting("https://qyapi.weixin.qq.com", "企业微信接口地址")
    wecom_bot_mode: str = _setting(
        "", "企业微信智能机器人怎么接：callback（回调）或 socket（长连接）；留空不接"
    )
    wecom_bot_token: str = _setting("", "企业微信智能机器人：回调的 Token", secret=True)
    wecom_bot_aes_key: str = _setting("", "企业微信智能机器人：回调的 EncodingAESKey，43 位", secret=True)
    wecom_bot_id: str = _setting("", "企业微信智能机器人：长连接的 BotID")
    wecom_bot_secret: str = _setting("", "企业微信智能机器人：长连接的 Secret", secret=True)
    wecom_bot_socket: str = _setting("wss://openws.work.weixin.qq.com", "企业微信智能机器人：长连接地址")
    wecom_webhook: str = _setting("", "企业微信群消息推送的地址，整条粘贴", secret=True)
    dingtalk_app_key: str = _setting("", "钉钉：应用的 Client ID（AppKey）")
    dingtalk_app_secret: str = _setting("", "钉钉：应用的 Client Secret（AppSecret）", secret=True)
    dingtalk_robot_code: str = _setting("", "钉钉：机器人的 RobotCode；留空时与 AppKey 相同")
    dingtalk_mode: str = _setting("stream", "钉钉怎么接：stream（不用公网地址）或 callback（回调）")
    dingtalk_api_base: str = _setting("https://api.dingtalk.com", "钉钉接口地址")
    dingtalk_session_base: str = _setting("https://oapi.dingtalk.com", "钉钉会话回复和上传的地址")
    dingtalk_webhook: str = _setting("", "钉钉群推送机器人的地址，整条粘贴", secret=True)
    dingtalk_webhook_secret: str = _setting("", "钉钉群推送机器人的加签密钥，SEC 开头", secret=True)
    timezone: str = _setting("Asia/Shanghai", "大家上班的时区：哪一天、几点提醒，都按它算")
    log_level: str = _setting("info", "日志级别：debug、info、warning、error")

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read every ANXUN_ variable; an unknown one or a bad value raises SettingError naming it."""
        env = os.environ if environ is None else environ
        known = {f.name for f in fields(cls)}
        given = {
            key[len("ANXUN_") :].lower(): value.strip()
            for key, value in env.items()
            if key.startswith("ANXUN_")
        }
        settings = cls(**{name: value for name, value in given.items() if name in known and value})
        for name in ("port", "rasa_port"):
            value = getattr(settings, name)
            if not value.isdigit() or not 1 <= int(value) <= 65535:
                raise SettingError(
                    f"ANXUN_{name.upper()}={value} 不是有效的端口。", "请改成 1 到 65535 之间的数字。"
                )
        try:
            ZoneInfo(settings.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingError(
                f"ANXUN_TIMEZONE={settings.timezone} 不认识。", "写成 Asia/Shanghai、Asia/Urumqi 这样。"
            ) from None
        if settings.log_level not in ("debug", "info", "warning", "error"):
            raise SettingError(
                f"ANXUN_LOG_LEVEL={settings.log_level} 不认识。", "可用：debug、info、warning、error。"
            )
        if settings.coarse_words not in ("on", "off"):
            raise SettingError(f"ANXUN_COARSE_WORDS={settings.coarse_words} 不认识。", "可用：on、off。")
        for name, allowed in (
            ("wecom_bot_mode", ("", "callback", "socket")),
            ("dingtalk_mode", ("stream", "callback")),
        ):
            if getattr(settings, name) not in allowed:
                raise SettingError(
                    f"ANXUN_{name.upper()}={getattr(settings, name)} 不认识。",
                    f"可用：{'、'.join(filter(None, allowed))}。",
                )
        if settings.vectors not in ("", "pgvector") and not settings.vectors.startswith(MILVUS_SCHEMES):
            raise SettingError(
                f"ANXUN_VECTORS={_without_password(settings.vectors)} 不认识。",
                "留空、填 pgvector，或填 Milvus 的地址，例如 http://127.0.0.1:19530。",
            )
        return settings

    @property
    def data(self) -> Path:
        """The data folder, absolute; relative paths count from the project's root. Not created here."""
        return (ROOT / self.data_dir).resolve()

    @property
    def knowledge(self) -> Path:
        return (ROOT / (self.knowledge_dir or "knowledge")).resolve()

    @property
    def staff(self) -> Path | None:
        return (ROOT / self.staff_file).resolve() if self.staff_file else None

    @property
    def public(self) -> str:
        """Where phones open our pages: the public address, or this machine's own."""
        return (self.public_url or self.address).rstrip("/")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'anxun.db'}"

    @property
    def crude(self) -> bool:
        """Whether customers may swear."""
        return self.coarse_words == "on"

    @property
    def rasa(self) -> str:
        return (self.rasa_url or f"http://127.0.0.1:{self.rasa_port}").rstrip("/")

    @property
    def address(self) -> str:
        """Where this machine reaches the app; a listener on every address is reached on loopback."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return self.host in ("127.0.0.1", "localhost", "::1")

    def table(self) -> list[tuple[str, str, str]]:
        """(variable, value in force, meaning) of each setting; secrets are shown only as set or not, addresses without
        their password."""
        rows = []
        for f in fields(self):
            value = getattr(self, f.name)
            value = ("已设" if value else "未设") if f.metadata["secret"] else _without_password(value)
            rows.append((f"ANXUN_{f.name.upper()}", value, f.metadata["help"]))
        return rows


def _without_password(value: str) -> str:
    """An address with `***` in place of the name and the password it may carry; anything else as it is."""
    return re.sub(r"(?<=://)[^/@]+@", "***@", value)
