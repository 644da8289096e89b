"""The one place where text is normalised, and where personal data is masked before it is stored or logged.

What people write passes here first (`bot/conversing.py`, `bot/scoring.py`); so does content before indexing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

# Chinese writes its punctuation full-width: NFKC would turn these into ASCII, so they are carried across.
_CHINESE_PUNCTUATION = "，：；！？（）～…"
_KEPT_APART = re.compile(f"([{_CHINESE_PUNCTUATION}]+)")
_SPACES = re.compile(r"[^\S\n]+")
_SPACES_AT_BREAK = re.compile(r" ?\n ?")
_ENTITY = re.compile(
    r"&(?:amp;|AMP;|#0{0,5}38;|#[xX]0{0,4}26;)*(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};)"
)
"""An entity, however often its ampersand was itself written as one: &amp;amp;lt; is <."""
_REPEATED = (re.compile(r"([。，、；：！？!?,;~～])(\1)\1+"), re.compile(r"([.…·])(\1\1)\1+"))
"""More than two marks, or three dots: a longer row says no more. (Three: the dots of a table of contents.)"""
_HAN = re.compile("[一-鿿]+")
_MOST_MARKS = 2
"""Accents a letter may carry; towers of them are noise. Chinese needs none."""
_ROUNDS = 4
_SEEN_AS_NOTHING = re.compile("[\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\ufe00-\ufe0f]")
"""Letters and marks by their category, but nobody sees them: Hangul fillers, joiners, variation selectors."""


def normalise(text: str) -> str:
    """One form for what can be written in many: what people see as the same becomes the same.

    Full-width letters and digits become ASCII, traditional characters simplified, HTML entities what they stand
    for; invisible and direction characters, half characters and towers of accents go; runs of spaces become one and
    a mark is not repeated more than twice. Chinese punctuation and line breaks stay. Empty input gives an empty
    string; normalising twice is normalising once.
    """
    for _ in range(_ROUNDS):  # an entity may hold an entity, a removed sign may have kept two letters apart
        before, text = text, _tidied(text)
        if text == before:
            break
    return text


def _tidied(text: str) -> str:
    text = _uncovered(text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if not text.isascii():
        parts = _KEPT_APART.split(text)
        text = "".join(p if i % 2 else unicodedata.normalize("NFKC", p) for i, p in enumerate(parts))
        text = _simplified(_uncovered(_without_towers(text)))
    for row in _REPEATED:
        text = row.sub(r"\1\2", text)
    return _SPACES_AT_BREAK.sub("\n", _SPACES.sub(" ", text)).strip()


def _uncovered(text: str) -> str:
    """Entities spelled out and invisible characters gone: nothing is hidden behind them."""
    text = _ENTITY.sub(lambda m: html.unescape("&" + m[1]), text) if "&" in text else text
    text = _SEEN_AS_NOTHING.sub("", text)
    return text if text.isprintable() else "".join(c for c in text if c in "\n\t\r" or not _is_invisible(c))


def _without_towers(text: str) -> str:
    if text.isalnum():  # no mark is a letter: nothing to look for
        return text
    kept, height = [], 0
    for character in text:
        height = height + 1 if unicodedata.combining(character) else 0
        if height <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _simplified(text: str) -> str:
    """`text` in simplified characters. Text that GB 2312 can write is simplified already and costs nothing.

    OpenCC takes its input for traditional: a character that is simplified as it stands is kept, or 打坏 becomes 打坯.
    """
    try:
        "".join(_HAN.findall(text)).encode("gb2312")
        return text
    except UnicodeEncodeError:
        converted: str = _opencc().convert(text)
    if len(converted) != len(text):
        return converted
    return "".join(
        new if new == old or _alone(old) != old else old for old, new in zip(text, converted, strict=True)
    )


@cache
def _opencc() -> OpenCC:
    from opencc import OpenCC  # on first use: most questions need no conversion

    return OpenCC("t2s")


@cache
def _alone(character: str) -> str:
    return str(_opencc().convert(character))


def mask_personal_data(text: str) -> str:
    """Hides what points at a person or an account, and keeps enough of it to be recognised: `138****5678`.

    Mobile and landline numbers, identity cards, bank cards, electricity accounts, e-mail and WeChat
    addresses, licence plates, and names after 户名 or 姓名. Amounts, dates, article numbers, meter
    readings and hotlines stay. Masking what is masked changes nothing. Invisible characters and HTML entities, which
    could hide a number from the rules, do not come through.
    """
    while (shown := _uncovered(text)) != text:
        text = shown  # each round is shorter: it comes to an end
    while True:
        masked = text
        for pattern, mask in _RULES:
            masked = _apply(pattern, mask, masked)
        if masked == text:
            return masked
        text = masked  # each round replaces letters by stars, so the rounds come to an end


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")


# --- reading numbers however they are written --------------------

_CHINESE_DIGITS = str.maketrans(
    "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸", "001234567891123456789236"
)
_SPOKEN = "[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸]"
_SPOKEN_RUN = re.compile(_SPOKEN + r"(?:[ \-]?" + _SPOKEN + "){9,}")
_ONE_TO_ONE: dict[int, int | str] = (
    {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)} | {ord(c): "-" for c in "‐‑‒–—―−"} | {0x3000: " "}
)


class _Folded(dict[int, int | str]):
    """`_ONE_TO_ONE`, and the digits of every script and style (①, 𝟭, ٣), noted as they turn up."""

    def __missing__(self, code: int) -> int | str:
        digit = unicodedata.digit(chr(code), None) if code > 127 else None
        self[code] = code if digit is None else str(digit)
        return self[code]


_FOLDED = _Folded(_ONE_TO_ONE)


def _shadow(text: str) -> str:
    """The same length as `text`, with full-width forms and spoken numbers as ASCII: patterns look here."""
    folded = text.translate(_FOLDED)
    return _SPOKEN_RUN.sub(lambda m: m.group().translate(_CHINESE_DIGITS), folded)


def _apply(pattern: re.Pattern[str], mask: Callable[[re.Match[str]], str | None], text: str) -> str:
    """Replaces group `secret` of every match by its mask; a mask of None leaves the text as it was."""
    out, end = [], 0
    for match in pattern.finditer(_shadow(text)):
        hidden = mask(match)
        if hidden is None:
            continue
        start, stop = match.span("secret")
        out += [text[end:start], hidden]
        end = stop
    return "".join([*out, text[end:]])


# --- masks --------------------


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"[^0-9Xx]", "", match["secret"])


def _keep(head: int, tail: int) -> Callable[[re.Match[str]], str]:
    def mask(match: re.Match[str]) -> str:
        digits = _digits(match)
        return digits[:head] + "****" + digits[-tail:]

    return mask


def _identity_card(match: re.Match[str]) -> str | None:
    digits = _digits(match).upper()
    if not match["intro"] and not (_checks_out(digits) if len(digits) == 18 else _has_birthday(digits)):
        return None
    return digits[:4] + "*" * (len(digits) - 8) + digits[-4:]


def _bank_card(match: re.Match[str]) -> str | None:
    digits = _digits(match)
    if not 16 <= len(digits) <= 19 or not (match["intro"] or _passes_luhn(digits)):
        return None
    return digits[:4] + "****" + digits[-4:]


def _account(match: re.Match[str]) -> str | None:
    digits = _digits(match)
    return digits[:2] + "****" + digits[-2:] if 8 <= len(digits) <= 13 else None


def _first_and_stars(match: re.Match[str]) -> str:
    return match["secret"][0] + "*" * (len(match["secret"]) - 1)


def _checks_out(card: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(card, weights, strict=False))
    return "10X98765432"[total % 11] == card[17]


def _has_birthday(card: str) -> bool:
    """The fifteen-digit card has no check digit; its month and day must at least exist."""
    return 1 <= int(card[8:10]) <= 12 and 1 <= int(card[10:12]) <= 31


def _passes_luhn(digits: str) -> bool:
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


# --- rules, in order: the more exact first --------------------

_ALONE = r"(?<![0-9])(?<![0-9]\.)"  # no digit before, not inside a decimal
_ENDS = r"(?![0-9])(?!\.[0-9])"
_INTRODUCES = r"[号码是为:#\s]*"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪"
    "范石廖贾韦夏付邹熊孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵钱严武戴莫孔汤靳霍劉陳楊黃趙吳孫馬"
)
_GIVEN = r"[\u4e00-\u9fff]{1,2}?"
_AFTER_NAME = (
    r"(?=[^\u4e00-\u9fff]|$|[的欠没不已是也就还说来打交用未改从把和这要想有在家住]"
    r"|电话|手机|身份|户号|地址|先生|女士|今|昨|本人|过户)"
)

_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
    (  # 18 or 15 digits, also spaced 6-8-4
        re.compile(
            r"(?P<intro>(?:身份证|身份證)" + _INTRODUCES + r")?(?<![0-9A-Za-z])"
            r"(?P<secret>[0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])"
        ),
        _identity_card,
    ),
    (  # 16 to 19 digits, also in groups of four
        re.compile(
            r"(?P<intro>(?:银行卡|储蓄卡|信用卡|卡号|银行账号|銀行卡)"
            + _INTRODUCES
            + r")?"
            + _ALONE
            + r"(?P<secret>[0-9]{16,19}|"
            r"[3-69][0-9]{3}(?:[ -][0-9]{4}){3}(?:[ -]?[0-9]{1,3})?)" + _ENDS
        ),
        _bank_card,
    ),
    (  # 138 0013 8000, 1380-0138-000, 138-00138000 (but no date in the tail), digit by digit
        re.compile(
            _ALONE + r"(?:(?:\+|00)?86[ -]?)?(?P<secret>1[3-9][0-9]{9}|1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|"
            r"1[3-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{4}|1[3-9][0-9]{2}[ -][0-9]{4}[ -][0-9]{3}|"
            r"1[3-9][0-9][ -][0-9]{3}[ -][0-9]{5}|1[3-9][0-9][ -](?!(?:19|20)[0-9]{2}[01][0-9][0-3])[0-9]{8}|"
            r"1[ -][3-9](?:[ -][0-9]){9})" + _ENDS
        ),
        _keep(3, 4),
    ),
    (  # area code and number, or a number said to be a telephone's
        re.compile(
            _ALONE + r"(?:\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ -]?"
            r"|(?<=电话|座机|固话)|(?<=电话[:是为 ]|座机[:是为 ]|固话[:是为 ]))(?P<secret>[2-9][0-9]{6,7})"
            + _ENDS
        ),
        _keep(0, 4),
    ),
    (  # an electricity account said to be one
        re.compile(
            r"(?:户号|客户编号|用户编号|用户号|账号|帐号|账户|卡号|戶號|客戶編號|賬號|帳號)"
            + _INTRODUCES
            + r"(?P<secret>[0-9]{8,13}|"
            r"[0-9]{3,5}(?:[ -][0-9]{3,5}){1,3})(?![0-9])"
        ),
        _account,
    ),
    (  # any other long number, unless a unit follows
        re.compile(
            _ALONE + r"(?P<secret>[0-9]{10,})" + _ENDS + r"(?! ?(?:元|块|万|亿|千瓦|度|kWh|KWH|kwh|[%％]))"
        ),
        _keep(2, 2),
    ),
    (
        re.compile(
            r"(?<![A-Za-z0-9._%+*-])(?P<secret>[A-Za-z0-9._%+-]+)@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
        ),
        lambda m: m["secret"][0] + "***",
    ),
    (
        re.compile(
            r"(?:微信号|微信號|微信|WeChat|wechat)"
            + _INTRODUCES
            + r"(?P<secret>[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
        ),
        lambda m: m["secret"][:2] + "****",
    ),
    (  # 京A12345, 豫A·D12345: six places for a new-energy car
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z][·• .]?"
            r"(?P<secret>[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Za-z0-9])"
        ),
        lambda m: m["secret"][0] + "***" + m["secret"][-1] if re.search("[0-9]", m["secret"]) else None,
    ),
    (  # 户名：张三丰, 姓名: 某某商贸有限公司
        re.compile(
            r"(?:户名|姓名|戶名) ?: ?(?P<secret>[\u4e00-\u9fff·]{2,30}?)"
            r"(?=[^\u4e00-\u9fff·]|$|电话|手机|身份证|户号|地址|住址|性别|联系)"
        ),
        _first_and_stars,
    ),
    (  # 户名是张三, 姓名李四: without a colon only a common surname is believed
        re.compile(
            r"(?:户名|姓名|戶名)(?:改为|改成|变更为|写的是|写成|是|为|叫| )?(?P<secret>["
            + _SURNAMES
            + "]"
            + _GIVEN
            + ")"
            + _AFTER_NAME
        ),
        _first_and_stars,
    ),
)
