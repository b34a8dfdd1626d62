"""/privacy, /export, /forget, consent; photos kept to learn from. What is said to be gone is gone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from house import GREEN, House, ask, hand_over, picture, quiet

from bot.drafts import Drafts
from bot.texts import Texts
from playground import Fault, Person
from storage import keys, upkeep
from vision.images import read_folder

EVE = 4_200_424_242  # an id that is found nowhere by chance
SECRET = "XYZZY"


@pytest.fixture
async def eve(house: House, tmp_path: Path) -> Person:
    house.settings = house.settings.model_copy(update={"corrections": tmp_path / "corrections"})
    return house.playground.customer(EVE, "Eveline")


async def everything(house: House) -> bytes:
    """All that is in the store: every key, and what it holds."""
    told: list[Any] = []
    async for key in house.redis.scan_iter("*"):
        kind = (await house.redis.type(key)).decode()
        store: Any = house.redis
        match kind:
            case "hash":
                told.append((key, await store.hgetall(key)))
            case "list":
                told.append((key, await store.lrange(key, 0, -1)))
            case "zset":
                told.append((key, await store.zrange(key, 0, -1)))
            case "stream":
                told.append((key, await store.xrange(key)))
            case _:
                told.append((key, await store.get(key)))
    return repr(told).encode()


async def learned(house: House, eve: Person) -> None:
    """A photo that vision got wrong, corrected by an agent and kept with the customer's yes."""
    await eve.send_photo(picture(GREEN), f"how long does this keep? {SECRET}")
    await eve.wait_for_message("four weeks")
    topic, _ = await hand_over(house, eve)
    kim = topic.agent("Kim")
    await kim.press("👁 Vision was wrong")
    question = await topic.wait_for_message("What does the photo show?")
    await kim.press("Granny Smith", question)
    await kim.press("Granny Smith", question)  # a tap too many: she is asked once
    asked = await eve.wait_for_message("May we keep the photo")
    noted = await topic.wait_for_edit(question, "Noted: Granny Smith")
    assert "reply_markup" not in noted.raw
    await quiet(house)
    assert sum("May we keep" in m.text for m in eve.messages()) == 1
    assert not list(house.settings.corrections.glob("*"))  # not before the customer's yes
    await eve.press("Yes, keep it", asked)
    await topic.wait_for_message("The customer said yes")


async def test_forgotten_is_gone_from_the_store_the_disk_and_the_agents(house: House, eve: Person) -> None:
    async with house.bot():
        await ask(eve, "/start")
        await learned(house, eve)
        await eve.say(f"my secret is {SECRET}")
        await quiet(house)
        assert str(EVE).encode() in await everything(house)
        assert len(list(house.settings.corrections.glob("*.jpg"))) == 1
        question = await ask(eve, "/forget")
        await eve.press("Yes, forget everything", question)
        await eve.wait_for_edit(question, "Nothing about you is kept")
        await quiet(house)
        left = await everything(house)
        assert str(EVE).encode() not in left and SECRET.encode() not in left and b"Eveline" not in left
        assert not list(house.settings.corrections.glob("*.jpg"))
        assert "file_name" not in (house.settings.corrections / "metadata.jsonl").read_text()
        assert house.group.topics() == []
        assert not [m for m in house.group.messages() if SECRET in m.text or "Eveline" in m.text]
        # And who writes again begins anew, with the bot.
        assert "four to six days" in (await ask(eve, "how long do bananas keep?")).text


async def test_what_is_on_its_way_when_somebody_is_forgotten_leaves_no_trace(house: House, eve: Person) -> None:
    async with house.bot():
        topic, _ = await hand_over(house, eve)
        question = await ask(eve, "/forget")
        house.playground.fail(Fault("sendMessage", delay=1.5, chat_id=topic.id))
        await eve.say(f"one more thing {SECRET}")  # is being sent to the topic while the rest is forgotten
        await asyncio.sleep(0.5)
        await eve.press("Yes, forget everything", question)
        await eve.wait_for_edit(question, "Nothing about you is kept")
        await quiet(house)
        await asyncio.sleep(0.2)
        left = await everything(house)
        assert str(EVE).encode() not in left and SECRET.encode() not in left


async def test_no_is_no(house: House, eve: Person) -> None:
    async with house.bot():
        await ask(eve, "how long do bananas keep?")
        question = await ask(eve, "/forget")
        await eve.press("No, keep it", question)
        await eve.wait_for_edit(question, "nothing was deleted")
        assert await house.redis.exists(keys.customer(EVE, "history"))


async def test_export_is_everything_in_words(house: House, eve: Person) -> None:
    async with house.bot():
        await learned(house, eve)
        await eve.say("/export")
        file = await eve.wait_for_message(lambda m: "document" in m.raw)
        told = json.loads(file.file())
    assert told["telegram_id"] == EVE
    kinds = {key.split(":")[2] for key in told["kept"]}
    assert {"history", "profile", "photos", "case", "owner", "topic", "pairs", "corrections"} <= kinds
    assert SECRET in json.dumps(told["kept"][keys.customer(EVE, "history")])
    assert told["kept"][keys.customer(EVE, "profile")]["name"] == "Eveline"
    assert [event["what"] for event in told["events"]] == ["answered", "handed_over"]
    assert told["photos_kept_for_learning"][0]["labels"] == {"product": "Granny Smith"}
    assert "(cannot be read)" not in file.file().decode()
    assert told["kept_for_days"]["history"] == 30


async def test_what_was_kept_trains_a_model(house: House, eve: Person) -> None:
    async with house.bot():
        await learned(house, eve)
        topic = await house.group.wait_for_topic("Eveline")
        question = next(m for m in topic.messages() if "What does the photo show?" in m.text)
        await topic.agent("Kim").say("a green apple on a table", reply_to=question)  # the right words instead
        asked = await eve.wait_for_message("a green apple on a table")
        assert asked.text.startswith("A colleague says")
        await eve.press("Yes, keep it", asked)
        await eve.wait_for_edit(asked, "The photo is kept")
        first, second = read_folder(house.settings.corrections)
        assert first.labels == {"product": "Granny Smith"} and second.captions == ("a green apple on a table",)
        assert first.path.read_bytes()[:2] == b"\xff\xd8"


async def test_a_no_to_learning_keeps_nothing(house: House, eve: Person) -> None:
    async with house.bot():
        await eve.send_photo(picture(GREEN), "what is this?")
        await eve.wait_for_message("Granny")
        topic, _ = await hand_over(house, eve)
        await topic.agent("Kim").press("👁 Vision was wrong")
        question = await topic.wait_for_message("What does the photo show?")
        await topic.agent("Kim").press("Granny Smith", question)
        asked = await eve.wait_for_message("May we keep the photo")
        await eve.press("No", asked)
        await eve.wait_for_edit(asked, "not kept")
        assert not list(house.settings.corrections.glob("*"))
        assert not [key async for key in house.redis.scan_iter(f"c:{EVE}:wrong*")]


async def test_a_picture_sent_as_a_file_is_not_offered_to_learn_from(house: House, eve: Person) -> None:
    """It has what the camera wrote into it: where it was taken, for one."""
    async with house.bot():
        await eve.send_document(picture(GREEN), "a.jpg", "image/jpeg", "what is this?")
        await eve.wait_for_message("Granny")
        topic, _ = await hand_over(house, eve)
        query = await topic.agent("Kim").press("👁 Vision was wrong")
        assert "no photo here" in (await topic.agent("Kim").wait_for_answer(query)).text
        await eve.say("/export")
        told = json.loads((await eve.wait_for_message(lambda m: "document" in m.raw)).file())
        assert "(a copy of a picture that you sent)" in told["kept"].values()


async def test_consent_is_asked_at_start_and_noted(house: House, eve: Person) -> None:
    async with house.bot():
        hello = await ask(eve, "/start")
        assert "/privacy" in hello.text and "/forget" in hello.text
        query = await eve.press("All right", hello)
        assert (await eve.wait_for_answer(query)).text == "Thank you!"
        store: Any = house.redis
        assert set(await store.hgetall(keys.customer(EVE, "consent"))) == {b"wrote", b"tapped"}


async def test_privacy_says_how_long(house: House, eve: Person) -> None:
    async with house.bot():
        told = (await ask(eve, "/privacy")).text
    assert "What we wrote: 30 days" in told and "400 days" in told and "the blurred copy for 2 days" in told
    assert "Nobody but" in told and "language model" not in told


def test_privacy_names_the_model_that_chooses_the_answers() -> None:
    """It said "nobody but the shop" even where a vendor's model got every word."""
    told = Texts()("privacy", shop="Corner", model="openai:gpt-5", history=30, photos=30, case=30, safe=2, intake=30)
    assert "and openai:gpt-5, a language model that chooses my answers" in told and "never the photo" in told
    assert "all of it encrypted" not in told


async def test_a_draft_that_comes_after_forget_is_not_written(
    house: House, eve: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that was being suggested meanwhile left c:ID:draft, c:ID:out and a dead letter with the id."""
    ready = asyncio.Event()
    async with house.bot():
        topic, _ = await hand_over(house, eve)
        await eve.say("how long do bananas keep?")
        await topic.wait_for_message("bananas", timeout=10)
        real = Drafts._text

        async def slow(drafts: Drafts, chat: int) -> str:
            text = await real(drafts, chat)
            await ready.wait()
            return text or "bananas keep four days"

        monkeypatch.setattr(Drafts, "_text", slow)
        await topic.agent("Kim").press("💡 Suggest a reply")
        question = await ask(eve, "/forget")
        await eve.press("Yes, forget everything", question)
        await eve.wait_for_edit(question, "Nothing about you is kept", timeout=10)
        ready.set()
        await asyncio.sleep(0.3)
        await quiet(house)
        assert str(EVE).encode() not in await everything(house)
        async with asyncio.timeout(20):
            while await upkeep.waiting(house.redis):  # and its file is written anew
                await asyncio.sleep(0.05)


async def test_reset_forgets_the_case_and_the_drafts(house: House, eve: Person) -> None:
    """After "I've forgotten what we talked about" the transcript was kept in the case for 30 days."""
    async with house.bot():
        topic, _ = await hand_over(house, eve)
        await eve.say("how long do bananas keep?")
        await topic.wait_for_message("bananas", timeout=10)
        await topic.agent("Kim").press("💡 Suggest a reply")
        await topic.wait_for_message("days", timeout=10)
        assert [key async for key in house.redis.scan_iter(f"c:{EVE}:draft:*")]
        await ask(eve, "/reset")
        await quiet(house)
        for kind in ("case", "history", "photos", "stretch", "draft:*"):
            assert not [key async for key in house.redis.scan_iter(f"c:{EVE}:{kind}")], kind


async def test_export_says_nothing_of_our_peoples_accounts(house: House, eve: Person) -> None:
    """The agents' Telegram ids and their group's were in it."""
    async with house.bot():
        topic, _ = await hand_over(house, eve)
        kim = topic.agent("Kim")
        await kim.say("Hello, this is Kim.")
        await eve.wait_for_message("this is Kim", timeout=10)
        await eve.say("/export")
        said = (await eve.wait_for_message(lambda m: "document" in m.raw, timeout=10)).file().decode()
    assert "5000001" not in said and str(house.settings.agents_group) not in said
