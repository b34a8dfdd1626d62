"""An operator's commands, on a house that works."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from house import GREEN, House, ask, show
from pydantic import SecretStr
from redis.exceptions import ResponseError

from bot import app as bot_app
from bot.admin import commands
from bot.app import App
from bot.settings import BotSettings
from bot.telegram import raw
from playground.faults import Fault
from storage.keys import INBOX_DEAD, OUTBOX_DEAD, customer
from storage.redis import StorageError

OTHER = "1:" + base64.b64encode(bytes(32)).decode()  # a key of the same number


class Said(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)

    def about(self, what: str) -> str:
        return next(line for line in self if line[5:].startswith(what))


async def doctor(house: House, **changed: object) -> tuple[int, Said]:
    # The house's forms name articles of the demo shop, and the house has four of its own.
    settings = house.settings.model_copy(update={"forms": None} | changed)
    status = await commands.doctor(settings, house.storage, said := Said())
    return status, said


async def test_the_doctor_finds_a_house_in_order(live: House) -> None:
    await ask(live.ana, "when do you deliver?")
    status, said = await doctor(live)
    assert status == 0, said
    telegram = ("token: it is @photodesk_bot's", "updates: by polling", "group: “Agents”", "clock: is right")
    ours = (
        "knowledge: 4 articles",
        "Redis",
        "persistence",
        "worker: is there, with model colours",
        "seal keys",
        "disk",
    )
    for about in telegram + ours:
        assert said.about(about).startswith("ok  "), said


@pytest.mark.parametrize(
    ("changed", "about", "do"),
    [
        ({"token": SecretStr("999999:wrong")}, "token", "@BotFather"),
        ({"api_url": "http://127.0.0.1:1"}, "Telegram", "BOT_PROXY"),
        ({"agents_group": -100}, "group", "Add the bot to it"),
        ({"knowledge": Path("/nowhere")}, "knowledge", "nowhere"),
        ({"policy": Path("/nowhere")}, "policy", "there is no such file"),
        ({"forms": Path("/nowhere")}, "forms", "is no folder"),
        ({"language": "xx"}, "language", "only in ar, de, en"),
        ({"webhook_url": "https://bot.example.com"}, "updates", "Restart the bot"),
    ],
)
async def test_the_doctor_says_what_to_do(house: House, changed: dict[str, object], about: str, do: str) -> None:
    status, said = await doctor(house, **changed)
    assert status == 1
    assert said.about(about).startswith("BAD ")
    assert do in said.about(about)
    assert "999999:wrong" not in "\n".join(said)
    assert said.about("Redis")  # what is wrong elsewhere hides nothing


async def test_the_doctor_minds_a_group_that_others_can_write_in(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who can write or press there has every conversation."""

    async def public(*_: object) -> raw.Chat:
        return raw.Chat("Agents", is_forum=True, username="corner_agents", linked=True)

    monkeypatch.setattr(raw, "chat", public)
    status, said = await doctor(live)
    assert status == 1
    bad = [line for line in said if line.startswith("BAD")]
    assert any("public (@corner_agents)" in line for line in bad) and any("linked to a channel" in line for line in bad)


async def test_the_doctor_without_a_token_looks_at_all_the_rest(house: House) -> None:
    """It said that there was none, and stopped."""
    status, said = await doctor(house, token=None, agents_group=None, language="xx", policy=Path("/nowhere"))
    assert status == 1
    for about in ("token", "language", "policy"):
        assert said.about(about).startswith("BAD "), said
    assert said.about("group").startswith("look")
    for about in ("clock", "knowledge", "can be used", "Redis", "seal keys", "disk"):
        assert said.about(about).startswith("ok  "), said
    assert said[-1] == "3 BAD: to be mended. 1 to look at. 12 ok."


async def test_the_doctor_says_what_is_wrong_with_settings_and_goes_on(house: House) -> None:
    wrong, away = ["BOT_LOGS must be 'text' or 'json'."], StorageError("No Redis server was found.")
    status = await commands.doctor(house.settings, house.storage, said := Said(), wrong, away)
    assert status == 1
    assert said.about("settings") == "BAD  settings: BOT_LOGS must be 'text' or 'json'."
    assert said.about("Redis") == "BAD  Redis: No Redis server was found."
    assert said.about("token").startswith("ok  ")


async def test_the_doctor_goes_on_where_the_store_refuses(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: object) -> bool:
        raise ResponseError("NOPERM this user may not run the command")

    monkeypatch.setattr("bot.admin.doctor.JobStream.alive", refused)
    _, said = await doctor(house)
    assert "NOPERM" in next(line for line in said if line.startswith("BAD  Redis"))
    assert said.about("disk")


@pytest.mark.parametrize(
    ("contained", "advice"), [(True, "docker compose up -d worker"), (False, ".venv/bin/python -m vision worker")]
)
async def test_the_doctor_advises_docker_to_who_has_it(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, contained: bool, advice: str
) -> None:
    """Also who runs it in some container of another make was told to say `docker compose`."""
    monkeypatch.setattr("bot.admin.finding.SECRETS", tmp_path)
    if contained:  # as docker-compose.yml gives the store's address
        (tmp_path / "storage_redis_url").write_text("redis://bot:x@redis:6379/0")

    async def nobody(_: object) -> bool:
        return False

    monkeypatch.setattr("bot.admin.doctor.JobStream.alive", nobody)
    status, said = await doctor(house, token=SecretStr("999999:wrong"))
    assert status == 1
    assert advice in said.about("worker")
    assert ("secrets.sh" in said.about("token")) is contained
    assert any("docker compose" in line for line in said) is contained


async def test_the_doctor_without_a_store(house: House) -> None:
    storage = house.storage.model_copy(update={"redis_url": SecretStr("redis://bot:secret@127.0.0.1:1")})
    assert await commands.doctor(house.settings, storage, said := Said()) == 1
    assert said.about("Redis").startswith("BAD ") and "secret" not in "\n".join(said)
    assert said.about("token").startswith("ok  ")


async def test_the_doctor_sees_missing_seal_keys(house: House) -> None:
    await house.redis.set(customer(42, "update", 1), bytes([9]) + bytes(60))
    status, said = await doctor(house)
    assert status == 1
    assert "1 of 1 values do not open" in said.about("seal keys")


async def test_the_doctor_opens_what_it_calls_good(house: House) -> None:
    """Another key of the same number was "ok"."""
    async with house.bot():
        await ask(house.ana, "when do you deliver?")
    house.storage = house.storage.model_copy(
        update={"seal_keys": SecretStr("1:" + base64.b64encode(bytes(32)).decode())}
    )
    status, said = await doctor(house)
    assert status == 1 and "sealed with other keys" in said.about("seal keys")
    for command in (commands.seal_anew(house.storage, Said()), refused_start(house)):
        with pytest.raises(StorageError, match="sealed with other keys"):
            await command


async def refused_start(house: House) -> None:
    async with house.bot():
        pass


async def test_two_bots_answer_once(house: House) -> None:
    """Every customer had two answers: both read as the same consumer."""
    async with house.bot():
        waiting = asyncio.create_task(second(house))
        await house.ana.say("when do you deliver?")
        await house.ana.wait_for_message("two working days", timeout=15)
        await asyncio.sleep(1)
        assert not waiting.done()
        assert sum("two working days" in message.text for message in house.ana.messages()) == 1
    async with asyncio.timeout(20):
        await waiting


async def second(house: House) -> None:
    async with bot_app.running(house.settings, house.storage):
        pass


async def test_the_group_is_found_before_the_bot_runs_and_nothing_is_lost(house: House) -> None:
    assert await commands.groups(house.settings, said := Said()) == 1
    assert "Add the bot to the group" in said[0]
    await house.group.agent("Olga").say("/help")
    await house.ana.say("when do you deliver?")
    assert await commands.groups(house.settings, said := Said()) == 0
    assert said == [f"BOT_AGENTS_GROUP={house.settings.agents_group}   “Agents”"]
    async with house.bot():
        assert "[1]" in (await house.ana.wait_for_message(lambda m: m.from_bot)).text


async def given_up(house: House, *arguments: str) -> Said:
    what, *which = arguments
    await commands.given_up(house.storage, what, which, said := Said())
    return said


async def test_an_update_that_failed_is_listed_and_answered_when_replayed(
    live: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: App | None = live.app
    assert app
    whole = app.inbox.handle

    async def broken(*_: object) -> None:
        raise ValueError("XYZZY")

    monkeypatch.setattr("bot.telegram.inbox.PAUSE_S", 0.01)
    app.inbox.handle = broken
    await live.ana.say("when do you deliver?")
    sorry = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "[1]" not in sorry.text
    listed = await given_up(live, "list")
    assert len(listed) == 1 and "ValueError" in listed[0] and "c:42:update:" in listed[0]
    assert "deliver" not in listed[0] and "XYZZY" not in listed[0]
    app.inbox.handle = whole
    await live.ana.say("/reset")  # the failure had handed her over to a person
    await live.ana.wait_for_message(lambda m: m.from_bot)
    number = listed[0].split()[1]
    assert "replayed" in (await given_up(live, "replay", number))[0]
    assert "[1]" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
    assert await given_up(live, "list") == ["no dead letters"]
    assert await given_up(live, "replay", number) == [f"there is no dead letter {number}"]


async def test_a_message_that_telegram_refused_is_sent_when_replayed_and_gone_when_dropped(live: House) -> None:
    for _ in range(2):
        live.playground.fail(Fault("sendMessage", error_code=400, description="Bad Request: no"))
        await live.ana.say("when do you deliver?")
        while await live.redis.xlen(OUTBOX_DEAD) == 0 or live.playground.server.faults.waiting():
            await live.ana.expect_silence(0.05)
    listed = await given_up(live, "list")
    assert len(listed) == 2 and all("no" in line for line in listed)
    assert "replayed" in (await given_up(live, "replay", listed[0].split()[1]))[0]
    assert "[1]" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
    assert "dropped" in (await given_up(live, "drop", "all"))[0]
    assert await live.redis.xlen(OUTBOX_DEAD) == 0
    assert not [key async for key in live.redis.scan_iter(match="c:*:out:*")]


async def test_a_letter_without_its_content_is_said_to_be_gone(house: House) -> None:
    await house.redis.xadd(INBOX_DEAD, {"key": customer(42, "update", 7), "chat": 42})
    assert "its content is gone" in (await given_up(house, "list"))[0]
    assert "cannot be replayed" in (await given_up(house, "replay", "all"))[0]
    assert "dropped" in (await given_up(house, "drop", "all"))[0]


async def test_the_drill_backup_disaster_restore(house: House, tmp_path: Path) -> None:
    """A conversation, an update that waits and a hand-over survive the loss of the store."""
    async with house.bot():
        await ask(house.ana, "when do you deliver?")
        bo = house.playground.customer(43, "Bo")
        await ask(bo, "I want to talk to a person")
    async with house.bot() as app:
        app.inbox.reader.leaving = True  # it writes and works on nothing more
        await house.ana.say("and how much do bananas cost?")
        while not await house.redis.xlen("inbox"):
            await house.ana.expect_silence(0.05)
        assert await commands.save(house.storage, tmp_path / "b", Said()) == 0
    before = await house.redis.lrange(customer(42, "history"), 0, -1)
    await house.redis.flushall()
    assert await commands.load(house.storage, tmp_path / "b", said := Said()) == 0
    assert "keys are back" in said[0]
    async with house.bot():
        await house.ana.wait_for_message(lambda m: m.from_bot)
        assert (await house.redis.lrange(customer(42, "history"), 0, -1))[: len(before)] == before
        await bo.say("are you there?")
        assert "are you there?" in (await house.group.wait_for_message("are you there?")).text


async def test_keys_are_rotated_under_a_running_bot(house: House) -> None:
    async with house.bot():
        await show(house.ana, GREEN, "how long does this keep?")
    new = commands.another_key(house.storage)
    storage = house.storage.model_copy(update={"seal_keys": SecretStr(new)})
    house.storage = storage
    async with house.bot():
        assert await commands.seal_anew(storage, said := Said()) == 0
        assert said[0].startswith("key 2: ") and "sealed anew" in said[0]
        only_new = storage.model_copy(update={"seal_keys": SecretStr(new.split(",")[1])})
        assert "[1]" in (await ask(house.ana, "when do you deliver?")).text
    house.storage = only_new
    async with house.bot():
        history = customer(42, "history")
        opened = [only_new.sealer().open(history, item) for item in await house.redis.lrange(history, 0, -1)]
        assert any(b"how long does this keep" in item for item in opened)
        assert "[1]" in (await ask(house.ana, "when do you deliver?")).text


def test_settings_from_secret_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.settings import StorageSettings

    monkeypatch.setattr("storage.settings.SECRETS", tmp_path)
    monkeypatch.setenv("BOT_SHOP", "From the environment")
    (tmp_path / "bot_token").write_text("123456:ABC\n")
    (tmp_path / "bot_shop").write_text("From a file")
    (tmp_path / "storage_seal_keys").write_text("7:" + base64.b64encode(bytes(32)).decode())
    assert BotSettings().token == SecretStr("123456:ABC")
    assert BotSettings().shop == "From the environment"
    assert StorageSettings().sealer().current == 7
