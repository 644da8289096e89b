"""WeCom's API for the self-built app: first wechatpy proves the fake, then our client talks to the same one."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
import structlog
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import APILimitedException, WeChatClientException

from bot.channels.chat.outbound import DeliveryFailed
from bot.channels.chat.tokens import LocalShelf
from bot.channels.wecom.client import MOST_PICTURE_BYTES, WecomClient
from bot.errors import NotReady, SettingError
from tests.fakes.clock import Clock
from tests.fakes.wecom_api import GETTOKEN, SEND, UPDATE, UPLOAD, WecomApi

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
HELLO = {"touser": "zhangsan", "msgtype": "text", "text": {"content": "您好，欠费停电前要提前七天通知。"}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wecom(clock: Clock) -> WecomApi:
    return WecomApi(now=clock)


Work = Callable[[WecomClient], Awaitable[Any]]


def with_client(wecom: WecomApi, work: Work, timeout: float = 0.1, **changed: Any) -> Any:
    """What `work` returns for a client of the fake; the fake stands in the same process."""

    async def run() -> Any:
        settings = {"corp_id": wecom.corp_id, "secret": wecom.secret, "agent_id": str(wecom.agent_id)}
        clock = wecom.now
        client = WecomClient(
            **{**settings, "shelf": LocalShelf(), **changed},
            base="http://wecom",
            transport=httpx.ASGITransport(wecom.app),
            now=clock,
            sleep=clock.sleep,  # type: ignore[attr-defined]
            timeout=timeout,
        )
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(run())


def failing(wecom: WecomApi, work: Work, **changed: Any) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        with_client(wecom, work, **changed)
    return failed.value


async def hello(client: WecomClient) -> Any:
    return await client.send(HELLO)


def texts(wecom: WecomApi, member: str = "zhangsan") -> list[str]:
    return [one.text for one in wecom.chats[member]]


# The fake, proved with wechatpy over a real connection


class Peer(WeChatClient):
    """wechatpy, with the address of its token made changeable."""

    def __init__(self, wecom: WecomApi, base: str) -> None:
        super().__init__(wecom.corp_id, wecom.secret, timeout=5)
        self._http.trust_env = False
        self.API_BASE_URL = f"{base}/cgi-bin/"

    def fetch_access_token(self) -> Any:
        return self._fetch_access_token(
            f"{self.API_BASE_URL}gettoken", {"corpid": self.corp_id, "corpsecret": self.secret}
        )


@pytest.fixture
def peer(wecom: WecomApi) -> Iterator[Peer]:
    with wecom.served() as base:
        client = Peer(wecom, base)
        yield client
        client._http.close()


def test_peer_sends_on_one_token(wecom: WecomApi, peer: Peer) -> None:
    """wechatpy fetches one token and sends text and Markdown with it."""
    peer.message.send_text(wecom.agent_id, "zhangsan", "您好")
    peer.message.send_markdown(wecom.agent_id, ["zhangsan", "lisi"], "**七天**前通知")

    assert ["您好", "**七天**前通知"] == texts(wecom)
    assert ["**七天**前通知"] == texts(wecom, "lisi")
    assert 1 == wecom.calls[GETTOKEN]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_peer_renews_a_refused_token(wecom: WecomApi, peer: Peer, code: int) -> None:
    """wechatpy takes the fake's three codes for what they mean: it renews and sends again."""
    wecom.faults[SEND].append(code)
    peer.message.send_text(wecom.agent_id, "zhangsan", "您好")

    assert ["您好"] == texts(wecom)
    assert (2, 2) == (wecom.calls[GETTOKEN], wecom.calls[SEND])


def test_peer_notices_revoked_and_expired(wecom: WecomApi, peer: Peer, clock: Clock) -> None:
    """A token is refused once it is revoked, and once its two hours are over; the next is another one."""
    peer.message.send_text(wecom.agent_id, "zhangsan", "一")
    first = wecom.token
    wecom.revoke_token()
    peer.message.send_text(wecom.agent_id, "zhangsan", "二")
    clock.time += 7201
    peer.message.send_text(wecom.agent_id, "zhangsan", "三")

    assert ["一", "二", "三"] == texts(wecom)
    assert first != wecom.token
    assert 3 == wecom.calls[GETTOKEN]


def test_peer_reads_errors_behind_200(wecom: WecomApi, peer: Peer) -> None:
    """Nobody reachable, and too many calls, come with HTTP 200 and are errors for wechatpy."""
    with pytest.raises(WeChatClientException) as nobody:
        peer.message.send_text(wecom.agent_id, "wangmazi", "您好")
    wecom.faults[SEND].append(45009)
    with pytest.raises(APILimitedException):
        peer.message.send_text(wecom.agent_id, "zhangsan", "您好")

    assert 81013 == nobody.value.errcode
    assert [] == wecom.sent


def test_peer_sends_a_picture(wecom: WecomApi, peer: Peer) -> None:
    """wechatpy's multipart upload arrives byte for byte, and its media_id can be sent."""
    media = peer.media.upload("image", ("曲线.png", BytesIO(PNG), "image/png"))["media_id"]
    peer.message.send_image(wecom.agent_id, "zhangsan", media)

    assert PNG == wecom.pictures[media]
    assert [media] == texts(wecom)


def test_peer_loses_what_is_too_much(wecom: WecomApi, peer: Peer) -> None:
    """Of 33 messages within a minute WeCom says yes to all and shows 30; of 2,100 bytes of text it shows 2,048."""
    for n in range(33):
        peer.message.send_text(wecom.agent_id, "zhangsan", f"第 {n} 条")
    peer.message.send_text(wecom.agent_id, "lisi", "电" * 700)

    assert 30 == len(texts(wecom))
    assert ["电" * 682] == texts(wecom, "lisi")
    assert 34 == len(wecom.sent)


# Our client


def test_message_arrives(wecom: WecomApi) -> None:
    """The words reach the person, sent by the app, and WeCom's id of the message comes back."""
    answer = with_client(wecom, hello)

    assert "msg-1" == answer["msgid"]
    assert [HELLO["text"]["content"]] == texts(wecom)  # type: ignore[index]
    assert wecom.agent_id == wecom.sent[0]["agentid"]


def test_message_arrives_over_a_real_connection(wecom: WecomApi) -> None:
    """The server wechatpy was proved on takes our text and our picture too."""

    async def run(base: str) -> None:
        client = WecomClient(
            wecom.corp_id, wecom.secret, str(wecom.agent_id), LocalShelf(), base=base, now=wecom.now,
            transport=httpx.AsyncHTTPTransport(),
        )  # fmt: skip
        await client.send(HELLO)
        media = await client.upload_image(PNG)
        await client.send({"touser": "lisi", "msgtype": "image", "image": {"media_id": media}})
        await client.close()

    with wecom.served() as base:
        asyncio.run(run(base))

    assert [HELLO["text"]["content"]] == texts(wecom)  # type: ignore[index]
    assert PNG == wecom.pictures[texts(wecom, "lisi")[0]]


def test_fifty_cold_sends_ask_for_one_token(wecom: WecomApi) -> None:
    """Fifty messages at once by an app that has no token: one gettoken, fifty messages."""
    wecom.members = tuple(f"staff{n}" for n in range(50))
    wecom.slow_s = 0.01

    async def all_at_once(client: WecomClient) -> None:
        await asyncio.gather(*(client.send({**HELLO, "touser": name}) for name in wecom.members))

    with_client(wecom, all_at_once, timeout=5)

    assert 1 == wecom.calls[GETTOKEN]
    assert [1] * 50 == [len(texts(wecom, name)) for name in wecom.members]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_refused_token_is_renewed_once(wecom: WecomApi, code: int) -> None:
    """A token refused once costs one gettoken and one more try, and the message arrives once."""
    wecom.faults[SEND].append(code)
    with_client(wecom, hello)

    assert 1 == len(texts(wecom))
    assert (2, 2) == (wecom.calls[GETTOKEN], wecom.calls[SEND])


def test_revoked_token_is_renewed_once_for_all(wecom: WecomApi) -> None:
    """WeCom revokes the token in use: forty messages at once share one new token, and all arrive."""
    wecom.members = tuple(f"staff{n}" for n in range(40))
    wecom.slow_s = 0.01

    async def revoked(client: WecomClient) -> None:
        await client.send({**HELLO, "touser": "staff0"})
        wecom.revoke_token()
        await asyncio.gather(*(client.send({**HELLO, "touser": name}) for name in wecom.members))

    with_client(wecom, revoked, timeout=5)

    assert 2 == wecom.calls[GETTOKEN]
    assert 41 == sum(len(texts(wecom, name)) for name in wecom.members)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_token_refused_for_ever_stops(wecom: WecomApi, code: int) -> None:
    """Where every token is refused, a message costs two tries and then is given up, not repeated."""
    wecom.always[SEND] = code

    assert not failing(wecom, hello).again
    assert (2, 2) == (wecom.calls[GETTOKEN], wecom.calls[SEND])


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (-1, True),
        (45009, True),
        (45033, True),
        ("500", True),
        ("502", True),
        ("429", True),
        ("hang", True),
        ("html", True),
        ("list", True),
        ("bare", True),
        (81013, False),
        (40058, False),
        (60020, False),
        (40056, False),
        (99999, False),
        ("403", False),
        ("404", False),
    ],
)
def test_failure_says_whether_later_helps(wecom: WecomApi, fault: int | str, again: bool) -> None:
    """Trouble that passes may be tried later, a refusal may not; either way it was tried once."""
    wecom.always[SEND] = fault

    assert again == failing(wecom, hello).again
    assert 1 == wecom.calls[SEND]
    assert [] == texts(wecom)


@pytest.mark.parametrize(
    ("fault", "again"),
    [(-1, True), (45009, True), ("500", True), ("hang", True), ("bare", True), (60020, False)],
)
def test_failing_token_sends_nothing(wecom: WecomApi, fault: int | str, again: bool) -> None:
    """Trouble with the token is told in the same way, before anything is sent."""
    wecom.always[GETTOKEN] = fault

    assert again == failing(wecom, hello).again
    assert (1, 0) == (wecom.calls[GETTOKEN], wecom.calls[SEND])


@pytest.mark.parametrize(
    ("changed", "code"), [({"secret": "wrong"}, "40001"), ({"corp_id": "wwother"}, "40013")]
)
def test_wrong_credentials_are_named(wecom: WecomApi, changed: dict[str, str], code: str) -> None:
    """A wrong Secret or corporation is said with the command that helps, and is not tried for ever."""
    failed = failing(wecom, hello, **changed)

    assert code in failed.message and "anxun channel check wecom" in failed.remedy
    assert not failed.again
    assert 1 == wecom.calls[GETTOKEN]


def test_dead_network_may_be_tried_later(wecom: WecomApi) -> None:
    """Where nothing can be reached, the message is left for later."""

    def dead(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async def run() -> None:
        client = WecomClient("ww1", "s", "1", LocalShelf(), transport=httpx.MockTransport(dead))
        await client.send(HELLO)

    with pytest.raises(DeliveryFailed) as failed:
        asyncio.run(run())

    assert failed.value.again and "ConnectError" in failed.value.message


def test_busy_shelf_may_be_tried_later(wecom: WecomApi) -> None:
    """Where another process holds the token for too long, the message is left for later."""

    class Busy(LocalShelf):
        async def alone(self, key: str, work: Any) -> Any:
            raise NotReady("平台的访问令牌一直没有拿到。")

    assert failing(wecom, hello, shelf=Busy()).again


def test_person_who_is_left_out_is_noticed(wecom: WecomApi) -> None:
    """WeCom says ok and names those it did not reach, in lower case: for one person that is a failure."""
    wecom.unlicensed = ("WangWu",)

    failed = failing(wecom, lambda client: client.send({**HELLO, "touser": "WangWu"}))

    assert not failed.again and "可见范围" in failed.remedy
    assert 1 == len(wecom.sent)


def test_one_of_two_is_enough(wecom: WecomApi) -> None:
    """A message to several people has arrived when it reached one of them."""
    with_client(wecom, lambda client: client.send({**HELLO, "touser": "zhangsan|wangmazi"}))

    assert 1 == len(texts(wecom))


def test_burst_is_held_back(wecom: WecomApi, clock: Clock) -> None:
    """Seventy messages to one person: WeCom would drop forty without a word; all seventy arrive, in order."""

    async def burst(client: WecomClient) -> None:
        for n in range(70):
            await client.send({**HELLO, "text": {"content": f"第 {n} 条"}})

    began = clock.time
    with_client(wecom, burst)

    assert [f"第 {n} 条" for n in range(70)] == texts(wecom)
    assert 120 <= clock.time - began < 180


def test_people_do_not_wait_for_each_other(wecom: WecomApi, clock: Clock) -> None:
    """Thirty messages each to three people leave without a pause."""

    async def three(client: WecomClient) -> None:
        for n in range(30):
            for name in wecom.members:
                await client.send({**HELLO, "touser": name, "text": {"content": str(n)}})

    with_client(wecom, three)

    assert [] == clock.slept
    assert [30, 30, 30] == [len(texts(wecom, name)) for name in wecom.members]


@pytest.mark.parametrize("after", [0.0, 90.0, 1700.0])
def test_unanswered_message_is_not_doubled(wecom: WecomApi, clock: Clock, after: float) -> None:
    """WeCom took the message and said nothing: sent again, whenever that is, it is still there once."""
    wecom.faults[SEND].append("taken")

    async def twice(client: WecomClient) -> None:
        with pytest.raises(DeliveryFailed):
            await client.send(HELLO)
        clock.time += after
        await client.send(HELLO)

    with_client(wecom, twice)

    assert 1 == len(texts(wecom))
    assert 2 == wecom.calls[SEND]


def test_same_words_may_be_said_twice(wecom: WecomApi) -> None:
    """The same answer to the same question is sent again, unless the first is in doubt."""

    async def twice(client: WecomClient) -> None:
        await client.send(HELLO)
        await client.send(HELLO)

    with_client(wecom, twice)

    assert 2 == len(texts(wecom))
    assert all("enable_duplicate_check" not in body for body in wecom.bodies)


def test_settled_doubt_is_forgotten(wecom: WecomApi) -> None:
    """Once the doubtful message is known to be there, the same words may be said again at once."""
    wecom.faults[SEND].append("taken")

    async def thrice(client: WecomClient) -> None:
        with pytest.raises(DeliveryFailed):
            await client.send(HELLO)
        await client.send(HELLO)
        await client.send(HELLO)

    with_client(wecom, thrice)

    assert 2 == len(texts(wecom))


def test_silent_token_casts_no_doubt_on_the_message(wecom: WecomApi) -> None:
    """No token, so nothing was sent: later it is an ordinary message, also beside the same words of before."""

    async def twice(client: WecomClient) -> None:
        await client.send(HELLO)
        wecom.revoke_token()
        wecom.faults[GETTOKEN].append("hang")
        with pytest.raises(DeliveryFailed):
            await client.send(HELLO)
        await client.send(HELLO)

    with_client(wecom, twice)

    assert 2 == len(texts(wecom))


def test_message_that_was_lost_is_sent_again(wecom: WecomApi) -> None:
    """No answer because it never came: sent again, it arrives."""
    wecom.faults[SEND].append("hang")

    async def twice(client: WecomClient) -> None:
        with pytest.raises(DeliveryFailed):
            await client.send(HELLO)
        await client.send(HELLO)

    with_client(wecom, twice)

    assert 1 == len(texts(wecom))


def test_picture_is_uploaded(wecom: WecomApi) -> None:
    """A picture arrives byte for byte, also where the first token is refused."""
    wecom.faults[UPLOAD].append(42001)
    media = with_client(wecom, lambda client: client.upload_image(PNG))

    assert PNG == wecom.pictures[media]
    assert 2 == wecom.calls[UPLOAD]


def test_huge_picture_is_not_uploaded(wecom: WecomApi) -> None:
    """What WeCom would refuse for its size is refused here."""
    failed = failing(wecom, lambda client: client.upload_image(bytes(MOST_PICTURE_BYTES + 1)))

    assert not failed.again
    assert 0 == wecom.calls[UPLOAD]


def test_card_is_updated_once(wecom: WecomApi) -> None:
    """The code of a card changes its buttons for the person who pressed; used again, WeCom refuses it."""
    code = wecom._response_code()
    with_client(wecom, lambda client: client.update_card(code, "zhangsan", "已选"))

    assert ["zhangsan"] == wecom.updates[0]["userids"]
    assert "已选" == wecom.updates[0]["button"]["replace_name"]
    assert not failing(wecom, lambda client: client.update_card(code, "zhangsan", "已选")).again
    assert 2 == wecom.calls[UPDATE]


@pytest.mark.parametrize("agent_id", ["", "abc", "1000002x", "-1", "１００"])
def test_agent_id_must_be_a_number(agent_id: str) -> None:
    """An AgentId WeCom cannot know is said at the start, with where to find the right one."""
    with pytest.raises(SettingError) as wrong:
        WecomClient("ww1", "s", agent_id, LocalShelf())

    assert "ANXUN_WECOM_AGENT_ID" in wrong.value.message and "AgentId" in wrong.value.remedy


@pytest.mark.parametrize(
    "fault", [None, -1, 40014, 45009, 81013, "500", "404", "hang", "html", "bare", "unreachable"]
)
@pytest.mark.parametrize("path", [GETTOKEN, SEND])
def test_secrets_stay_out_of_logs_and_errors(
    wecom: WecomApi, path: str, fault: int | str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the secret nor a token stands in any log, at any level, nor in an error and its traceback."""
    caplog.set_level(logging.DEBUG)
    told = ""
    if fault == "unreachable":
        wecom.members = ()
    elif fault is not None:
        wecom.always[path] = fault
    with structlog.testing.capture_logs() as events:
        try:
            with_client(wecom, hello)
        except DeliveryFailed as error:
            told = "".join(traceback.format_exception(error)) + repr(error)

    everything = f"{caplog.text} {events} {told}"
    assert "gettoken" in caplog.text or fault == "hang"
    assert wecom.secret not in everything and "access-token-" not in everything
    assert "欠费" not in everything
