"""Bad input is normal input: a clear sentence, a log line, nothing lost, and the next message is answered."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any

import pytest
from house import GREEN, House, ask, picture
from patience import PATIENCE
from PIL import Image

from playground import Message
from storage import keys


def bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


def animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), colour) for colour in (GREEN, (0, 0, 0))]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


BAD = {
    "empty": (b"", "empty"),
    "text": (b"hello, I am not a picture", "couldn't open that file as a picture"),
    "truncated": (picture(GREEN, (1200, 900))[:4000], "incomplete"),
    "bomb": (bomb(), "too large"),
    "noise": (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8, "Could you send"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_photo_is_told_kindly_and_the_next_message_is_answered(
    live: House, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    data, sentence = BAD[name]
    await live.ana.send_photo(data, raw=True)
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert sentence in answer.text
    assert "Error" not in answer.text
    assert any(record.name == "vision.worker.worker" for record in caplog.records)  # the operator reads the reason
    assert "four to six days" in (await ask(live.ana, "how long do bananas keep?")).text


async def test_trouble_with_a_photo_is_said_once(live: House) -> None:
    """ "It arrived incomplete" used to be followed by "I couldn't open it", and each asked for another one."""
    await live.ana.send_photo(picture(GREEN, (1200, 900))[:4000], "how long does it keep?", raw=True)
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "incomplete" in answer.text
    assert answer.text.count("?") == 1


async def test_a_bad_photo_with_a_question_in_words_still_gets_its_answer(live: House) -> None:
    await live.ana.send_photo(b"broken", "how long do bananas keep?", raw=True)
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "couldn't open that file" in answer.text
    assert "four to six days" in answer.text


async def test_the_first_frame_of_an_animation_is_looked_at(live: House) -> None:
    await live.ana.send_document(animated(), "apple.gif", "image/gif", "how long does this keep?")
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "four weeks" in answer.text


async def test_a_picture_with_a_wrong_name_is_read_by_its_content(live: House) -> None:
    await live.ana.send_document(picture(GREEN), "label.png", "image/png", "how long does this keep?")
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "four weeks" in answer.text


async def test_a_file_over_20_mb_is_not_even_downloaded(live: House) -> None:
    await live.ana.send_document(b"\xff" * (20 * 2**20 + 1), "huge.jpg", "image/jpeg")
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "too large" in answer.text


async def test_a_file_that_is_no_picture(live: House) -> None:
    await live.ana.send_document(b"%PDF-1.7", "invoice.pdf", "application/pdf")
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "files that aren't pictures" in answer.text


async def inject(live: House, *updates: dict[str, Any]) -> None:
    """Updates that no playground page can make, as if Telegram had sent them."""
    assert live.app
    await live.app.inbox.write([(u["update_id"], 42, json.dumps(u).encode()) for u in updates])


def message(number: int, **content: Any) -> dict[str, Any]:
    ana = {"id": 42, "is_bot": False, "first_name": "Ana"}
    chat = {"id": 42, "type": "private", "first_name": "Ana"}
    return {"update_id": number, "message": {"message_id": number, "date": 1, "chat": chat, "from": ana, **content}}


def said_by_bot(message: Message) -> bool:
    return message.from_bot


async def test_ten_thousand_characters(live: House) -> None:
    await ask(live.ana, "hi")
    await inject(live, message(10**9, text="banana " * 1430))
    answer = await live.ana.wait_for_message(said_by_bot)
    assert "That's a lot of text" in answer.text


@pytest.mark.parametrize("content", [
    {"contact": {"phone_number": "+1", "first_name": "Bo"}},
    {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                 "is_animated": False, "is_video": False}},
    {"location": {"latitude": 1.0, "longitude": 1.0}},
    {"something_telegram_invents_next_year": {"x": 1}},
])  # fmt: skip
async def test_other_kinds_of_message(live: House, content: dict[str, Any]) -> None:
    await ask(live.ana, "hi")
    await inject(live, message(10**9, **content))
    answer = await live.ana.wait_for_message(said_by_bot)
    assert "I can read text and look at photos" in answer.text


async def test_unknown_update_kinds_are_logged_and_taken_off(live: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await ask(live.ana, "hi")
    await inject(live, {"update_id": 10**9, "brand_new_kind": {"a": 1}}, {"update_id": 10**9 + 1})
    assert "four to six days" in (await ask(live.ana, "how long do bananas keep?")).text
    await _empty(live)
    assert "brand_new_kind" in caplog.text


async def test_an_update_that_always_fails_goes_to_a_person_and_blocks_nobody(
    live: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.inbox.PAUSE_S", 0.01)
    await ask(live.ana, "hi")
    broken = message(10**9, text="hello")
    broken["message"]["chat"] = "not a chat"
    agents = live.group
    await inject(live, broken)
    apology = await live.ana.wait_for_message(said_by_bot)
    assert "Something went wrong on our side" in apology.text
    told = await agents.wait_for_message(said_by_bot)
    assert "Why: the bot failed" in told.text
    assert len(await live.redis.xrange(keys.INBOX_DEAD)) == 1
    await live.ana.say("hello?")
    await agents.wait_for_message("Ana: hello?")


async def test_streams_hold_no_words(live: House) -> None:
    await ask(live.ana, "how long do bananas keep? my secret is XYZZY")
    agents = live.group
    await ask(live.ana, "a human please, XYZZY")
    await agents.wait_for_message("Why: asked for a person")
    async for key in live.redis.scan_iter("*"):
        kind = await live.redis.type(key)
        raw = await live.redis.dump(key) or b""  # it may be gone since it was listed
        assert b"XYZZY" not in raw, (key, kind)  # sealed at rest, everywhere
    await _empty(live)


async def _empty(live: House) -> None:
    async with asyncio.timeout(PATIENCE):
        while await live.redis.xlen(keys.INBOX) or await live.redis.xlen(keys.OUTBOX):
            await asyncio.sleep(0.02)


async def send_file(live: House, data: bytes, name: str, mime: str, caption: str = "") -> str:
    await live.ana.send_document(data, name, mime=mime, caption=caption)
    return (await live.ana.wait_for_message(lambda m: m.from_bot, timeout=15)).text


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "mime"),
        [("IMG_1234.jpg", "application/octet-stream"), ("share", "application/octet-stream"), ("a.JPG", "text/plain")],
    )
    async def test_a_picture_is_known_by_its_bytes(self, live: House, name: str, mime: str) -> None:
        """Programs that share files call a JPEG application/octet-stream; it was "a file that isn't a picture"."""
        assert "four weeks" in await send_file(live, picture(GREEN), name, mime, "how long does this keep?")

    async def test_any_other_file_is_still_none(self, live: House) -> None:
        said = await send_file(live, b"PK\x03\x04 a zip", "IMG_1234.jpg", "application/octet-stream")
        assert "files that aren't pictures" in said

    async def test_words_beside_a_file_are_answered(self, live: House) -> None:
        """They were not read at all."""
        said = await send_file(live, b"%PDF-1.7", "invoice.pdf", "application/pdf", "how long do bananas keep?")
        assert "files that aren't pictures" in said and "four to six days" in said

    async def test_a_wish_for_a_person_beside_a_file_is_one(self, live: House) -> None:
        said = await send_file(live, b"%PDF-1.7", "invoice.pdf", "application/pdf", "I want to talk to a human")
        assert "files that aren't pictures" not in said and "team" in said
