"""What can be made to go wrong."""

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from playground import Fault, Playground
from playground.faults import Flood
from playground.telegram import BotApiError


async def test_errors_on_demand_and_only_as_often_as_asked(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    for fault, error in (
        (Fault("sendMessage", 429, retry_after=7), TelegramRetryAfter),
        (Fault("sendMessage", 502, "Bad Gateway"), TelegramServerError),
        (Fault("*", 403, "Forbidden: bot was blocked by the user"), TelegramForbiddenError),
        (Fault("sendmessage", 400, "Bad Request: can't parse entities: x"), TelegramBadRequest),
        (Fault("sendMessage", drop=True), TelegramNetworkError),
    ):
        town.fail(fault)
        with pytest.raises(error) as failed:
            await bot.send_message(42, "x")
        assert fault.description in str(failed.value)
        if isinstance(failed.value, TelegramRetryAfter):
            assert failed.value.retry_after == 7
    assert len(customer.messages()) == 1
    await bot.send_message(42, "all is well")


async def test_a_fault_for_one_chat_and_method(town: Playground, bot: Bot) -> None:
    for number in (42, 43):
        await town.customer(number).say("hi")
    town.fail(Fault("sendMessage", 500, chat_id=43, times=2))
    await bot.get_me()
    await bot.send_message(42, "x")
    for _ in range(2):
        with pytest.raises(TelegramServerError):
            await bot.send_message(43, "x")
    await bot.send_message(43, "x")


async def test_a_lost_answer(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    town.fail(Fault("sendMessage", drop=True, when="after"))
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(42, "did it arrive?")
    assert (await customer.wait_for_message()).text == "did it arrive?"


async def test_a_slow_answer(town: Playground, bot: Bot) -> None:
    town.fail(Fault("getMe", delay=1.5))
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await bot.get_me(request_timeout=1)
    assert (await bot.get_me()).is_bot


async def test_faults_over_http(town: Playground, bot: Bot) -> None:
    async with aiohttp.ClientSession(f"{town.url}/playground/") as session:
        wanted = {"method": "getMe", "error_code": 500, "description": "Internal Server Error", "times": 3}
        async with session.post("faults", json=wanted) as answer:
            assert (await answer.json())["faults"][0]["times"] == 3
        with pytest.raises(TelegramServerError):
            await bot.get_me()
        async with session.delete("faults") as answer:
            assert (await answer.json())["faults"] == []
        await bot.get_me()
        for wrong in ({"methode": "x"}, {"times": "x"}, {"when": "later"}, []):
            async with session.post("faults", json=wrong) as answer:
                assert answer.status == 400
        async with session.post("faults", data="method=getMe") as answer:
            assert answer.status == 415
        async with session.post("flood", json={"on": True}) as answer:
            assert (await answer.json())["flood"] is True
    assert town.flood.on


def test_flood_limits() -> None:
    now = [100.0]
    flood = Flood(on=True, clock=lambda: now[0])
    for _ in range(20):
        flood.count(-1)
    with pytest.raises(BotApiError, match="Too Many Requests: retry after 61") as refused:
        flood.count(-1)
    assert refused.value.retry_after == 61
    flood.count(1, 3)
    with pytest.raises(BotApiError):
        flood.count(1)
    now[0] += 3.1
    flood.count(1)
    with pytest.raises(BotApiError):
        flood.count(-1)
    now[0] += 60
    for _ in range(3):
        for chat in range(2, 12):
            flood.count(chat)
    with pytest.raises(BotApiError, match="retry after 2"):
        flood.count(20)


async def test_flood_is_off_unless_asked_for(town: Playground, bot: Bot) -> None:
    await town.customer(42).say("hi")
    for number in range(5):
        await bot.send_message(42, str(number))
    town.flood.on = True
    for number in range(3):
        await bot.send_message(42, str(number))
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(42, "too much")


async def test_an_older_server_leaves_fields_out(town: Playground, bot: Bot) -> None:
    """What a Bot API server of one's own does that is a version older: clients refuse the whole answer."""
    town.fail(Fault("getChat", without=["accepted_gift_types"]))
    with pytest.raises(ClientDecodeError, match="accepted_gift_types"):
        await bot.get_chat(town.group.id)
    assert (await bot.get_chat(town.group.id)).title == "Agents"
    town.fail(Fault("sendMessage", without=["date"]))
    await town.customer(42).say("hi")
    with pytest.raises(ClientDecodeError):
        await bot.send_message(42, "it arrives all the same")
    assert town.customer(42).messages()[-1].text == "it arrives all the same"
