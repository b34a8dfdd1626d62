"""What agents are shown of what customers send, edit and send as files: never what nobody has looked at."""

from __future__ import annotations

from typing import Any

import pytest
from films import plain, video
from house import GREEN, House, ask, hand_over, picture, quiet
from PIL import Image

from playground import Message
from playground.files import Upload
from playground.group import Topic

CARD = "4539 1488 0343 6467"
HUGE = bytes(20 * 2**20 + 1)
FILM = [plain(GREEN)] * 20


def from_bot(message: Message) -> bool:
    return message.from_bot


def photo(message: Message) -> bool:
    return "photo" in message.raw


def kinds(topic: Topic) -> list[str]:
    """Of media that agents have, oldest first."""
    known = ("photo", "video", "document")
    return [kind for message in topic.messages() for kind in known if kind in message.raw]


async def test_a_caption_that_was_changed_after_it_was_checked(live: House) -> None:
    """Telegram copies a message as it is when it is copied: agents read the number."""
    sent = await live.ana.send_photo(picture(GREEN), "hi")
    await live.ana.wait_for_message(from_bot)
    await live.ana.edit(sent, f"I paid with {CARD}")
    topic, _ = await hand_over(live)
    await topic.wait_for_message(photo)
    await quiet(live)
    assert not any("4539" in message.text for message in topic.messages())


async def test_a_picture_that_was_put_in_the_place_of_one_that_was_checked(live: House) -> None:
    ana = live.ana
    sent = await ana.send_photo(picture(GREEN), "hi")
    await ana.wait_for_message(from_bot)
    other: Any = {"photo": await ana._world.shelf.add_photo(picture((250, 0, 0), (640, 480)))}
    ana._world.edit_own(ana._user, ana._stored(sent), other)
    topic, _ = await hand_over(live)
    shown = await topic.wait_for_message(photo)
    assert max(size["width"] for size in shown.raw["photo"]) == 320


@pytest.mark.parametrize("another", [False, True])
async def test_a_video_that_was_edited_is_shown_if_it_is_still_the_same(live: House, another: bool) -> None:
    ana = live.ana
    sent = await ana.send_video(video(FILM), "hi")
    await ana.wait_for_message(from_bot)
    other: Any = ana._world.shelf.add_video(Upload(video(FILM[:8]), "b.mp4", "video/mp4")) if another else {}
    ana._world.edit_own(ana._user, ana._stored(sent), {"caption": f"I paid with {CARD}", **other})
    topic, _ = await hand_over(live)
    wanted = "could not be checked" if another else "(video; what was written beside it is above)"
    await topic.wait_for_message(wanted)
    await quiet(live)
    assert kinds(topic) == ([] if another else ["video"])
    assert not any("4539" in message.text for message in topic.messages())


async def test_a_picture_sent_as_a_file_comes_as_a_copy_without_its_place(live: House) -> None:
    """Agents got the file, with what the camera had written into it."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    taken = picture(GREEN, exif=exif)
    assert b"Exif" in taken
    await live.ana.send_document(taken, "apple.jpg", "image/jpeg", "how long does this keep?")
    assert "four weeks" in (await live.ana.wait_for_message(from_bot)).text
    topic, _ = await hand_over(live)
    before = await topic.wait_for_message(photo)
    await quiet(live)
    asked = await live.ana.send_document(taken, "apple.jpg", "image/jpeg", "and this?")
    after = await topic.wait_for_message(photo)
    for shown in (before, after):
        assert "without what the camera wrote into it" in shown.text and b"Exif" not in shown.file()
    await quiet(live)
    assert kinds(topic) == ["photo", "photo"]
    await topic.agent("Kim").say("Four weeks.", reply_to=after)
    assert (await live.ana.wait_for_message("Kim: ")).reply_to == asked.id
    async for key in live.redis.scan_iter("c:42:safe:*"):
        sealed = await live.redis.get(key)
        assert live.app and sealed and b"Exif" not in live.app.handover.records.sealer.open(key.decode(), sealed)


async def test_what_is_too_large_to_be_looked_at_is_withheld(live: House) -> None:
    """It was copied: nobody had looked at it."""
    topic, _ = await hand_over(live)
    await quiet(live)
    await live.ana.send_video(HUGE, "look at https://evil.example/once")
    told = await topic.wait_for_message("A video came that is not shown here: it is too large")
    assert told.text.startswith("Ana: look at https://evil.example/once\n")
    # Or Telegram's servers would open it, to show agents what is behind it.
    assert told.raw["link_preview_options"] == {"is_disabled": True}
    await live.ana.send_media([(picture(GREEN), "image/jpeg"), (HUGE, "video/mp4")], "both")
    await topic.wait_for_message(photo)
    await topic.wait_for_message("too large to be checked")
    await quiet(live)
    assert kinds(topic) == ["photo"]


async def test_the_bot_says_which_of_an_album_was_too_large(live: House) -> None:
    await ask(live.ana, "hi")
    await live.ana.send_media([(picture(GREEN), "image/jpeg"), (HUGE, "video/mp4")], "how long do they keep?")
    said = await live.ana.wait_for_message(from_bot)
    assert "That video is too large for me" in said.text and "four weeks" in said.text


async def test_what_else_is_in_an_album_comes_along(live: House) -> None:
    topic, _ = await hand_over(live)
    await quiet(live)
    files = [Upload(b"%PDF-1.7", "invoice.pdf", "application/pdf"), Upload(picture(GREEN), "a.jpg", "image/jpeg")]
    await live.ana._send(files, "both", None, as_files=True)
    await topic.wait_for_message(photo)
    await topic.wait_for_message(lambda m: "document" in m.raw and m.file() == b"%PDF-1.7")
    await quiet(live)
    assert sorted(kinds(topic)) == ["document", "photo"]
