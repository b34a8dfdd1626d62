"""A bot whose model learnt the shop's own products names them to a customer; without the setting it does not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from house import House
from toys import drawn, drawn_check, drawn_shop

from playground import Message
from vision.model.predictor import Predictor
from vision.training import shop


def photo(name: str) -> bytes:
    out = io.BytesIO()
    drawn(name, 77).save(out, "JPEG", quality=92)
    return out.getvalue()


async def show(house: House, picture: bytes) -> Message:
    await house.ana.send_photo(picture, "how do I store this?")
    return await house.ana.wait_for_message(lambda message: message.from_bot)


async def test_the_shop_s_own_product_is_named(
    house: House, knowledge: Path, shipped: Path, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    (knowledge / "sea-soap.md").write_text("# Sea soap\n\nStore Sea soap on a dry dish, away from the shower.\n")
    photos, check, out = drawn_shop(tmp_path / "photos", 8), drawn_check(tmp_path / "check", 8), tmp_path / "own"
    base = Predictor.load(shipped, name="torch")
    shop.run(shop.Request(photos, out, shipped, check=check, may_forget=1.0), base)
    adapted = Predictor.load(shipped, name="torch", adapted=out)
    monkeypatch.setattr(house.eyes, "describe", adapted.describe)
    async with house.bot():
        answer = await show(house, photo("Sea soap"))
        assert "Sea soap" in answer.text and "dry dish" in answer.text
        monkeypatch.setattr(house.eyes, "describe", Predictor.load(shipped, name="torch").describe)
        await house.ana.say("/forget")
        before = Predictor.load(shipped, name="torch").sets["product"]
    assert "Sea soap" not in before and "Sea soap" in adapted.sets["product"]
