"""DingTalk's signatures come out as its own algorithm makes them, and hold for an hour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.dingtalk.signing import is_signed, sign, signed_url

APP_SECRET = "dingAppSecret-0123456789-abcdefghijklmnopqrstuvwxyz"  # noqa: S105
ROBOT_SECRET = "SEC" + "0123456789abcdef" * 4
STAMP, NOW = "1760000000000", 1_760_000_000.0


def test_published_values() -> None:
    """The callback's value is openssl's and a second library's, the robot's that of DingtalkChatbot 1.5.7."""
    assert "5XBF2Xen1fmwpIFqms6NnkE1mo6nJv5ZdqpUUOGV8fk=" == sign(APP_SECRET, STAMP)
    assert "La604JXsnEluXCk7ZMRALvnA8TfhJPcV/lz0UFENgSY=" == sign(ROBOT_SECRET, STAMP)


def test_address_of_a_push_carries_the_signature_encoded() -> None:
    """The slash and the equals sign of the value would otherwise mean something in an address."""
    url = "https://oapi.dingtalk.com/robot/send?access_token=t"

    assert f"{url}&timestamp={STAMP}&sign=La604JXsnEluXCk7ZMRALvnA8TfhJPcV%2Flz0UFENgSY%3D" == signed_url(
        url, ROBOT_SECRET, NOW
    )


@pytest.mark.parametrize(
    ("off", "good"), [(0, True), (3599, True), (-3599, True), (3601, False), (-3601, False)]
)
def test_window_is_an_hour(off: float, good: bool) -> None:
    """59:59 is taken, 60:01 is not, in the past and in the future."""
    stamp = str(int((NOW + off) * 1000))

    assert good == is_signed(APP_SECRET, stamp, sign(APP_SECRET, stamp), NOW)


@pytest.mark.parametrize(
    "stamp", ["", "1760000000", "-1760000000000", " 1760000000000", "1760000000000.0", "１７６００００００００００", "9" * 5000]
)  # fmt: skip
def test_stamp_must_be_milliseconds(stamp: str) -> None:
    """Seconds, signs, blanks, wide digits and endless numbers are refused, even when well signed."""
    assert not is_signed(APP_SECRET, stamp, sign(APP_SECRET, stamp), NOW)


@given(st.text(max_size=60).filter(lambda text: text != sign(APP_SECRET, STAMP)))
def test_no_other_signature_is_taken(signature: str) -> None:
    """Any other text, of whatever signs, is refused without an error."""
    assert not is_signed(APP_SECRET, STAMP, signature, NOW)


@pytest.mark.parametrize("secret", ["", APP_SECRET + "x", APP_SECRET.lower(), ROBOT_SECRET])
def test_signature_of_another_secret_is_refused(secret: str) -> None:
    """Only this app's secret signs."""
    assert is_signed(APP_SECRET, STAMP, sign(APP_SECRET, STAMP), NOW)
    assert not is_signed(APP_SECRET, STAMP, sign(secret, STAMP), NOW)
