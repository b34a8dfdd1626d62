"""Telegram as it is: servers that are a version older, names that show nothing, links with a subject, forwards."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from aiogram.exceptions import ClientDecodeError
from aiogram.types import User
from house import House, ask, hand_over

from bot.admin import commands
from bot.app import client, running, work
from bot.message import shown_name
from bot.startup import announced
from bot.telegram import raw
from playground import Fault, api

OLDER = ("can_send_welcome_messages", "accepted_gift_types", "max_reaction_count", "can_be_edited", "can_post_stories")


def older_server(house: House) -> None:
    """Every answer lacks what newer versions of the Bot API have."""
    house.playground.fail(Fault("*", without=OLDER, times=10_000))


async def test_an_older_bot_api_server_stops_nothing(house: House) -> None:
    """It retried for ever and never polled: aiogram could not read getChat and getChatMember."""
    older_server(house)
    async with running(house.settings, house.storage) as app:
        working = asyncio.create_task(work(app, house.settings, lambda: None))
        try:
            assert "[1]" in (await ask(house.ana, "when do you deliver?")).text
            await hand_over(house)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def test_the_doctor_names_what_an_older_server_leaves_out(live: House) -> None:
    older_server(live)
    said: list[str] = []
    status = await commands.doctor(live.settings, live.storage, said.append)
    told = [line for line in said if "Bot API" in line]
    assert any("getChat without" in line and "accepted_gift_types" in line for line in told), said
    assert any("getChatMember without" in line for line in told), said
    assert all(line.startswith("look") for line in told)
    assert any(line.startswith("ok   topics: are on") for line in said)
    assert status == 0 or not any(line.startswith("BAD  group") for line in said)


async def test_what_is_no_bot_api_at_all_ends_with_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def strange(*_: Any) -> object:
        return ["no", "object"]

    monkeypatch.setitem(api._BY_NAME, "getme", ("getMe", strange))
    bot = client(house.settings)
    with pytest.raises(raw.UnreadableError, match="getMe: result: must be named values"):
        await announced(bot, polling=True)
    await bot.session.close()
    said: list[str] = []
    assert await commands.doctor(house.settings, house.storage, said.append) == 1
    assert any(line.startswith("BAD  Telegram") and "no Bot API server (getMe: result" in line for line in said)


async def test_a_gateways_page_is_waited_out(house: House, caplog: pytest.LogCaptureFixture) -> None:
    class Gateway:
        async def __call__(self, *_: Any, **__: Any) -> None:
            raise ClientDecodeError("Failed to decode object", ValueError("x"), "<html>a page with words</html>")

        delete_webhook = set_my_commands = __call__

    with caplog.at_level(logging.WARNING):
        assert not await announced(Gateway(), polling=True)  # type: ignore[arg-type]
    assert "none of Telegram's (ValueError)" in caplog.text and "<html>" not in caplog.text


@pytest.mark.parametrize("command", ["/Person", "/HELP", "/Privacy", "/START", "/fOrGeT"])
async def test_commands_in_any_case(live: House, command: str) -> None:
    """“I don't know /Person.”"""
    assert "don't know" not in (await ask(live.ana, command)).text


async def test_a_link_with_a_subject_is_on_the_card(live: House) -> None:
    await ask(live.ana, "/start order_4471")
    _, card = await hand_over(live)
    assert "Came by the link: order_4471" in card.text
    await live.ana.say("/start")  # plain, later: the subject stays


async def test_a_card_number_in_a_link_is_hidden(live: House) -> None:
    await ask(live.ana, "/start 4111111111111111")
    _, card = await hand_over(live)
    assert "4111111111111111" not in card.text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana", "Ana"),
        ("\u202eevil", "evil"),
        ("\u3164", "#42"),  # Hangul filler, the usual empty name
        ("\u2800\u2800", "#42"),
        ("\u200b\u200d\ufeff", "#42"),
        (" \n ", "#42"),
        ("🙂", "🙂"),
        ("Ана\u2066 Б", "Ана Б"),
        ("x" * 200, "x" * 63 + "…"),
    ],
)
def test_names_that_show_nothing_get_one(name: str, shown: str) -> None:
    assert shown_name(name, "#42") == shown


async def test_a_name_that_turns_the_line_round_is_straight_on_card_and_in_the_topic(live: House) -> None:
    customer = live.playground.customer(43, "\u202eevil")
    await ask(customer, "when do you deliver?")
    await customer.say("a human please")
    topic = await live.group.wait_for_topic("evil", timeout=10)
    card = await topic.wait_for_message("Why:", timeout=10)
    await customer.say("hello?")
    line = await topic.wait_for_message("hello?", timeout=10)
    assert "\u202e" not in card.text + line.text + topic.name
    assert line.text.startswith("evil: hello?")


async def test_forwards_are_known_as_forwards(live: House) -> None:
    """The topic read as if the customer had written it."""
    topic, _ = await hand_over(live)
    carrier = User(id=900, is_bot=False, first_name="Parcel Service").model_dump(exclude_none=True)
    hidden = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 1}
    forwards = [
        ("Your parcel could not be delivered.", {"type": "user", "sender_user": carrier, "date": 1}, "Parcel Service"),
        ("It was your neighbour.", hidden, "Somebody"),
    ]
    world, ana = live.playground.server.world, live.playground.server.world.person(42)
    for text, origin, who in forwards:
        world.post(ana, 42, {"text": text, "forward_origin": origin})
        line = await topic.wait_for_message(text, timeout=10)
        assert f"Ana, forwarded from {who}: {text}" in line.text
