"""Follow-up questions: what leans on the talk before it is answered from it, what stands alone is left alone."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from bot.asking import Libraries
from bot.engine import RasaEngine
from bot.errors import NotReady
from bot.messages import AnswerBlock, Incoming
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.followup import NODDED, FollowUps, Reading
from bot.retrieval.answering.followup_decision import FEATURES, Decision
from bot.retrieval.answering.followup_signs import asks_why, is_chat, pointed_at, without_nod
from bot.services import Services
from bot.stores.conversations import ConversationStore
from bot.stores.database import open_database
from bot.stores.inbox import InboxStore
from bot.stores.practices import PracticeStore
from bot.stores.shared import SharedStore
from tests.learning.factory import floor
from tests.retrieval.fakes import knowledge


def decision() -> Decision:
    """What is not answered alone is a follow-up, so that tests can foresee it."""
    weight = dict.fromkeys(FEATURES, 0.0) | {"alone": -20.0}
    return Decision(dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 1.0), weight, bias=10.0)


@pytest.fixture(scope="module")
def reader(small: Answerer) -> FollowUps:
    return FollowUps(small, decision())


@pytest.fixture
def services(small: Answerer, tmp_path: Path) -> Services:
    """The app's services over a real database; a stand-in for Rasa sends every message to the knowledge base."""

    def rasa(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        text, message_id = body["metadata"]["text"], body["metadata"]["message_id"]
        message = built.answer_question(Incoming(body["sender"], text, message_id))
        return httpx.Response(200, json=[{"custom": message.model_dump(mode="json")}])

    sessions = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    client = httpx.AsyncClient(transport=httpx.MockTransport(rasa), base_url="http://rasa")
    built = Services(
        Libraries(knowledge(), small, None, decision()),
        None,  # type: ignore[arg-type]
        SimpleNamespace(choices=frozenset()),  # type: ignore[arg-type]
        ConversationStore(sessions),
        PracticeStore(sessions),
        RasaEngine(client),
        InboxStore(sessions),
        SharedStore(sessions),
        floor(tmp_path),  # type: ignore[arg-type]
    )
    return built


def converse(services: Services, conversation: str, *said: str) -> AnswerBlock:
    """The block that answers the last of these messages."""

    async def send() -> AnswerBlock:
        for n, text in enumerate(said):
            message = await services.converse(conversation, text, f"m{n}")
        return message.blocks[0]  # type: ignore[return-value]

    return asyncio.run(send())


def talk(reader: FollowUps, *said: str) -> Reading:
    """How the last utterance is read after the others."""
    earlier: list[AnswerBlock] = []
    for utterance in said[:-1]:
        earlier.append(reader.read(utterance, earlier).block)
    return reader.read(said[-1], earlier)


@pytest.mark.parametrize(
    "text", ["谢谢", "好的，谢谢！", "嗯嗯", "OK", "哦，这下懂了", "收到", "行我再去查查", "那我删了"]
)
def test_nod_is_no_question(reader: FollowUps, text: str) -> None:
    """Thanks and nods get a friendly word, never a search."""
    reading = talk(reader, "欠费多久可以停电", text)

    assert ("chat", NODDED, []) == (reading.kind, reading.block.answer, reading.block.citations)


@pytest.mark.parametrize(
    "text", ["行不行", "好办吗", "哦，他是低保户", "知道户号能查电费吗", "明白告诉他会停电", "没气了"]
)
def test_question_is_no_nod(text: str) -> None:
    """A word that also nods does not swallow what is said after it."""
    assert not is_chat(text)


def test_nod_in_front_is_dropped() -> None:
    """The question after thanks is the question."""
    assert "支付令又是个啥" == without_nod("行吧，支付令又是个啥")


def test_short_follow_up_keeps_the_topic(reader: FollowUps) -> None:
    """Words that say nothing alone are answered from the question before, and the answer says how it took them."""
    reading = talk(reader, "违约金一天收多少", "那商户呢")

    assert ("follow", "fc-fee") == (reading.kind, reading.block.citations[0].id)
    assert ("那商户呢", "违约金一天收多少，那商户呢") == (
        reading.block.question,
        reading.block.understood,
    )


def test_follow_up_of_follow_up_remembers_both(reader: FollowUps) -> None:
    """The topic travels on through a chain of follow-ups."""
    reading = talk(reader, "违约金一天收多少", "那商户呢", "那居民呢")

    assert "违约金一天收多少，那商户呢，那居民呢" == reading.block.understood
    assert "fc-fee" == reading.block.citations[0].id


def test_new_topic_is_not_dragged_along(reader: FollowUps, small: Answerer) -> None:
    """A question that stands alone is answered exactly as if nothing had been said before."""
    reading = talk(reader, "违约金一天收多少", "物业停电催物业费合法吗")

    assert "new" == reading.kind
    assert small.ask("物业停电催物业费合法吗") == reading.block


def test_offered_question_stands_alone(reader: FollowUps, small: Answerer) -> None:
    """A related question that is pressed is asked as it was written, even where its words would lean."""
    last = small.ask("违约金一天收多少").model_copy(update={"related": ["那商户呢"]})

    assert "new" == reader.read("那商户呢", [last]).kind


def test_first_question_stands_alone(reader: FollowUps, small: Answerer) -> None:
    """Without a conversation nothing is a follow-up, whatever it looks like."""
    assert Reading("new", small.ask("那复电呢")) == reader.read("那复电呢")


@pytest.mark.parametrize(
    ("text", "place"),
    [("第二条什么意思", 1), ("第2个呢", 1), ("上面那条", 0), ("你说的第一条具体讲了什么", 0)],
)
def test_citation_is_pointed_at(text: str, place: int) -> None:
    """第二条 is the second citation on the screen, 上面那条 the first."""
    assert place == pointed_at(text)


@pytest.mark.parametrize(
    "text", ["民法典第三条什么意思", "第二条线路停电要通知吗", "第三条里说的当面送，孩子收也行吗"]
)
def test_clause_with_content_is_not_pointing(text: str) -> None:
    """A law's own number, or more words than the number, ask something of their own."""
    assert pointed_at(text) is None


def test_second_citation_is_explained(reader: FollowUps, small: Answerer) -> None:
    """第二条什么意思 is answered from the second citation itself."""
    first = small.ask("欠费多久可以停电").model_copy(
        update={
            "citations": [*small.ask("违约金怎么算").citations[:1], *small.ask("验表要多久").citations[:1]]
        }
    )

    block = reader.read("第二条什么意思", [first]).block

    assert "nb-check" == block.citations[0].id
    assert block.understood == block.citations[0].title


@pytest.mark.parametrize("text", ["为什么", "依据呢？", "谁说的", "凭啥呀", "写在哪部法里的"])
def test_bare_why_stays_with_the_card(reader: FollowUps, text: str) -> None:
    """A bare why is about the answer just given."""
    assert asks_why(text)
    assert "fc-stop" == talk(reader, "客户不交电费能拉闸吗", text).block.citations[0].id


def test_refusal_has_nothing_to_explain(reader: FollowUps) -> None:
    """After a refusal 第二条 points at nothing, and no citation is made up."""
    assert [] == talk(reader, "红烧肉怎么做", "第二条什么意思").block.citations


def test_damaged_coefficients_are_named(tmp_path: Path) -> None:
    """A decision model that does not fit the code is not used."""
    path = tmp_path / "coefficients.json"
    path.write_text('{"mean": {}, "scale": {}, "weight": {}, "bias": 0, "threshold": 0.5}', encoding="utf-8")

    with pytest.raises(NotReady, match="接话模型"):
        Decision.load(path)


def test_conversation_is_remembered(services: Services) -> None:
    """Over the real store: a follow-up leans on this conversation, past a word of thanks, and on nobody else's."""
    asked = ("违约金一天收多少", "谢谢", "那商户呢")

    assert "违约金一天收多少，那商户呢" == converse(services, "王班", *asked).understood
    assert "" == converse(services, "李姐", "那商户呢").understood


def test_old_talk_is_left_alone(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said too long ago is not picked up again."""
    monkeypatch.setattr(Services, "FOLLOWED_FOR", timedelta(0))

    assert "" == converse(services, "王班", "违约金一天收多少", "那商户呢").understood


def test_personal_data_stay_masked(services: Services) -> None:
    """A phone number in a question reaches neither the answer nor what is understood afterwards."""
    block = converse(services, "王班", "13812345678的违约金一天收多少", "那商户呢")

    assert "违约金" in block.understood
    assert "13812345678" not in block.model_dump_json()


def test_single_question_needs_a_conversation_to_follow(services: Services) -> None:
    """`ask` stands alone unless it names a conversation; then it is remembered like a message."""
    services.ask("违约金一天收多少", "程序甲")

    assert "" == services.ask("那商户呢")["understood"]
    assert "fc-fee" == services.ask("那商户呢", "程序甲")["citations"][0]["id"]
