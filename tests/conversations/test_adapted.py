"""A bot whose model learnt the shop's own products names them to a customer, however they were learnt: alone, in
private, or with another shop. Without the setting it does not.
"""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from house import House
from toys import drawn, drawn_check, drawn_shop

from playground import Message
from vision.images import read_folder
from vision.model.adapted import digest_of
from vision.model.predictor import Predictor
from vision.training import federated, federation, memory, shop
from vision.training.federation import Part
from vision.training.heads import Weights


@pytest.fixture
def model(shipped: Path, tmp_path: Path) -> Path:
    """A toy checkpoint with the memory of what it is said to know."""
    folder = tmp_path / "model"
    shutil.copytree(shipped, folder)
    predictor = Predictor.load(folder, name="torch")
    known = memory.halves(memory.asked(memory.look(predictor, read_folder(drawn_check(tmp_path / "check", 8)))))
    memory.save(folder / memory.FILE, known, digest_of(folder))
    return folder


@pytest.fixture(autouse=True)
def article(knowledge: Path) -> None:
    (knowledge / "sea-soap.md").write_text("# Sea soap\n\nStore Sea soap on a dry dish, away from the shower.\n")


def photo(name: str) -> bytes:
    out = io.BytesIO()
    drawn(name, 77).save(out, "JPEG", quality=92)
    return out.getvalue()


async def show(house: House, picture: bytes) -> Message:
    await house.ana.send_photo(picture, "how do I store this?")
    return await house.ana.wait_for_message(lambda message: message.from_bot)


async def named(house: House, model: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``out`` the bot names the soap to a customer and quotes its article."""
    adapted = Predictor.load(model, name="torch", adapted=out)
    monkeypatch.setattr(house.eyes, "describe", adapted.describe)
    async with house.bot():
        answer = await show(house, photo("Sea soap"))
    assert "Sea soap" in answer.text and "dry dish" in answer.text


async def test_the_shop_s_own_product_is_named(
    house: House, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, out = drawn_shop(tmp_path / "photos", 8), tmp_path / "own"
    base = Predictor.load(model, name="torch")
    shop.run(shop.Request(photos, out, model, may_forget=1.0), base)
    await named(house, model, out, monkeypatch)
    monkeypatch.setattr(house.eyes, "describe", base.describe)  # without the setting
    async with house.bot():
        await house.ana.say("/forget")
        assert "Sea soap" not in (await show(house, photo("Sea soap"))).text


async def test_learnt_in_private_it_is_named_too(
    house: House, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")
    photos, out = drawn_shop(tmp_path / "photos", 24), tmp_path / "own"
    asked = shop.Request(photos, out, model, epsilon=8, may_forget=1.0)
    said = shop.run(asked, Predictor.load(model, name="torch"))
    assert any(line.startswith("  private: epsilon 7.") for line in said)
    card = json.loads((out / "card.json").read_text())["learnt"]["product"]
    assert card["privacy"]["epsilon"] <= 8 and card["privacy"]["delta"] < 1 / 48
    await named(house, model, out, monkeypatch)


async def test_what_only_another_shop_has_shown_is_named(
    house: House, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor, out = Predictor.load(model, name="torch"), tmp_path / "own"
    (tmp_path / "products.txt").write_text("Sea soap\nSun candle\n")
    names = federation.read_names(tmp_path / "products.txt", predictor.sets["product"])
    config = {"names": json.dumps(names), "base": digest_of(model), "rounds": federated.ROUNDS}
    parts = {
        shop: Part.of(drawn_shop(tmp_path / shop, 10, own), model, predictor, None)
        for shop, own in {"north": ("Sun candle", "apple"), "south": ("Sea soap", "milk")}.items()
    }
    weights = Weights.zeros(len(names), parts["north"].photos.looks.shape[1])
    for _ in range(federated.ROUNDS):
        updates = {shop: part.learn(config, weights) for shop, part in parts.items()}
        weights, said = federated.averaged(weights, updates)
        assert not said
    parts["north"].done(config, weights)
    parts["north"].write(out, model, predictor, 1.0)
    await named(house, model, out, monkeypatch)
