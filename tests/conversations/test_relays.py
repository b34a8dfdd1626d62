"""What people send each other through the bot: nothing of it is lost without a word."""

from __future__ import annotations

from typing import Any

import pytest
from house import GREY, House, hand_over, picture, quiet
from patience import comes

from playground import Fault
from playground.files import Upload
from playground.person import Person
from playground.polls import made
from playground.state import StoredTopic

LINK = "https://track.example/RR473124829GB"


def post(house: House, person: Person, content: dict[str, Any], thread: int = 0) -> None:
    world = house.playground.server.world
    world.post(world.person(person.user_id), person.id, content, thread=thread)


def marked(text: str, word: str, **entity: Any) -> dict[str, Any]:
    offset = len(text[: text.index(word)].encode("utf-16-le")) // 2
    return {"text": text, "entities": [{"offset": offset, "length": len(word.encode("utf-16-le")) // 2, **entity}]}


def shown(text: str, entities: list[dict[str, Any]]) -> list[tuple[str, str]]:
    units = text.encode("utf-16-le")
    return [(e["type"], units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")) for e in entities]


async def test_a_link_of_the_customers_reaches_the_topic(live: House) -> None:
    """“Ana: My parcel is here”, and nothing to tap."""
    ana = live.ana
    topic, _ = await hand_over(live)
    post(live, ana, marked("🎁 My parcel is here", "here", type="text_link", url=LINK))
    line = await topic.wait_for_message("My parcel is here")
    assert shown(line.text, line.raw["entities"]) == [("text_link", "here")]
    assert line.raw["entities"][0]["url"] == LINK


@pytest.mark.parametrize("kind", ["spoiler", "code", "bold", "blockquote", "pre", "strikethrough"])
async def test_marks_of_an_agents_reach_the_customer(live: House, kind: str) -> None:
    ana = live.ana
    topic, _ = await hand_over(live)
    kim = topic.agent("Kim")
    post(live, kim, marked("Your code is 😀 4711.", "😀 4711", type=kind), kim.thread or 0)
    line = await ana.wait_for_message("Your code is")
    assert shown(line.text, line.raw["entities"]) == [(kind, "😀 4711")]


async def test_marks_of_a_caption_and_of_an_edit(live: House) -> None:
    ana = live.ana
    topic, _ = await hand_over(live)
    kim, world = topic.agent("Kim"), live.playground.server.world
    words = marked("Please fill in this form", "this form", type="text_link", url=LINK)
    file = world.shelf.add_document(Upload(b"%PDF", "form.pdf"))
    post(
        live, kim, {"document": file, "caption": words["text"], "caption_entities": words["entities"]}, kim.thread or 0
    )
    copy = await ana.wait_for_message("this form")
    assert shown(copy.text, copy.raw["caption_entities"]) == [("text_link", "this form")]
    first = await kim.say("It is here.")
    arrived = await ana.wait_for_message("It is here.")
    await quiet(live)
    world.edit_own(kim._user, kim._stored(first), marked("It is there.", "there", type="bold"))
    edited = await ana.wait_for_edit(arrived)
    assert shown(edited.text, edited.raw["entities"]) == [("bold", "there")]


async def test_marks_of_a_burst_stay_where_they_were(live: House) -> None:
    ana = live.ana
    topic, _ = await hand_over(live)
    live.playground.fail(Fault("sendMessage", delay=1.0, chat_id=topic.id))  # so that the others wait behind the first
    await ana.say("hello?")
    for word in ("first", "second"):
        post(live, ana, marked(f"the {word} one", word, type="bold"))
    await topic.wait_for_message("second")
    found = [pair for m in topic.messages() for pair in shown(m.text, m.raw.get("entities", []))]
    assert ("bold", "first") in found
    assert ("bold", "second") in found


async def test_a_hidden_number_takes_the_marks_with_it(live: House) -> None:
    ana = live.ana
    topic, _ = await hand_over(live)
    post(live, ana, marked("my card 4111111111111111 is bold", "bold", type="bold"))
    line = await topic.wait_for_message("is bold")
    assert "4111111111111111" not in line.text
    assert "entities" not in line.raw


IN_WORDS = {
    "poll": (
        {"poll": made("Which day?", ["Monday", "Friday"])},
        "📊 Which day?\n○ Monday\n○ Friday",
    ),
    "contact": ({"contact": {"phone_number": "+9990042", "first_name": "Eve"}}, "👤 Eve, +9990042"),
    "location": ({"location": {"latitude": 48.2, "longitude": 16.3}}, "mlat=48.20000&mlon=16.30000"),
    "dice": ({"dice": {"emoji": "🎯", "value": 5}}, "🎯 5"),
    "venue": (
        {"venue": {"location": {"latitude": 1.5, "longitude": 2.5}, "title": "Our shop", "address": "Main St 1"}},
        "📍 Our shop, Main St 1",
    ),
}


def content_of(kind: str) -> dict[str, Any]:
    content: dict[str, Any] = dict(IN_WORDS[kind][0])
    return content | ({"location": content["venue"]["location"]} if kind == "venue" else {})


@pytest.mark.parametrize("kind", IN_WORDS)
async def test_what_is_no_words_comes_as_a_line_both_ways(live: House, kind: str) -> None:
    """A poll of an agent's reached nobody, and nobody was told."""
    ana = live.ana
    topic, _ = await hand_over(live)
    kim = topic.agent("Kim")
    post(live, kim, content_of(kind), kim.thread or 0)
    assert (await ana.wait_for_message("Kim: ")).text.startswith("Kim: ")
    assert IN_WORDS[kind][1] in [m for m in ana.messages() if m.from_bot][-1].text
    post(live, ana, content_of(kind))
    line = await topic.wait_for_message(IN_WORDS[kind][1])
    assert "Ana: " in line.text


async def test_an_older_servers_poll_is_read_too(live: House) -> None:
    """aiogram wants fields that are newer than the server: the update was a dead letter. A missing field is a "no"."""
    topic, _ = await hand_over(live)
    poll = made("Which day?", ["Monday", "Friday"])
    for field in ("members_only", "allows_revoting"):
        del poll[field]
    post(live, live.ana, {"poll": poll})
    assert "○ Monday" in (await topic.wait_for_message("Which day?")).text


STORY = {"story": {"chat": {"id": 42, "type": "private"}, "id": 1}}


async def test_what_cannot_be_carried_is_told_to_who_sent_it(live: House) -> None:
    ana = live.ana
    topic, _ = await hand_over(live)
    kim = topic.agent("Kim")
    post(live, kim, STORY, kim.thread or 0)
    await topic.wait_for_message("Not delivered: a bot may not pass on this kind of message")
    post(live, ana, STORY)
    await topic.wait_for_message("Ana sent something that a bot may not pass on")
    assert "this kind of message" in (await ana.wait_for_message("not this kind")).text


async def test_it_is_told_in_the_customers_language(live: House) -> None:
    ana = live.ana
    await ana.say("Ich möchte bitte mit einem Menschen sprechen.")
    await live.group.wait_for_topic("Ana")
    post(live, ana, STORY)
    await ana.wait_for_message("diese Art von Nachricht")


async def test_what_telegram_refuses_to_copy_is_told_and_offered_again(live: House) -> None:
    """Only a log line said so; neither side was told."""
    ana = live.ana
    topic, _ = await hand_over(live)
    live.playground.fail(Fault("copyMessage", 400, "Bad Request: message can't be copied"))
    await ana.send_voice(b"OggS")
    told = await topic.wait_for_message("could not be shown here")
    assert "can't be copied" in told.text
    await topic.agent("Kim").press("🔁 Try again", told)
    await topic.wait_for_message(lambda m: "voice" in m.raw)


async def test_each_edit_of_a_message_from_before_the_hand_over_is_a_note(live: House) -> None:
    """A dead letter: “what was edited had not been passed on”."""
    ana = live.ana
    asked = await ana.say("when do you deliver?")
    await ana.wait_for_message("two working days")
    topic, _ = await hand_over(live)
    await quiet(live)
    for town in ("Leeds", "York"):
        await ana.edit(asked, f"when do you deliver to {town}?")
        await topic.wait_for_message(f"to {town}")
        await quiet(live)
    edits = [message.text for message in topic.messages() if "(edited)" in message.text]
    assert edits == [f"Ana (edited): when do you deliver to {town}?" for town in ("Leeds", "York")]
    assert not await live.redis.xlen("outbox:dead")


async def test_so_is_an_edited_caption(live: House) -> None:
    ana = live.ana
    shown_first = await ana.send_photo(picture(GREY), "what is this?")
    await ana.wait_for_message(lambda m: m.from_bot)
    topic, _ = await hand_over(live)
    await quiet(live)
    await live.redis.delete("c:42:pairs")  # as if its copy had never been made
    await ana.edit(shown_first, "what is that on it?")
    assert (await topic.wait_for_message("(edited)")).text == "Ana (edited): what is that on it?"


async def test_threads_of_a_private_chat_are_kept(live: House) -> None:
    """A bot in threaded mode answered beside the topic that the customer had asked in."""
    ana = live.ana
    world = live.playground.server.world
    for thread in (501, 502):
        world.state.save_topic(StoredTopic(42, thread, f"T{thread}", 0, closed=False))
    for thread, words in ((501, "when do you deliver?"), (502, "how long do bananas keep?")):
        post(live, ana, {"text": words}, thread)
    await comes(lambda: len([m for m in ana.messages() if m.from_bot]) == 2)
    said = {m.raw.get("message_thread_id"): m.text for m in ana.messages() if m.from_bot}
    assert "two working days" in said[501]
    assert "four to six days" in said[502]
    post(live, ana, {"text": "a human please"}, 501)
    await ana.wait_for_message("passing you on")
    topic = await live.group.wait_for_topic("Ana")
    await topic.agent("Kim").say("Here I am.")
    line = await ana.wait_for_message("Here I am")
    assert line.raw["message_thread_id"] == 501
    topic_gone = world.state.topic(42, 501)
    assert topic_gone
    world.state.drop_topic(42, 501)
    await topic.agent("Kim").say("Still here.")
    assert "message_thread_id" not in (await ana.wait_for_message("Still here")).raw
