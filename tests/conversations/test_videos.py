"""Videos as a customer and an agent meet them: Telegram's kinds of message, the answer, the topic."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from films import only_sound, plain, video
from house import GREEN, GREY, RED, House, ask, hand_over, picture, quiet
from PIL import Image, ImageDraw, ImageFont

from bot.handover.corrections import offered
from bot.records import Case
from playground import Message
from vision.report import Label, LabelSet, PhotoReport

CARD = "4539 1488 0343 6467"
APPLES = [plain(GREY)] * 10 + [plain(GREEN)] * 30


def written(*lines: str, size: tuple[int, int] = (640, 360)) -> Image.Image:
    image = Image.new("RGB", size, "#eeeeea")
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 40 + 70 * number), line, fill="#111", font=ImageFont.load_default(34))
    return image


def from_bot(message: Message) -> bool:
    return message.from_bot


async def answer(house: House) -> Message:
    return await house.ana.wait_for_message(from_bot)


@pytest.mark.parametrize("kind", ["video", "animation", "video_note", "sticker"])
async def test_every_kind_of_video_is_answered(live: House, kind: str) -> None:
    caption = "how long does this keep?" if kind in ("video", "animation") else ""  # the others have none
    await live.ana.send_video(video(APPLES), caption, kind=kind)
    said = await answer(live)
    assert "Granny Smith" in said.text
    assert not caption or "four weeks" in said.text
    assert "moments" not in said.text  # all of it was seen: nothing to apologise for


async def test_a_video_as_a_file(live: House) -> None:
    data = video(APPLES, codec="libvpx", container="webm")
    await live.ana.send_document(data, "VID.webm", "video/webm", "how long does this keep?")
    assert "four weeks" in (await answer(live)).text


async def test_a_gif_is_looked_at_to_its_end(live: House) -> None:
    """Only its first frame was: a grey table."""
    out = io.BytesIO()
    APPLES[0].save(out, "GIF", save_all=True, append_images=[*APPLES[10:13]], duration=500)
    await live.ana.send_document(out.getvalue(), "apple.gif", "image/gif", "how long does this keep?")
    assert "four weeks" in (await answer(live)).text


async def test_two_things_in_one_video_are_asked_about(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is sure by itself; the surest frame would have answered about one of them."""

    def sure(colour: tuple[int, ...]) -> PhotoReport:
        name = "Granny Smith" if colour[1] > colour[0] else "Banana"
        found = LabelSet(applies=0.99, stated=name, top=(Label(name=name, probability=0.95),))
        return PhotoReport(labels={"product": found})

    monkeypatch.setattr(live.eyes, "_one", sure)
    await live.ana.send_video(video([plain(GREEN)] * 10 + [plain(RED)] * 10), "how long does this keep?")
    said = await answer(live)
    assert "Granny Smith" in said.text and "Banana" in said.text and said.text.endswith("?")


async def test_the_card_shows_the_time_line(live: House) -> None:
    await live.ana.send_video(video(APPLES), "how long does this keep?")
    await answer(live)
    topic, card = await hand_over(live)
    assert "Video 1: product: Granny Smith" in card.text
    assert "Moments: 0:00 – · 0:01 Granny Smith 92%" in card.text
    copied = await topic.wait_for_message(lambda m: "video" in m.raw)
    assert copied.text == "how long does this keep?"
    case = await live.app.handover.records.get(42, "case", Case) if live.app else None
    assert case and offered(case) == []  # no single picture of it is kept to learn from


async def test_while_a_person_has_it_the_video_and_its_time_line_come(live: House) -> None:
    topic, _ = await hand_over(live)
    await quiet(live)
    await live.ana.send_video(video(APPLES), kind="video_note")
    await topic.wait_for_message(lambda m: "video_note" in m.raw)
    assert "0:01 Granny Smith" in (await topic.wait_for_message("Moments:")).text


async def test_a_card_in_a_video_is_hidden_from_agents_and_from_the_store(live: House) -> None:
    shown = written("EXAMPLE BANK", CARD, "VALID THRU 09/28")
    await live.ana.send_video(video([plain("#335", (640, 360))] * 10 + [shown] * 10), "a human please")
    told = await answer(live)
    assert "Your video seems to show a payment card's number" in told.text
    topic = await live.group.wait_for_topic("Ana")
    card = await topic.wait_for_message("Why:")
    assert "Hidden: a payment card's number" in card.text and "🔒" in card.text
    sheet = await topic.wait_for_message(lambda m: "photo" in m.raw)
    assert "must not be shown, so the video is not" in sheet.text
    grey = np.asarray(Image.open(io.BytesIO(sheet.file())).convert("L"), float)
    half = grey[:, grey.shape[1] // 2 :]
    number = half[int(0.30 * len(half)) : int(0.41 * len(half)), : int(0.6 * half.shape[1])]
    bank = half[int(0.10 * len(half)) : int(0.22 * len(half)), : int(0.6 * half.shape[1])]
    assert bank.std() > 40 > number.std()
    await quiet(live)
    assert not any("video" in m.raw for m in topic.messages())
    async for key in live.redis.scan_iter("*"):
        assert CARD.replace(" ", "").encode() not in (await live.redis.dump(key) or b"").replace(b" ", b"")


async def test_longer_than_a_minute_is_said_and_shown_as_moments(live: House) -> None:
    await live.ana.send_video(video([plain(GREEN)] * 70, rate=1), "how long does this keep?")
    said = await answer(live)
    assert "only at moments of the first 60 seconds of your video" in said.text
    assert "four weeks" in said.text
    topic, card = await hand_over(live)
    assert "Not seen as a whole" in card.text
    assert (
        "could not be checked from beginning to end" in (await topic.wait_for_message(lambda m: "photo" in m.raw)).text
    )
    await quiet(live)
    assert not any("video" in m.raw for m in topic.messages())


async def test_a_video_whose_caption_is_not_to_be_shown(live: House) -> None:
    """A masked caption: the video is copied with a caption of ours. It was sent as a photo, which Telegram refuses."""
    topic, _ = await hand_over(live)
    await quiet(live)
    await live.ana.send_video(video(APPLES), f"I paid with {CARD}")
    copied = await topic.wait_for_message(lambda m: "video" in m.raw)
    assert copied.text == "(video; what was written beside it is above)"
    await quiet(live)
    assert not any("4539" in m.text for m in topic.messages())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (only_sound(), "There is no picture in that video"),
        (video(APPLES)[:900], "That video arrived incomplete"),
        (video(APPLES[:3], codec="ffv1", container="matroska"), "couldn't open that video"),
        (b"", "That file was empty"),
    ],
    ids=["sound", "half", "codec", "empty"],
)
async def test_a_bad_video_is_told_kindly_and_the_next_message_is_answered(
    live: House, data: bytes, sentence: str
) -> None:
    await live.ana.send_video(data)
    assert sentence in (await answer(live)).text
    assert "four to six days" in (await ask(live.ana, "how long do bananas keep?")).text


async def test_a_video_over_20_mb_is_not_even_downloaded(live: House) -> None:
    await live.ana.send_video(bytes(20 * 2**20 + 1))
    assert "That video is too large for me: I can take 20 MB" in (await answer(live)).text


async def test_a_video_and_a_photo_are_one_turn(live: House) -> None:
    await live.ana.send_media([(video(APPLES), "video/mp4"), (picture(GREEN), "image/jpeg")], "how long do they keep?")
    assert "four weeks" in (await answer(live)).text
    await live.ana.expect_silence(0.3)
    _, card = await hand_over(live)
    assert "Video 1:" in card.text and "Photo 2:" in card.text


async def test_a_drawn_sticker_is_said_to_be_one(live: House) -> None:
    await ask(live.ana, "hi")
    sticker = {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 512, "height": 512}
    content: dict[str, Any] = {"sticker": sticker | {"is_animated": True, "is_video": False}}
    ana = {"id": 42, "is_bot": False, "first_name": "Ana"}
    chat = {"id": 42, "type": "private", "first_name": "Ana"}
    update = {"update_id": 10**9, "message": {"message_id": 9, "date": 1, "chat": chat, "from": ana, **content}}
    assert live.app
    await live.app.inbox.write([(10**9, 42, json.dumps(update).encode())])
    assert "drawings that only Telegram can play" in (await answer(live)).text
