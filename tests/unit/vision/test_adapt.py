"""A shop's own weights, on toys: what is refused, what is learnt, what is remembered, and the way back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys import picture

from vision.images import DataError, Sample
from vision.model.adapted import Adapted, AdaptedError, Head
from vision.model.labels import NEVER, Calibration
from vision.training import adapt, heads, memory, pictures
from vision.training.adapt import AdaptError
from vision.training.heads import NONE, Examples
from vision.training.memory import Memory, Photos

KNOWN = {"product": ["apple", "milk"], "item": ["shirt", "shoe"]}
WIDTH = 24


def directions(count: int) -> Any:
    rows = np.random.default_rng(5).normal(size=(count, WIDTH))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


WAYS = dict(zip(["apple", "milk", "shirt", "soap", "candle", "other"], directions(6), strict=True))


def photos(label: str, count: int, seed: int, name: str = "product", noise: float = 0.1) -> Photos:
    """Around the direction of ``label``; the toy checkpoint knows apples and milk by theirs."""
    chance = np.random.default_rng(seed)
    looks = WAYS[label] + noise * chance.normal(size=(count, WIDTH))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    logits = {s: np.stack([8 * looks @ WAYS.get(each, WAYS["other"]) for each in KNOWN[s]], 1) for s in KNOWN}
    gate = 10 * np.maximum(looks @ WAYS["apple"], looks @ WAYS["milk"]) - 5
    gates = {"product": gate, "item": 10 * looks @ WAYS["shirt"] - 5}
    return Photos(looks, logits, gates, ({name: label},) * count)


class ToyPredictor:
    """The shop's pictures, already looked at."""

    def __init__(self) -> None:
        self.sets = KNOWN
        self.calibration = {"product": Calibration(), "item": Calibration()}


@pytest.fixture
def known() -> Memory:
    def half(seed: int) -> Photos:
        return memory.together(
            photos("apple", 8, seed), photos("milk", 8, seed + 1), photos("shirt", 8, seed + 2, "item")
        )

    return Memory(half(10), half(20))


def learnt(monkeypatch: pytest.MonkeyPatch, known: Memory, own: Photos, **more: Any) -> dict[str, adapt.Learnt]:
    monkeypatch.setattr(memory, "look", lambda *_, **__: own)
    return adapt.adapt(ToyPredictor(), [], known, **more)  # type: ignore[arg-type]


def head_of(one: adapt.Learnt) -> Head:
    return one.weights.head(one.names, one.calibration, one.base_temperature)


class TestLearning:
    def test_new_products_are_named_and_old_ones_are_kept(self, monkeypatch: pytest.MonkeyPatch, known: Memory) -> None:
        own = memory.together(photos("soap", 6, 1), photos("candle", 6, 2))
        one = learnt(monkeypatch, known, own)["product"]
        assert one.names == ["apple", "milk", "candle", "soap"]
        assert one.about["knew"]["accuracy"] == one.about["knows"]["accuracy"] == 1.0
        head, fresh = head_of(one), photos("soap", 20, 3)
        logits = head.logits(fresh.logits["product"], fresh.looks)
        assert [one.names[at] for at in logits.argmax(1)] == ["soap"] * 20
        assert (head.gate(fresh.gates["product"], fresh.looks) > 0).all()
        away = photos("shirt", 20, 4, "item")
        assert (head.gate(away.gates["product"], away.looks) < 0).all(), "a shirt is none of the products"

    def test_what_it_says_of_pictures_left_out_holds_for_others(
        self, monkeypatch: pytest.MonkeyPatch, known: Memory
    ) -> None:
        own = memory.together(photos("soap", 12, 1, noise=0.3), photos("candle", 12, 2, noise=0.3))
        one = learnt(monkeypatch, known, own)["product"]
        fresh = memory.together(photos("soap", 60, 3, noise=0.3), photos("candle", 60, 4, noise=0.3))
        examples = adapt.examples_of(fresh, "product", one.names, Calibration())
        right = (heads.said(one.weights, examples)[0].argmax(1) == examples.target).mean()
        assert one.about["left_out"]["photos"] == 24
        assert abs(one.about["left_out"]["accuracy"] - right) < 0.15

    def test_names_that_mean_nothing_are_not_stated(self, monkeypatch: pytest.MonkeyPatch, known: Memory) -> None:
        own = photos("soap", 24, 1)
        labels = tuple({"product": ("soap", "candle")[at % 2]} for at in range(24))
        mixed = Photos(own.looks, own.logits, own.gates, labels)
        one = learnt(monkeypatch, known, mixed)["product"]
        assert one.calibration.floor == NEVER or one.about["left_out"]["stated"] < 0.2

    def test_a_product_that_the_model_knows_under_another_name_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, known: Memory
    ) -> None:
        own = photos("apple", 40, 1, noise=0.1)
        renamed = Photos(own.looks, own.logits, own.gates, tuple({"product": "fruit"} for _ in range(40)))
        both = memory.together(renamed, photos("soap", 6, 2))
        with pytest.raises(AdaptError, match="nothing was written"):
            learnt(monkeypatch, known, both)
        assert learnt(monkeypatch, known, both, forgets=1.0)["product"].about["knows"]["accuracy"] < 1

    def test_what_was_known_is_counted_without_the_new_labels(
        self, monkeypatch: pytest.MonkeyPatch, known: Memory
    ) -> None:
        """A checkpoint's logits may all be below 0, where new labels began once: they won then."""
        low = [
            Photos(p.looks, {n: v - 50 for n, v in p.logits.items()}, p.gates, p.labels) for p in vars(known).values()
        ]
        own = memory.together(photos("soap", 6, 1), photos("candle", 6, 2))
        one = learnt(monkeypatch, Memory(*low), own)["product"]
        assert one.about["knew"]["accuracy"] == one.about["knows"]["accuracy"] == 1.0

    def test_a_checkpoint_that_is_surer_than_its_logits_is_not_overruled(
        self, monkeypatch: pytest.MonkeyPatch, known: Memory
    ) -> None:
        """Its logits were taken as they came, ten times too soft here: new labels took what it knew."""

        def soft(p: Photos) -> Photos:
            return Photos(p.looks, {n: v / 10 for n, v in p.logits.items()}, p.gates, p.labels)

        check = soft(known.check)
        own = soft(memory.together(photos("soap", 6, 1), photos("candle", 6, 2)))
        monkeypatch.setattr(memory, "look", lambda *_, **__: own)
        predictor = ToyPredictor()
        predictor.calibration["product"] = Calibration(temperature=0.1)
        one = adapt.adapt(predictor, [], Memory(soft(known.rehearsed), check))["product"]  # type: ignore[arg-type]
        assert one.base_temperature == 0.1
        begun = adapt.examples_of(check, "product", one.names, Calibration(temperature=0.1)).base
        apples = begun[[each == {"product": "apple"} for each in check.labels]]
        assert (apples[:, 0] - apples[:, 2:].max(1) > 2).all(), "an apple begins far ahead of new labels"
        head = head_of(one)
        fresh = photos("apple", 10, 8)
        assert (head.logits(fresh.logits["product"] / 10, fresh.looks).argmax(1) == 0).all()

    def test_a_correction_of_another_question_moves_that_question_alone(
        self, monkeypatch: pytest.MonkeyPatch, known: Memory
    ) -> None:
        own = photos("candle", 4, 1, "item")
        taught = Photos(own.looks, own.logits, own.gates, ({"item": "shoe"},) * 4)
        found = learnt(monkeypatch, known, taught)
        assert list(found) == ["item"] and found["item"].names == KNOWN["item"]
        logits = head_of(found["item"]).logits(taught.logits["item"], taught.looks)
        assert (logits.argmax(1) == 1).all()

    def test_what_nothing_checks_is_not_learnt(self, monkeypatch: pytest.MonkeyPatch, known: Memory) -> None:
        shirts = photos("shirt", 4, 1)
        taught = Photos(shirts.looks, shirts.logits, shirts.gates, ({"item": "shoe"},) * 4)
        bare = memory.asked(photos("apple", 6, 1))
        assert list(bare.logits) == ["product"]
        with pytest.raises(AdaptError, match="see --check"):
            learnt(monkeypatch, Memory(bare, bare), taught)

    def test_one_answer_whatever_the_start(self) -> None:
        chance = np.random.default_rng(0)
        looks = chance.normal(size=(60, 5)) / 16
        examples = Examples(looks, np.zeros((60, 3)), np.zeros(60), chance.integers(-1, 3, 60))
        begun = heads.Weights(chance.normal(size=(3, 6)), chance.normal(size=6))
        one, other = heads.fit(examples, steps=3000, decay=0.05), heads.fit(examples, begun, steps=3000, decay=0.05)
        assert np.abs(heads.said(one, examples)[1] - heads.said(other, examples)[1]).max() < 0.01
        assert (examples.target == NONE).any()


class TestFolder:
    def base(self, tmp_path: Path) -> Path:
        folder = tmp_path / "base"
        folder.mkdir()
        (folder / "weights.safetensors").write_bytes(b"weights")
        return folder

    def written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Memory) -> tuple[Path, Path]:
        own = memory.together(photos("soap", 5, 1), photos("candle", 5, 2))
        base, out = self.base(tmp_path), tmp_path / "own"
        adapt.write(out, base, learnt(monkeypatch, known, own), {"command": "a test"})
        return base, out

    def test_read_again_it_says_the_same(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Memory) -> None:
        base, out = self.written(tmp_path, monkeypatch, known)
        found = Adapted.load(out, base, KNOWN).heads["product"]
        soap = photos("soap", 5, 7)
        logits = found.logits(soap.logits["product"], soap.looks)
        assert found.names[logits[0].argmax()] == "soap"
        assert json.loads((out / "card.json").read_text())["learnt"]["product"]["knows"]["photos"] == 16
        assert (out / "weights.safetensors").stat().st_mode & 0o777 == 0o644

    def test_refused_over_another_base(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Memory) -> None:
        base, out = self.written(tmp_path, monkeypatch, known)
        (base / "weights.safetensors").write_bytes(b"other weights")
        with pytest.raises(AdaptedError, match="adapted from other weights"):
            Adapted.load(out, base, KNOWN)

    @pytest.mark.parametrize("harm", ["no card", "half", "format", "labels"])
    def test_a_damaged_folder_says_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Memory, harm: str
    ) -> None:
        base, out = self.written(tmp_path, monkeypatch, known)
        card = json.loads((out / "card.json").read_text())
        if harm == "no card":
            (out / "card.json").unlink()
        elif harm == "half":
            (out / "weights.safetensors").write_bytes((out / "weights.safetensors").read_bytes()[:40])
        elif harm == "format":
            (out / "card.json").write_text(json.dumps(card | {"format": 9}))
        else:
            (out / "card.json").write_text(json.dumps(card | {"sets": {"product": ["a", "b", "c", "d", "e"]}}))
        with pytest.raises(AdaptedError, match=r"adapt again|`python -m vision adapt` wrote"):
            Adapted.load(out, base, KNOWN)

    def test_written_again_what_was_there_stays_beside_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Memory
    ) -> None:
        base, out = self.written(tmp_path, monkeypatch, known)
        before = (out / "card.json").read_text()
        for _ in range(2):
            adapt.write(out, base, {}, {"command": "again"})
        assert Adapted.load(out, base, KNOWN).heads == {}
        shutil.rmtree(out.with_name("own.before"))
        assert before != (out / "card.json").read_text()

    def test_memory_comes_back_as_it_was(self, tmp_path: Path, known: Memory) -> None:
        memory.save(tmp_path / memory.FILE, known, "base")
        found = memory.load(tmp_path / memory.FILE, "base")
        assert found.check.labels == known.check.labels
        assert np.abs(found.rehearsed.looks - known.rehearsed.looks).max() < 0.01
        with pytest.raises(DataError, match="--check"):
            memory.load(tmp_path / memory.FILE, "another")
        with pytest.raises(DataError, match="--check"):
            memory.load(tmp_path / "nowhere", "base")

    def test_halves_have_of_every_label(self) -> None:
        parts = memory.halves(memory.together(photos("apple", 5, 1), photos("milk", 4, 2)))
        assert [len(parts.rehearsed), len(parts.check)] == [5, 4]
        assert {each["product"] for each in parts.check.labels} == {"apple", "milk"}


class TestPictures:
    def shop(self, folder: Path, **products: int) -> Path:
        seed = 0
        for name, count in products.items():
            (folder / name).mkdir(parents=True)
            for at in range(count):
                seed += 1
                picture(seed=seed).save(folder / name / f"{at}.png")
        return folder

    def test_a_folder_for_each_product(self, tmp_path: Path) -> None:
        found = pictures.read(self.shop(tmp_path / "shop", soap=3, candle=4), None, KNOWN)
        assert sorted({s.labels["product"] for s in found}) == ["candle", "soap"] and len(found) == 7

    def test_the_catalogue_form(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path / "shop", soap=3, candle=3)
        lines = [{"name": name, "pictures": [f"{name}/{at}.png" for at in range(3)]} for name in ("soap", "candle")]
        (shop / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
        assert len(pictures.read(shop, None, KNOWN)) == 6

    def test_too_few_pictures_are_named(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path / "shop", soap=3, candle=2, cup=1)
        with pytest.raises(DataError, match=r"fewer than 3 pictures of candle \(2\), cup \(1\): take more"):
            pictures.read(shop, None, KNOWN)

    def test_one_product_is_nothing_to_tell_apart(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="nothing to tell apart"):
            pictures.read(self.shop(tmp_path / "shop", soap=5), None, KNOWN)

    def test_one_picture_under_two_names(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path / "shop", soap=3, candle=3)
        picture(seed=1).save(shop / "candle" / "copy.bmp")  # the same pixels in another file
        with pytest.raises(
            DataError, match=r"two names: .*copy.bmp is candle, and .*0.png is soap.*keep the right one"
        ):
            pictures.read(shop, None, KNOWN)

    def test_a_copy_under_the_same_name_counts_once(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path / "shop", soap=4, candle=3)
        shutil.copy(shop / "soap" / "0.png", shop / "soap" / "copy.png")
        assert len(pictures.read(shop, None, KNOWN)) == 7
        shutil.rmtree(shop / "soap")
        (shop / "soap").mkdir()
        for at in range(3):
            picture(seed=99).save(shop / "soap" / f"{at}.png")
        with pytest.raises(DataError, match=r"fewer than 3 pictures of soap \(1\)"):
            pictures.read(shop, None, KNOWN)

    @pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n cut off"])
    def test_a_corrupt_picture_is_named(self, tmp_path: Path, content: bytes) -> None:
        shop = self.shop(tmp_path / "shop", soap=3, candle=3)
        (shop / "soap" / "bad.png").write_bytes(content)
        with pytest.raises(DataError, match=r"bad\.png cannot be read as a picture"):
            pictures.read(shop, None, KNOWN)

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="is no folder"):
            pictures.read(tmp_path / "nowhere", None, KNOWN)
        (tmp_path / "empty" / "soap").mkdir(parents=True)
        with pytest.raises(DataError, match="nothing is in soap"):
            pictures.read(tmp_path / "empty", None, KNOWN)

    def test_corrections_teach_labels_that_the_model_knows(self, tmp_path: Path) -> None:
        shop, kept = self.shop(tmp_path / "shop", soap=3, candle=3), tmp_path / "corrections"
        kept.mkdir()
        lines: list[dict[str, Any]] = [
            {"file_name": "a.jpg", "labels": {"product": "apple"}},
            {"file_name": "b.jpg", "labels": {"unknown": "thing"}},
            {"file_name": "c.jpg", "captions": ["a red apple"]},
        ]
        for at, line in enumerate(lines):
            picture(seed=50 + at).save(kept / line["file_name"])
        (kept / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
        found = pictures.read(shop, kept, KNOWN)
        assert [s.labels for s in found[6:]] == [{"product": "apple"}]
        assert isinstance(found[6], Sample)
