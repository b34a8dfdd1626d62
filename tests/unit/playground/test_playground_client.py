"""The programmatic customer, and the command line."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from patience import PATIENCE

from playground import Playground


async def test_waits_go_on_where_the_last_ended(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    for text in ("one", "two", "three", "four"):
        await bot.send_message(42, text)
    assert (await customer.wait_for_message()).text == "one"
    assert (await customer.wait_for_message("thr")).text == "three"
    assert (await customer.wait_for_message(lambda message: len(message.text) == 4)).text == "four"
    await customer.expect_silence(0.05)
    await bot.send_message(42, "more")
    with pytest.raises(AssertionError, match="should have been silent and said: 'more'"):
        await customer.expect_silence(0.05)
    late = asyncio.create_task(customer.wait_for_message())
    await asyncio.sleep(0.05)
    await bot.send_message(42, "at last")
    assert (await late).text == "at last"


async def test_a_wait_that_fails_says_what_was_said(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    await bot.send_message(42, "something else")
    with pytest.raises(
        TimeoutError, match=r"no message matching 'milk' from the bot in 0.1 s; it said \['something else"
    ):
        await customer.wait_for_message("milk", timeout=0.1)


async def test_an_edit_that_was_quicker_than_the_wait(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    sent = await bot.send_message(42, "thinking")
    shown = await customer.wait_for_message()
    await bot.edit_message_text("done", chat_id=42, message_id=sent.message_id)
    assert (await customer.wait_for_edit(shown, "done")).edited
    assert (await customer.wait_for_edit(shown, "done", timeout=0.1)).text == "done"
    await customer.expect_silence(0.05)  # an edit is no new message


async def test_customers_keep_their_names(town: Playground) -> None:
    assert [town.customer(42).name, town.customer(43, "Zoe").name, town.customer(43).name] == ["Ana", "Zoe", "Zoe"]


async def test_buttons_are_found_by_their_text(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await customer.say("hi")
    keys = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="y")]])
    await bot.send_message(42, "sure?", reply_markup=keys)
    question = await customer.wait_for_message()
    await customer.press(question.buttons[0], question)
    assert (await bot.get_updates())[-1].callback_query.data == "y"
    with pytest.raises(LookupError, match="there is no button 'No'"):
        await customer.press("No")


async def test_people_write_within_telegrams_limits(town: Playground) -> None:
    customer = town.customer(42)
    for text in ("", " ", "x" * 4097):
        with pytest.raises(ValueError, match=r"write something|at most 4096"):
            await customer.say(text)
    with pytest.raises(ValueError, match="at most 1024"):
        await customer.send_document(b"x", caption="x" * 1025)


async def test_the_command_line_keeps_everything_when_it_is_killed(tmp_path: Path) -> None:
    first, url = await _start(tmp_path)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/playground/state") as answer:
            state = await answer.json()
            assert [one["first_name"] for one in state["customers"] + state["agents"]] == ["Ana", "Kim"]
            assert (state["group"]["title"], state["bot"]["id"]) == ("Desk", 77)
        async with session.post(f"{url}/playground/send", data={"user": 42, "chat": 42, "text": "kept"}) as answer:
            assert answer.status == 200
    first.kill()
    await first.wait()
    second, url = await _start(tmp_path)
    async with Bot("77:x") as bot:
        bot.session.api = bot.session.api.from_base(url)
        assert [update.message.text for update in await bot.get_updates()] == ["kept"]
    second.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(second.wait(), PATIENCE) == 0


async def test_a_taken_port_is_said_in_one_sentence(town: Playground, tmp_path: Path) -> None:
    port = town.url.rpartition(":")[2]
    command = [sys.executable, "-m", "playground", "--port", port, "--data", str(tmp_path / "other")]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, complaint = await process.communicate()
    assert process.returncode == 1
    assert re.fullmatch(rf"cannot listen on port {port}: .*; try --port 0\n", complaint.decode())


async def _start(folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    options = ["--port", "0", "--data", str(folder), "--token", "77:x", "--group-title", "Desk"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "playground", *options, stdout=asyncio.subprocess.PIPE
    )
    line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
    return process, re.search(r"http://127\.0\.0\.1:\d+", line)[0]
