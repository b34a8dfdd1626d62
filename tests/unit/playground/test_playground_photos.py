"""What a customer's picture becomes on its way."""

import io
from collections.abc import Callable

import pytest
from aiogram import Bot
from PIL import Image

from playground import Playground
from playground.pictures import NotAPhotoError, renditions

Draw = Callable[..., bytes]


async def test_a_photo_is_re_encoded_in_sizes(town: Playground, bot: Bot, picture: Draw) -> None:
    sent = await town.customer(42).send_photo(picture(3000, 1500, "PNG"), "what is it?")
    (update,) = await bot.get_updates()
    sizes = update.message.photo
    assert [(size.width, size.height) for size in sizes] == [(90, 45), (320, 160), (800, 400), (1280, 640)]
    assert len({size.file_unique_id for size in sizes}) == len({size.file_id for size in sizes}) == 4
    assert update.message.caption == "what is it?"
    data = (await bot.download(sizes[-1])).read()
    assert len(data) == sizes[-1].file_size
    assert sent.file() == data
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (1280, 640))


@pytest.mark.parametrize(("longest", "sides"), [(50, [50]), (90, [90]), (320, [90, 320]), (801, [90, 320, 800, 801])])
def test_small_pictures_are_not_enlarged(picture: Draw, longest: int, sides: list[int]) -> None:
    assert [one.width for one in renditions(picture(longest, longest // 2))] == sides


def test_orientation_is_applied_and_metadata_dropped(picture: Draw) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me right"
    exif[0x010F] = "a secret camera"
    largest = renditions(picture(400, 200, exif=exif))[-1]
    assert (largest.width, largest.height) == (200, 400)
    assert b"secret" not in largest.data
    with Image.open(io.BytesIO(largest.data)) as image:
        assert not image.getexif()
        assert image.getpixel((190, 10))[0] > 200  # the yellow corner moved from the left to the right


def test_a_clear_picture_gets_a_white_ground() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(renditions(out.getvalue())[-1].data)) as image:
        assert min(image.getpixel((20, 20))) > 250


def _bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["words", "empty", "truncated", "narrow", "bomb"])
async def test_what_is_no_photo_is_said_so(town: Playground, picture: Draw, kind: str) -> None:
    data = {"words": b"just text", "empty": b"", "truncated": picture()[:200], "narrow": picture(2100, 100),
            "bomb": _bomb() if kind == "bomb" else b""}[kind]  # fmt: skip
    with pytest.raises(NotAPhotoError):
        await town.customer(42).send_photo(data)
    assert town.customer(42).messages() == []


async def test_raw_bytes_can_be_delivered_as_a_photo(town: Playground, bot: Bot) -> None:
    await town.customer(42).send_photo(b"broken", "see?", raw=True)
    (update,) = await bot.get_updates()
    assert (await bot.download(update.message.photo[-1])).read() == b"broken"


async def test_an_album_is_several_updates(town: Playground, bot: Bot, picture: Draw) -> None:
    await town.customer(42).send_album([picture(), picture(), picture()], "three")
    messages = [update.message for update in await bot.get_updates()]
    assert [message.caption for message in messages] == ["three", None, None]
    assert len({message.media_group_id for message in messages}) == 1
    assert len({message.message_id for message in messages}) == 3
    with pytest.raises(ValueError, match="at most 10"):
        await town.customer(42).send_album([picture()] * 11)
