"""A customer and an agent of two languages: both see the original, and below it what a machine makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from house import GREY, House, hand_over, picture, quiet
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from bot.handover.ownership import State, read
from playground.group import Topic

PERSON = "ich möchte bitte mit einem Menschen sprechen"


class Interpreter(BaseChatModel):
    """Says in which language it was asked for, and the words."""

    down: bool = False
    asked: int = 0

    @property
    def _llm_type(self) -> str:
        return "interpreter"

    def bind_tools(self, *_: Any, **__: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.asked += 1
        if self.down:
            raise ConnectionError("the model is down")
        language = str(messages[0].content).split("(")[1].split(")")[0]
        words = str(messages[-1].content).removeprefix("<message>\n").removesuffix("\n</message>")
        return ChatResult(generations=[ChatGeneration(message=AIMessage(f"({language}) {words}"))])


@pytest.fixture
def interpreter(monkeypatch: pytest.MonkeyPatch) -> Interpreter:
    model = Interpreter()
    monkeypatch.setattr("bot.app.chat_model", lambda _: model)
    return model


@pytest.fixture
async def german(house: House, interpreter: Interpreter) -> AsyncIterator[tuple[House, Topic]]:
    """A customer who writes German has a person."""
    house.settings = house.settings.model_copy(update={"chat_model": "fake:model"})
    async with house.bot():
        await house.ana.say(PERSON)
        await house.ana.wait_for_message("Ich gebe Sie an jemanden")
        yield house, await house.group.wait_for_topic("Ana")


async def test_the_card_says_it_in_the_agents_language(german: tuple[House, Topic]) -> None:
    _, topic = german
    card = await topic.wait_for_message("Why:")
    assert f"🌐 By a machine: (en) {PERSON}" in card.text
    assert "with a machine's translation into Deutsch below it" in card.text


async def test_both_see_the_original_and_a_translation(german: tuple[House, Topic]) -> None:
    house, topic = german
    await house.ana.say("Mein Paket 4471-22 ist noch nicht da")
    line = await topic.wait_for_message("noch nicht da")
    assert line.text == (
        "Ana: Mein Paket 4471-22 ist noch nicht da\n🌐 By a machine: (en) Mein Paket 4471-22 ist noch nicht da"
    )
    await topic.agent("Kim").say("I will look into it right away.")
    reply = await house.ana.wait_for_message("right away")
    assert reply.text == (
        "Kim: I will look into it right away.\n\n🌐 Von einer Maschine übersetzt: (de) I will look into it right away."
    )


async def test_who_writes_the_others_language_is_not_translated(
    german: tuple[House, Topic], interpreter: Interpreter
) -> None:
    house, topic = german
    before = interpreter.asked
    await topic.agent("Kim").say("Ich kümmere mich sofort um Ihr Paket.")
    reply = await house.ana.wait_for_message("sofort")
    assert reply.text == "Kim: Ich kümmere mich sofort um Ihr Paket."
    await house.ana.say("thank you very much, that is kind of you")
    line = await topic.wait_for_message("that is kind")
    assert line.text == "Ana: thank you very much, that is kind of you"
    assert interpreter.asked == before


async def test_a_caption_and_an_edit_are_translated_too(german: tuple[House, Topic]) -> None:
    house, topic = german
    await house.ana.send_photo(picture(GREY), "so kam der Joghurt bei mir an")
    line = await topic.wait_for_message(lambda m: "🌐" in m.text and "Joghurt" in m.text)
    assert line.text == "🌐 By a machine: (en) so kam der Joghurt bei mir an"
    kim = topic.agent("Kim")
    first = await kim.say("We send you another one today.")
    arrived = await house.ana.wait_for_message("another one today")
    await quiet(house)
    house.playground.server.world.edit_own(kim._user, kim._stored(first), {"text": "We send you another one tomorrow."})
    edited = await house.ana.wait_for_edit(arrived)
    assert edited.text.endswith("🌐 Von einer Maschine übersetzt: (de) We send you another one tomorrow.")


async def test_where_the_model_is_down_the_original_is_passed_on(
    german: tuple[House, Topic], interpreter: Interpreter
) -> None:
    house, topic = german
    interpreter.down = True
    await house.ana.say("Ist da noch jemand bei Ihnen?")
    assert (await topic.wait_for_message("noch jemand")).text == "Ana: Ist da noch jemand bei Ihnen?"
    await topic.agent("Kim").say("Yes, I am here with you.")
    assert (await house.ana.wait_for_message("with you")).text == "Kim: Yes, I am here with you."


async def test_one_language_and_nothing_is_asked(house: House, interpreter: Interpreter) -> None:
    house.settings = house.settings.model_copy(update={"chat_model": "fake:model"})
    async with house.bot():
        topic, card = await hand_over(house)
        await house.ana.say("my parcel has not come yet")
        assert (await topic.wait_for_message("not come")).text == "Ana: my parcel has not come yet"
        assert "🌐" not in card.text and interpreter.asked == 0


async def test_it_can_be_switched_off(house: House, interpreter: Interpreter) -> None:
    house.settings = house.settings.model_copy(update={"chat_model": "fake:model", "translation": False})
    async with house.bot():
        await house.ana.say(PERSON)
        topic = await house.group.wait_for_topic("Ana")
        assert "🌐" not in (await topic.wait_for_message("Why:")).text
        assert interpreter.asked == 0


async def test_a_customers_share_of_the_model_ends(house: House, interpreter: Interpreter) -> None:
    house.settings = house.settings.model_copy(update={"chat_model": "fake:model", "chat_model_turns": 3})
    async with house.bot():
        await house.ana.say(PERSON)
        topic = await house.group.wait_for_topic("Ana")
        await house.ana.say("Das erste Wort ist noch übersetzt.")
        await house.ana.say("Das zweite Wort ist es nicht mehr.")
        line = await topic.wait_for_message("nicht mehr")
        assert line.text.endswith("Ana: Das zweite Wort ist es nicht mehr.")
        assert interpreter.asked == 2
        assert (await read(house.redis, 42)).state is State.PENDING
