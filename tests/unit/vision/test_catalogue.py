from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from toys import COLOURS, encoded, picture, write_set

from vision.__main__ import main
from vision.frame import Frame
from vision.images import DataError
from vision.model import catalogue
from vision.model.catalogue import Catalogue, CatalogueError, Certainty
from vision.model.predictor import Predictor
from vision.model.prototypes import _learn, _prototypes, build
from vision.readers.gtin import gtin
from vision.readers.ocr import Read
from vision.readers.read import finished
from vision.report import Code, Label, LabelSet, PhotoReport

CHANCE = np.random.default_rng(0)


def unit(rows: Any) -> Any:
    rows = np.asarray(rows, dtype=float)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def examples(products: int, each: int, noise: float, width: int = 32) -> tuple[Any, Any, Any]:
    """Pictures around one direction a product: seen [N, 2, width], owner [N], the directions [products, width]."""
    chance = np.random.default_rng(1)
    centres = unit(chance.normal(size=(products, width)))
    owner = np.repeat(np.arange(products), each)
    seen = unit(centres[owner][:, None] + noise * chance.normal(size=(len(owner), 2, width)))
    return seen, owner, centres


def catalogue_of(seen: Any, owner: Any, count: int) -> Catalogue:
    certainty, left_out = _learn(seen, owner, count)
    photos = _prototypes(seen.mean(1), owner, count)
    names = tuple(f"thing {n}" for n in range(count))
    return Catalogue(names, ("",) * count, photos, photos, np.zeros_like(photos), certainty, "m", left_out)


class TestCertainty:
    def test_what_is_in_the_catalogue_is_stated_and_what_is_not_is_none(self) -> None:
        seen, owner, centres = examples(20, 5, 0.1)
        made = catalogue_of(seen, owner, 20)
        assert made.left_out["right"] == 1.0
        assert made.left_out["stated_of_none"] < 0.1
        fresh = unit(centres + 0.1 * CHANCE.normal(size=centres.shape))
        assert [made.label(vector).stated for vector in fresh] == list(made.names)
        strangers = unit(CHANCE.normal(size=(50, 32)))
        stated = [made.label(vector) for vector in strangers]
        assert sum(found.stated is not None for found in stated) <= 2
        assert np.mean([found.applies for found in stated]) < 0.2

    def test_what_cannot_be_told_apart_is_not_stated(self) -> None:
        seen, owner, _ = examples(20, 5, 3.0)  # hardly more than noise
        made = catalogue_of(seen, owner, 20)
        assert made.left_out["right"] < 0.5
        assert made.left_out["stated"] < 0.1

    def test_calibrated(self) -> None:
        seen, owner, centres = examples(30, 6, 0.35)
        made = catalogue_of(seen, owner, 30)
        said = [made.label(v) for v in unit(np.repeat(centres, 10, 0) + 0.35 * CHANCE.normal(size=(300, 32)))]
        right = np.mean([found.top[0].name == made.names[at // 10] for at, found in enumerate(said)])
        assert 0.3 < right < 0.99
        assert abs(np.mean([found.top[0].probability for found in said]) - right) < 0.1

    @pytest.mark.parametrize(("products", "each"), [(2, 5), (20, 1), (1, 1)])
    def test_too_few_to_learn_from(self, products: int, each: int) -> None:
        seen, owner, centres = examples(products, each, 0.01)
        made = catalogue_of(seen, owner, products)
        assert made.certainty == Certainty()
        assert made.label(centres[0]).stated is None
        assert made.label(centres[0]).top[0].name == "thing 0"

    def test_without_any_picture(self) -> None:
        made = catalogue_of(np.zeros((0, 2, 8)), np.zeros(0, dtype=np.int64), 3)
        assert made.label(unit(np.ones(8))).applies == 0
        assert made.label(unit(np.ones(8))).stated is None
        assert len(made.by_photo(unit(np.ones(8)), unit(np.ones(8)))) == 3


def test_words_find_what_has_no_picture_and_photos_rank_it_last() -> None:
    pictures = unit([[1.0, 0, 0], [0, 1.0, 0]])
    texts = unit([[1.0, 0, 0.1], [0, 1.0, 0.1], [0, 0, 1.0]])
    names = ("red shirt", "green shirt", "blue shirt")
    photos = np.concatenate([pictures, np.zeros((1, 3))])
    made = Catalogue(names, ("r", "g", "b"), photos, photos, texts, Certainty(), "m", {})
    assert next(hit.name for hit in made.by_words(unit([0, 0.1, 1.0]))) == "blue shirt"
    assert [hit.name for hit in made.by_words(unit([0, 1.0, 0.1]), 1)] == ["green shirt"]
    assert [hit.name for hit in made.by_photo(unit([1.0, 0.2, 0.9]), unit([1.0, 0.2, 0.9]))] == [
        "red shirt",
        "green shirt",
        "blue shirt",
    ]


class TestNumbers:
    """A code that holds a product's article number is surer than looks."""

    def shop(self, *products: tuple[str, str]) -> Catalogue:
        names, descriptions = zip(*products, strict=True)
        none = np.zeros((len(names), 8))
        return Catalogue(names, descriptions, none, none, none, Certainty(), "m", {})

    def test_the_product_is_stated_whatever_the_code_is(self) -> None:
        made = self.shop(("Soap", "UPC 042100005264"), ("Soap, small", "0 425278 2"), ("Pen EAN 4006381333931", ""))
        for symbology, payload, name in (
            ("upce", "04252614", "Soap"),
            ("ean13", "0042100005264", "Soap"),
            ("itf", "00042100005264", "Soap"),
            ("datamatrix", "(01)04006381333931(10)LOT42A", "Pen EAN 4006381333931"),
            ("qrcode", "https://id.shop.example/01/04006381333931", "Pen EAN 4006381333931"),
        ):
            code = Code(symbology=symbology, payload=payload, gtin=gtin(symbology, payload))
            found = finished(seen_as("Lamp"), photo(code), Read("none"), made).report
            assert found.labels["product"].stated == name
            assert (found.caption, found.caption_source) == (f"{name}.", "product")

    def test_what_it_does_not_name_is_left_to_the_eyes(self) -> None:
        made = self.shop(("Soap", "EAN 4006381333931"), ("Soap, again", "EAN 4006381333931"), ("Pen", "96385074"))
        pen = Code(symbology="ean8", payload="96385074", gtin="00000096385074")
        soap = Code(symbology="ean13", payload="4006381333931", gtin="04006381333931")
        report = seen_as("Lamp")
        assert finished(report, photo(soap), Read("none"), made).report.labels == report.labels  # it names two
        assert finished(report, photo(pen), Read("none")).report.labels == report.labels  # a shop without a catalogue
        assert finished(report, photo(pen), Read("none"), made).report.labels["product"].stated == "Pen"
        assert made.identity != self.shop(("Soap", ""), ("Soap, again", ""), ("Pen", "")).identity
        both = self.shop(("Soap", "EAN 4006381333931"), ("Pen", "96385074"))
        assert finished(report, photo(pen, soap), Read("none"), both).report.labels == report.labels


def seen_as(name: str) -> PhotoReport:
    return PhotoReport(
        caption=f"{name}.",
        caption_source="product",
        labels={"product": LabelSet(applies=0.9, stated=name, top=(Label(name=name, probability=0.9),))},
    )


def photo(*codes: Code) -> Frame:
    picture = np.full((20, 30, 3), 200, np.uint8)
    return Frame(np.zeros((8, 8, 3), np.uint8), picture, codes, None)


class TestRead:
    def test_both_forms_and_lines_of_one_name_together(self, tmp_path: Path) -> None:
        rows: list[dict[str, Any]] = [
            {"labels": {"product": "Apple"}, "text": "sweet"},
            {"labels": {"product": "Apple"}},
            {"labels": {"product": "Pear"}},
        ]
        folder = write_set(tmp_path / "shop", rows)
        with (folder / "metadata.jsonl").open("a") as lines:
            lines.write(
                '\n{"name": "Plum", "description": "blue", "pictures": ["0.png", "1.png"]}\n{"name": " Soap "}\n'
            )
        found = catalogue.read(folder)
        assert [(p.name, p.description, len(p.pictures)) for p in found] == [
            ("Apple", "sweet", 2),
            ("Pear", "", 1),
            ("Plum", "blue", 2),
            ("Soap", "", 0),
        ]

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("{", "line 1: not JSON"),
            ("[]", "line 1: needs an object"),
            ("{}", "line 1: needs a name"),
            ('{"name": "  "}', "line 1: needs a name"),
            ('{"name": "a", "pictures": "a.png"}', "line 1: pictures must be a list"),
            ('{"name": "a", "pictures": ["none.png"]}', "line 1: no picture at"),
            ('{"name": "a", "pictures": ["../outside.png"]}', "line 1: no picture at"),
            ('{"name": "a", "pictures": ["a\\u0000b"]}', "line 1: no picture at"),
            ("", "names no product"),
        ],
    )
    def test_bad_lines(self, tmp_path: Path, line: str, said: str) -> None:
        (tmp_path / "outside.png").write_bytes(encoded(picture()))
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop" / "metadata.jsonl").write_text(line + "\n")
        with pytest.raises(DataError, match=said):
            catalogue.read(tmp_path / "shop")

    def test_no_metadata(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"metadata.jsonl cannot be read: .*one JSON object a line"):
            catalogue.read(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    rows = [{"colour": c, "labels": {"product": f"a {c} square"}} for c in COLOURS for _ in range(3)]
    folder = write_set(tmp_path / "shop", rows)
    with (folder / "metadata.jsonl").open("a") as lines:
        lines.write(json.dumps({"name": "a yellow square", "description": "not photographed yet"}) + "\n")
    return folder


class TestCommands:
    def test_build_then_search_both_ways(
        self, shop: Path, shipped: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        model = ["--model", str(shipped)]
        assert main(["catalogue", "build", str(shop), *model]) == 0
        said = capsys.readouterr().out
        assert "4 products, 9 pictures" in said
        assert "for want of a picture: a yellow square" in said
        assert "pictures left out once each" in said

        # A text vector of the very words of a name is its own best match, even in an untrained space.
        assert main(["search", str(shop), "a yellow square . not photographed yet", "--json", *model]) == 0
        hits = json.loads(capsys.readouterr().out)
        assert len(hits) == 4
        assert hits[0]["name"] == "a yellow square"
        assert hits[0]["description"] == "not photographed yet"
        picture(COLOURS["green"], seed=9).save(tmp_path / "new.png")
        assert (
            main(["search", str(shop / "catalogue.json"), "--photo", str(tmp_path / "new.png"), "-n", "2", *model]) == 0
        )
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 3
        assert lines[0].endswith("a green square")
        assert lines[2].startswith("stated: ")
        both = Image.new("RGB", (128, 64))
        both.paste(picture(COLOURS["red"], (64, 64), 9), (0, 0))
        both.paste(picture(COLOURS["blue"], (64, 64), 9), (64, 0))
        both.save(tmp_path / "both.png")
        for part, colour in (("0,0,0.5,1", "red"), ("0.5,0,1,1", "blue")):
            assert main(["search", str(shop), "--photo", str(tmp_path / "both.png"), "--part", part, *model]) == 0
            assert capsys.readouterr().out.splitlines()[0].endswith(f"a {colour} square")
        (tmp_path / "new.png").write_bytes(b"not a picture")
        assert main(["search", str(shop), "--photo", str(tmp_path / "new.png"), *model]) == 2
        assert "new.png cannot be read as a picture" in capsys.readouterr().err

    def test_the_shops_own_products_take_the_place_of_the_trained_ones(self, shop: Path, shipped: Path) -> None:
        built = build(Predictor.load(shipped), catalogue.read(shop))
        built.save(shop / catalogue.FILE)
        predictor = Predictor.load(shipped, catalogue=shop)
        trained = Predictor.load(shipped)
        pixels = np.stack([np.asarray(picture(c, (64, 64), 5)) for c in COLOURS.values()])
        found = [report.labels["product"] for report in predictor.describe(pixels, [""] * 3)]
        assert [f.top[0].name for f in found] == [f"a {c} square" for c in COLOURS]
        assert {label.name for f in found for label in f.top} <= set(built.names)
        kinds = [report.labels["kind"] for report in predictor.describe(pixels, [""] * 3)]
        assert kinds == [report.labels["kind"] for report in trained.describe(pixels, [""] * 3)]
        assert predictor.identity.startswith(f"{trained.identity}+")  # reports of another catalogue are not reused

    def test_bad_calls_and_files(
        self, shop: Path, shipped: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        model = ["--model", str(shipped)]

        def refused(*call: str) -> str:
            assert main([*call, *model]) == 2
            return capsys.readouterr().err

        # Nothing was ever built, and it was told to build it again.
        none = f"no catalogue can be read at {shop}/catalogue.json: there is no such file or folder; build one: "
        for call in (("red",), (), ("--photo", "x")):
            assert none in refused("search", str(shop), *call)
        assert f"the catalogue comes first: search {shop} red" in refused("search", "red", str(shop))
        (shop / catalogue.FILE).write_text('{"format": 2}')
        assert "takes either words" in refused("search", str(shop))
        assert "takes either words" in refused("search", str(shop), "red", "--photo", "x")
        assert "--part is of a photo" in refused("search", str(shop), "red", "--part", "0,0,1,1")
        for count in ("0", "-3", "many"):
            with pytest.raises(SystemExit):
                main(["search", str(shop), "red", "-n", count, *model])
            assert "is no number from 1 on" in capsys.readouterr().err
        for part in ("0,0,1", "0.5,0,0.5,1", "0,0,2,1", "a,b,c,d", "nan,0,1,1"):
            with pytest.raises(SystemExit):
                main(["search", str(shop), "--photo", "x", "--part", part, *model])
            assert "LEFT,TOP,RIGHT,BOTTOM from 0 to 1" in capsys.readouterr().err
        assert "metadata.jsonl" in refused("catalogue", "build", str(tmp_path))
        (shop / "0.png").write_bytes(b"not a picture")
        assert "0.png cannot be read as a picture" in refused("catalogue", "build", str(shop))
        for content, said in {
            "[]": "is no catalogue, it has no format; build one",
            "{}": "is no catalogue, it has no format; build one",
            "{": "is no catalogue, it is not JSON; build one",
            '{"format": 1}': "does not fit (format 1, this program reads 2); build it again",
            '{"format": 2, "names": ["a"], "photos": [[1], [2, 3]]}': "does not fit",
        }.items():
            (shop / catalogue.FILE).write_text(content)
            assert said in refused("search", str(shop), "red")

    def test_of_another_model(self, shop: Path, shipped: Path) -> None:
        built = build(Predictor.load(shipped), catalogue.read(shop))
        built.save(shop / catalogue.FILE)
        assert Catalogue.load(shop, built.model).identity == Catalogue.load(shop, built.model).identity
        with pytest.raises(CatalogueError, match=r"built with the model .*, this is other; build it again"):
            Catalogue.load(shop, "other")
