"""WeCom's encryption: ours agrees with the published vectors and, message for message, with two libraries of others."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
import string
import struct
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import assume, example, given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.channels.wecom.crypto import MessageCrypt, Refused
from bot.errors import SettingError

ROOT = Path(__file__).resolve().parents[3]
PEERS = ROOT / "tests" / "peers"
TOKEN, KEY, CORP = "RasaBot2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wwcorp0001"
STAMP, NONCE, RANDOM = "1760000000", "nonce123456", b"0123456789abcdef"
ROUND_TRIPS = 10_000


@dataclass(frozen=True)
class Vector:
    token: str
    key: str
    receiver: str
    timestamp: str
    nonce: str
    text: str
    encrypted: str
    signature: str

    def crypt(self) -> MessageCrypt:
        return MessageCrypt(self.token, self.key, self.receiver, random=lambda n: RANDOM[:n])


PUBLISHED = Vector(
    "QDG6eK",
    "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "wx5823bf96d3bd56c7",
    "1409659589",
    "263014780",
    "1616140317555161061",
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
)
MESSAGE = Vector(
    TOKEN,
    KEY,
    CORP,
    STAMP,
    NONCE,
    "<xml><ToUserName><![CDATA[wwcorp0001]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName>"
    "<CreateTime>1760000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content>"
    "<MsgId>7000000000000000001</MsgId><AgentID>1000002</AgentID></xml>",
    "Q3stYC6hdFzMh9T8HCvyDNlQSuDDtQm2I6puL+LFAVfRNxecnwPqrTVJHUMRKA2swRyMmVNfJTiDqJ2XmitZP8ZFczdSAfIqd/x+"
    "iJ0k/SIvLXH5pKginQRgoDu7t/TNioPHAy747Q6eDeqo8k1HoxYnREixnOTTZ0WRj6zp5DoFBRnf0btpTvciENZyhKY09KZPxmsz"
    "qbbAJe4/PB5S+tsnWTi4+YKNp52QFlH3QTr46lnFA8mIHUplFM3p3R8OeA2Oa8clCdMifiqEp4yEwVECsPRpWdelfZ8zqo4diW1f"
    "hYl7gav/Ll72hPQSCSsftO1DHY/pwY/rW/ZczSDX2toV7yqbTx6WZt0tN8ocUvo3x/om65glmT1wWmcFkE4ClVYu6VQx/cEAvvH0"
    "wNbeDFfRJRu7cWxWpLpajE42cFM=",
    "a51b241399e1e543cf535d377177d05487e3b3ae",
)
ECHO = Vector(
    TOKEN,
    KEY,
    CORP,
    STAMP,
    NONCE,
    "1616140317555161061",
    "Q3stYC6hdFzMh9T8HCvyDH0IHJENRtL8kKsqSYgg4gBVvJ00jstLqiflJ9bJvCpFgCe5e96/D9I/ZAARJDU8ag==",
    "e09724d88fc65ccd05be54908481bddea5e6e68c",
)
ROBOT = Vector(
    TOKEN,
    KEY,
    "",
    STAMP,
    NONCE,
    '{"msgid":"m1","aibotid":"b1","chattype":"single","from":{"userid":"zhangsan"},'
    '"msgtype":"text","text":{"content":"你好"}}',
    "Q3stYC6hdFzMh9T8HCvyDIn7jLhbDAUrRWRsguZ8eAcjJMTICKwDxh91M0jlAnyTL64R7VuRb6bkVNBc5dWZJoJDMoO3oGoJc4Y+"
    "WI1Q8kByFhzCWgjI7EQkMGvE/+Ds0f9M15H/PplRRdQnjCN+xdXAMpZZswOyGqavjOjPdo2ra0f4qCmqxzFtrbAu1iYXIhPrwbpE"
    "O/YP/ol+rli2Gg==",
    "b96ff0f6b2f6cd7b8c1279274d026f64a7dd7eff",
)
VECTORS = pytest.mark.parametrize(
    "vector", [PUBLISHED, MESSAGE, ECHO, ROBOT], ids=["published", "message", "echo", "robot"]
)


@VECTORS
def test_vector_is_verified_and_decrypted(vector: Vector) -> None:
    """Tencent's published sample and three made by others are let pass and read, word for word."""
    crypt = vector.crypt()
    crypt.verify(vector.signature, vector.timestamp, vector.nonce, vector.encrypted)

    assert vector.text == crypt.decrypt(vector.encrypted)
    assert vector.signature == crypt.sign(vector.timestamp, vector.nonce, vector.encrypted)


@pytest.mark.parametrize("vector", [MESSAGE, ECHO, ROBOT], ids=["message", "echo", "robot"])
def test_vector_is_encrypted_alike(vector: Vector) -> None:
    """With the same random bytes we write what wechatpy wrote, sign for sign."""
    assert vector.encrypted == vector.crypt().encrypt(vector.text)


@dataclass(frozen=True)
class Sample:
    """A message, and keys that serve for it alone."""

    token: str
    key: str
    receiver: str
    timestamp: str
    nonce: str
    text: str

    def crypt(self) -> MessageCrypt:
        return MessageCrypt(self.token, self.key, self.receiver)


def samples(seed: int, count: int = ROUND_TRIPS) -> list[Sample]:
    """Messages whose plain text ends within three bytes of a block of 32, from none to some kilobytes."""
    chance = random.Random(seed)

    def word(least: int, most: int) -> str:
        return "".join(chance.choices(string.ascii_letters + string.digits, k=chance.randint(least, most)))

    made = []
    for number in range(count):
        receiver = "" if number % 3 == 0 else f"ww{word(8, 16)}"
        blocks = chance.choice((1, 1, 2, 2, 3, 4, 5, 8, 64))
        room = max(0, 32 * blocks + chance.randint(-3, 3) - 20 - len(receiver))
        text = filled(chance, room)
        stamp = str(1_760_000_000 + number)
        made.append(Sample(word(3, 32), word(43, 43), receiver, stamp, word(1, 20), text))
    return made


def filled(chance: random.Random, room: int) -> str:
    """A text of exactly `room` bytes in UTF-8: Chinese, emoji, markup, control characters, ASCII."""
    signs: list[str] = []
    while room:
        sign = chance.choice("电费单您好，。停😀👷‍♀️𠮷é<&]\x00\n a9")
        sign = sign if len(sign.encode()) <= room else "x"
        signs.append(sign)
        room -= len(sign.encode())
    return "".join(signs)


def test_samples_try_the_edges() -> None:
    """The round trips below begin from every length around a block, with and without receiver, with emoji."""
    made = samples(1)
    rests = {(20 + len(s.text.encode()) + len(s.receiver)) % 32 for s in made}

    assert ROUND_TRIPS == len(set(made))
    assert {29, 30, 31, 0, 1, 2, 3} <= rests
    assert {True, False} == {s.receiver == "" for s in made}
    assert any("😀" in s.text for s in made)
    assert any(s.text == "" for s in made)


def test_wechatpy_reads_ours() -> None:
    """wechatpy finds our signature good and reads every one of 10,000 messages we encrypted."""
    for sample in samples(2):
        crypt = sample.crypt()
        encrypted = crypt.encrypt(sample.text)
        signature = crypt.sign(sample.timestamp, sample.nonce, encrypted)
        peer = WeChatCrypto(sample.token, sample.key, sample.receiver)
        read = peer.decrypt_message({"Encrypt": encrypted}, signature, sample.timestamp, sample.nonce)

        assert sample.text == read


def test_we_read_wechatpy() -> None:
    """We let pass and read every one of 10,000 messages wechatpy encrypted and signed."""
    for sample in samples(3):
        peer = WeChatCrypto(sample.token, sample.key, sample.receiver)
        sealed = peer.encrypt_message(sample.text, sample.nonce, sample.timestamp)
        encrypted, signature = (part.split("]]>")[0] for part in sealed.split("<![CDATA[")[1:3])
        crypt = sample.crypt()
        crypt.verify(signature, sample.timestamp, sample.nonce, encrypted)

        assert sample.text == crypt.decrypt(encrypted)


Peer = Callable[[Sequence[dict[str, str]]], list[Any]]


@pytest.fixture(scope="session")
def javascript() -> Peer:
    """npm's @wecom/crypto: a list of tasks in, the list of results out, one process for all of them."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed")
    installed = _install_peer()

    def run(tasks: Sequence[dict[str, str]]) -> list[Any]:
        done = subprocess.run(
            ["node", PEERS / "wecom_crypto.mjs", installed / "package.json"],
            input="".join(json.dumps(task) + "\n" for task in tasks),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def _install_peer() -> Path:
    """A folder with the locked packages, filled once; skips where they are not there and npm's registry neither."""
    lock = (PEERS / "package-lock.json").read_bytes()
    folder = ROOT / "var" / "cache" / "peers" / hashlib.sha256(lock).hexdigest()[:16]
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        fresh = Path(name) / "new"
        fresh.mkdir()
        for file in ("package.json", "package-lock.json"):
            shutil.copy(PEERS / file, fresh)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=120)
        if any(
            sign in done.stderr for sign in ("ENOTFOUND", "EAI_AGAIN", "ECONN", "ETIMEDOUT", "ENETUNREACH")
        ):
            pytest.skip("npm's registry cannot be reached, and @wecom/crypto was never fetched here")
        assert done.returncode == 0, done.stderr[-2000:]
        if not folder.exists():  # somebody else may have been quicker
            fresh.rename(folder)
    return folder


def test_wecom_javascript_reads_ours(javascript: Peer) -> None:
    """@wecom/crypto reads text, receiver and random bytes of 10,000 messages of ours, and signs them as we do."""
    made, tasks, signatures = samples(4), [], []
    for sample in made:
        crypt = MessageCrypt(sample.token, sample.key, sample.receiver, random=lambda n: RANDOM[:n])
        encrypted = crypt.encrypt(sample.text)
        signatures.append(crypt.sign(sample.timestamp, sample.nonce, encrypted))
        tasks.append({"do": "decrypt", "key": sample.key, "encrypted": encrypted})
    signing = [signing_task(sample, task["encrypted"]) for sample, task in zip(made, tasks, strict=True)]
    results = javascript([*tasks, *signing])
    read = [{"text": sample.text, "id": sample.receiver, "random": RANDOM.hex()} for sample in made]

    assert 2 * ROUND_TRIPS == len(results)
    assert read == results[:ROUND_TRIPS]
    assert signatures == results[ROUND_TRIPS:]


def test_we_read_wecom_javascript(javascript: Peer) -> None:
    """We let pass and read every one of 10,000 messages @wecom/crypto encrypted and signed."""
    made = samples(5)
    encrypted = javascript([{"do": "encrypt", "key": s.key, "text": s.text, "id": s.receiver} for s in made])
    signatures = javascript([signing_task(s, e) for s, e in zip(made, encrypted, strict=True)])
    for sample, secret, signature in zip(made, encrypted, signatures, strict=True):
        crypt = sample.crypt()
        crypt.verify(signature, sample.timestamp, sample.nonce, secret)

        assert sample.text == crypt.decrypt(secret)


def signing_task(sample: Sample, encrypted: str) -> dict[str, str]:
    return {
        "do": "sign",
        "token": sample.token,
        "timestamp": sample.timestamp,
        "nonce": sample.nonce,
        "encrypted": encrypted,
    }


OURS = MessageCrypt(TOKEN, KEY, CORP)


@given(st.text())
@example("")
def test_what_is_encrypted_comes_back(text: str) -> None:
    """Whatever a person can type is the same after encrypting and decrypting."""
    assert text == OURS.decrypt(OURS.encrypt(text))


@given(st.text(st.characters()) | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
@example("\ud800")
def test_garbage_is_refused(garbage: str) -> None:
    """Whatever is not of our key is refused, and nothing else goes wrong."""
    with pytest.raises(Refused):
        OURS.verify(garbage, garbage, garbage, garbage)
    with pytest.raises(Refused):
        OURS.decrypt(garbage)


@given(st.integers(0, len(MESSAGE.encrypted) - 1), st.characters())
def test_changed_sign_breaks_the_signature(at: int, sign: str) -> None:
    """One changed sign of what is encrypted, and the signature no longer fits."""
    assume(sign != MESSAGE.encrypted[at])
    changed = MESSAGE.encrypted[:at] + sign + MESSAGE.encrypted[at + 1 :]

    with pytest.raises(Refused, match="-40001"):
        OURS.verify(MESSAGE.signature, STAMP, NONCE, changed)


@pytest.mark.parametrize(
    ("timestamp", "nonce", "signature"),
    [
        ("1760000001", NONCE, MESSAGE.signature),
        (STAMP, "nonce123457", MESSAGE.signature),
        (STAMP, NONCE, MESSAGE.signature.upper()),
        (STAMP, NONCE, MESSAGE.signature[:-1]),
        (STAMP, NONCE, ""),
        (STAMP, NONCE, "签名"),
    ],
)
def test_other_signature_is_refused(timestamp: str, nonce: str, signature: str) -> None:
    """A signature is for one timestamp, one nonce and one message, and is compared whole."""
    with pytest.raises(Refused, match="-40001"):
        OURS.verify(signature, timestamp, nonce, MESSAGE.encrypted)


def encrypted_raw(plain: bytes) -> str:
    """`plain` under our key as it is, padded or not."""
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def padded(message: bytes, length: int, receiver: bytes = CORP.encode()) -> bytes:
    plain = RANDOM + struct.pack(">I", length) + message + receiver
    fill = 32 - len(plain) % 32
    return plain + bytes([fill]) * fill


@pytest.mark.parametrize(
    ("encrypted", "code"),
    [
        (MESSAGE.encrypted[:-1], -40010),
        (MESSAGE.encrypted[:-3] + "=M=", -40010),
        (MESSAGE.encrypted.replace("+", "-"), -40010),
        ("", -40007),
        (MESSAGE.encrypted[:64], -40007),
        (base64.b64encode(bytes(16)).decode(), -40007),
        (encrypted_raw(bytes(32)), -40008),
        (encrypted_raw(b"\x21" * 64), -40008),
        (encrypted_raw(padded(b"hello", 5)[:-2] + b"\x00\x0d"), -40008),
        (encrypted_raw(RANDOM[:12] + b"\x14" * 20), -40008),
        (encrypted_raw(padded(b"hello", 5000)), -40008),
        (encrypted_raw(padded(b"hello", 0xFFFFFFFF)), -40008),
        (encrypted_raw(padded(b"hello", 4)), -40005),
        (encrypted_raw(padded(b"hello", 5, b"wwcorp0002")), -40005),
        (encrypted_raw(padded(b"hello", 5, b"")), -40005),
        (encrypted_raw(padded(b"\xff\xfe", 2)), -40007),
    ],
    ids=[
        "base64 cut short",
        "base64 padding inside",
        "base64 of URLs",
        "nothing",
        "blocks cut off",
        "half a block",
        "padding 0",
        "padding 33",
        "padding unequal",
        "padding leaves no length",
        "length too long",
        "length of four gigabytes",
        "length too short",
        "other receiver",
        "no receiver",
        "not UTF-8",
    ],
)
def test_broken_message_is_refused(encrypted: str, code: int) -> None:
    """What is broken is refused with the code of WeCom's own libraries."""
    with pytest.raises(Refused) as refused:
        OURS.decrypt(encrypted)

    assert code == refused.value.code


def test_refusal_tells_nothing_secret() -> None:
    """Neither words nor keys are in what a refusal says of itself."""
    with pytest.raises(Refused) as refused:
        OURS.decrypt(encrypted_raw(padded("我的身份证号".encode(), 18, b"wwcorp0002")))
    told = f"{refused.value!s} {refused.value!r} {refused.value.reason} {refused.value.__cause__}"

    assert not [word for word in ("身份证", TOKEN, KEY, "wwcorp0002") if word in told]


def test_half_a_character_is_refused() -> None:
    """What UTF-8 cannot hold is refused before it is sent."""
    with pytest.raises(Refused, match="-40006"):
        OURS.encrypt("你\ud83d好")


@pytest.mark.parametrize("token", ["", "ab", "a" * 33, "Rasa Bot", "令牌令牌", "RasaBot2026\n"])
def test_malformed_token_is_named(token: str) -> None:
    """A token not copied whole is refused at the start, with what to do."""
    with pytest.raises(SettingError, match=r"Token.*再复制一次"):
        MessageCrypt(token, KEY, CORP)


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "=", KEY[:-1] + "-", KEY[:-1] + " ", KEY + "\n"])
def test_malformed_key_is_named(key: str) -> None:
    """A key not copied whole is refused at the start, with its length and what to do, and is not repeated."""
    with pytest.raises(SettingError, match=f"EncodingAESKey.*{len(key)} 位.*再复制一次") as refused:
        MessageCrypt(TOKEN, key, CORP)

    assert KEY[:10] not in str(refused.value)
