"""What one customer may take of the others' time, what a ban silences, and what agents are warned of."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from house import GREEN, House, ask, hand_over, picture, quiet
from patience import PATIENCE

from bot.share import Share
from bot.stats import events
from playground.files import Upload
from storage import keys
from storage.commit import Commit, execute

EVE = 4_200_424_242  # an id that is found nowhere by chance


async def banned_eve(house: House) -> tuple[Any, Any]:
    eve = house.playground.customer(EVE, "Eveline")
    topic, card = await hand_over(house, eve)
    await topic.agent("Kim").press("⛔ Ban", card)
    await topic.wait_for_edit(card, "Banned")
    await quiet(house)
    return eve, topic


# -- /export -----------------------------------------------------------------------------------------------------
async def test_an_export_reads_one_customers_events(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It read 400 days of everybody's, each time: 11.6 s of the bot's only loop for 150,000 events."""
    await ask(live.playground.customer(7, "Bob"), "how long do bananas keep?")
    await ask(live.ana, "how long do bananas keep?")
    read, real = list[str](), events.since

    def seen(redis: Any, start: float, stream: str = keys.EVENTS) -> Any:
        read.append(stream)
        return real(redis, start, stream)

    monkeypatch.setattr(events, "since", seen)
    await live.ana.say("/export")
    told = json.loads((await live.ana.wait_for_message(lambda m: "document" in m.raw)).file())
    assert [event["what"] for event in told["events"]] == ["answered"]
    assert read == [keys.customer(42, "happened")]


async def test_one_export_an_hour(live: House) -> None:
    await ask(live.ana, "how long do bananas keep?")
    await live.ana.say("/export")
    await live.ana.wait_for_message(lambda m: "document" in m.raw)
    assert "within this hour" in (await ask(live.ana, "/export")).text
    await live.redis.delete(keys.customer(42, "exported"))
    await live.ana.say("/export")
    await live.ana.wait_for_message(lambda m: "document" in m.raw)


async def test_events_of_releases_before_are_sorted_once(house: House) -> None:
    store: Any = house.redis
    for chat, who in ((42, "aa"), (7, "bb")):
        await store.hset(keys.customer(chat, "owner"), mapping={"who": who, "version": 0})
    for who in ("aa", "bb", "aa", "forgotten"):
        await store.xadd(keys.EVENTS, {"who": who, "what": "answered", "at": "1.0"})
    for _ in range(2):
        async with house.bot():
            pass
    assert await store.xlen(keys.customer(42, "happened")) == 2
    assert await store.xlen(keys.customer(7, "happened")) == 1
    commit = Commit()
    events.add(commit, 42, "aa", "asked_back")  # and new ones go behind them
    await execute(house.redis, commit)
    assert [event.what async for event in events.since(house.redis, 0, keys.customer(42, "happened"))][-1:] == [
        "asked_back"
    ]


# -- a chat model ------------------------------------------------------------------------------------------------
def turns_of(live: House) -> Any:
    assert live.app
    handling: Any = live.app.inbox.handle
    return handling.turns


async def test_a_customer_has_a_share_of_the_chat_model(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody limited how often one customer could have it asked."""
    answering, plain = turns_of(live).answering, list[bool]()
    answering.share, real = Share(live.redis, 2), answering.answers.reply

    async def heard(turn: Any) -> Any:
        plain.append(turn.plain)
        return await real(turn)

    monkeypatch.setattr(answering.answers, "reply", heard)
    ana, bob = live.ana, live.playground.customer(7, "Bob")
    for customer in (ana, ana, ana, bob):
        await ask(customer, "how long do bananas keep?")
    assert plain == [False, False, True, False]
    assert 0 < await live.redis.ttl(keys.customer(42, "asked")) <= 3600


# -- a ban -------------------------------------------------------------------------------------------------------
async def test_a_ban_silences_commands_but_not_rights(live: House) -> None:
    eve, _ = await banned_eve(live)
    before = len([m for m in eve.messages() if m.from_bot])
    for text in ("/help", "/start", "/privacy", "/reset", "/language", "/nonsense", "how long do bananas keep?"):
        await eve.say(text)
    await quiet(live)
    assert len([m for m in eve.messages() if m.from_bot]) == before
    await eve.say("/export")
    await eve.wait_for_message(lambda m: "document" in m.raw)
    assert "forget" in (await ask(eve, "/forget")).text.lower()


async def test_who_is_banned_stays_so_though_forgotten(live: House) -> None:
    """/forget was a way round a ban. What is kept of it tells nobody who it is."""
    eve, _ = await banned_eve(live)
    question = await ask(eve, "/forget")
    await eve.press("Yes, forget everything", question)
    await eve.wait_for_edit(question, "Nothing about you is kept")
    await quiet(live)
    assert not [key async for key in live.redis.scan_iter(f"*{EVE}*")]
    [name] = await live.redis.smembers(keys.BANNED)  # type: ignore[misc]
    assert str(EVE).encode() not in name and len(name) == 64
    before = len(eve.messages())
    await eve.say("how long do bananas keep?")
    async with asyncio.timeout(PATIENCE):
        while await live.redis.hget(keys.customer(EVE, "owner"), "banned") != b"1":  # type: ignore[misc]
            await asyncio.sleep(0.05)
    await quiet(live)
    assert len(eve.messages()) == before + 1


async def test_a_button_bans_nobody_that_was_never_handed_over(live: House) -> None:
    """A button can name any number."""
    await ask(live.ana, "how long do bananas keep?")
    topic, card = await hand_over(live, live.playground.customer(EVE, "Eveline"))
    kim, world = topic.agent("Kim"), live.playground.town.world
    query = world.press(kim._user, kim._stored(card), "ban:42")
    await kim.wait_for_answer(query)
    await quiet(live)
    assert not await live.redis.hget(keys.customer(42, "owner"), "banned")  # type: ignore[misc]
    assert "four to six days" in (await ask(live.ana, "how long do bananas keep?")).text


# -- what agents read ----------------------------------------------------------------------------------------------
async def test_agents_are_warned_of_a_file_that_nobody_looked_into(live: House) -> None:
    topic, _ = await hand_over(live)
    await live.ana.send_document(b"%PDF-1.7", "invoice.pdf", "application/pdf")
    await topic.wait_for_message("Nobody has looked into this file")
    await topic.wait_for_message(lambda m: "document" in m.raw)


@pytest.mark.parametrize("mime", ["application/pdf", "application/octet-stream", "text/plain"])
async def test_a_picture_under_any_name_is_looked_at(live: House, mime: str) -> None:
    """Agents got the bytes of a card's photo when they were called a PDF."""
    topic, _ = await hand_over(live)
    await quiet(live)
    await live.ana.send_document(picture(GREEN), "invoice.pdf", mime)
    shown = await topic.wait_for_message(lambda m: "photo" in m.raw or "document" in m.raw)
    assert "without what the camera wrote into it" in shown.text
    await quiet(live)
    assert not any("document" in m.raw for m in topic.messages())


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_a_note_in_any_part_of_an_album_keeps_all_of_it_inside(live: House, at: int) -> None:
    """ "// she is a known fraudster" under the second photo went to the customer."""
    topic, _ = await hand_over(live)
    kim, before = topic.agent("Kim"), len(live.ana.messages())
    world = live.playground.town.world
    contents: list[Any] = [
        {"photo": await world.shelf.add_photo(picture(GREEN, (320 + number, 240)))} for number in range(3)
    ]
    contents[at]["caption"] = "// internal: a known fraudster, stall her"
    live.playground.town.people.post_album(world.person(kim.user_id), topic.id, contents, thread=topic.thread or 0)
    await asyncio.sleep(0.2)
    await quiet(live)
    await kim.say("Hello Ana")
    assert (await live.ana.wait_for_message(lambda m: m.from_bot)).text == "Kim: Hello Ana"
    assert len(live.ana.messages()) == before + 1


async def test_an_agent_is_told_when_what_they_wrote_fails(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was in the dead letters, and nobody knew that the customer had no answer."""
    topic, _ = await hand_over(live)
    await quiet(live)

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("bot.handlers.agent.pass_on", fails)
    await topic.agent("Kim").say("Hello Ana")
    await topic.wait_for_message("the customer did not get it", timeout=PATIENCE)


async def test_two_photos_of_a_customer_are_looked_at_together_and_no_more(live: House) -> None:
    most, photos = 0, turns_of(live).photos
    real, held = photos.describe, [0]

    async def counted(*arguments: Any, **more: Any) -> Any:
        nonlocal most
        held[0] += 1
        most = max(most, held[0])
        try:
            return await real(*arguments, **more)
        finally:
            held[0] -= 1

    photos.describe = counted
    await live.ana.send_album([picture(GREEN, (320 + n, 240)) for n in range(6)], "how long do they keep?")
    assert "four weeks" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
    assert most == 2


async def test_an_album_is_told_when_no_worker_comes(house: House) -> None:
    """Ten photos one after the other would be ten waits: after one that nobody looked at, the others do not wait."""
    house.settings = house.settings.model_copy(update={"photo_seconds": 0.05})
    async with house.bot() as app:
        handling: Any = app.inbox.handle
        asked, photos = list[bool](), handling.turns.photos
        real = photos.describe

        async def counted(*arguments: Any, **more: Any) -> Any:
            asked.append(True)
            return await real(*arguments, **more)

        photos.describe = counted
        files = [Upload(picture(GREEN, (1600 + n, 1200)), f"{n}.jpg", "image/jpeg") for n in range(10)]
        await house.ana._send(files, "", None, as_files=False)
        assert "can't look at photos right now" in (await house.ana.wait_for_message(lambda m: m.from_bot)).text
        assert len(asked) <= 3


async def test_a_wish_for_a_person_among_other_words(live: House) -> None:
    await live.ana.say("a person please, my granny smith is rotten and how long do bananas keep?")
    assert "passing you on" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
