from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError
from repository import ROOT

from vision.report import Code, Label, LabelSet, PhotoReport

FULL = PhotoReport(
    caption="Granny Smith (fruit).",
    caption_source="product",
    labels={
        "product": LabelSet(applies=0.98, stated="Granny Smith", top=(Label(name="Granny Smith", probability=0.9),))
    },
    lines=("1,99 €",),
    codes=(Code(symbology="ean_13", payload="4006381333931"),),
    model="abc",
    milliseconds={"model": 12.5},
)


@pytest.mark.parametrize("report", [FULL, PhotoReport(), PhotoReport.failed("truncated", "the file ends early")])
def test_json_there_and_back(report: PhotoReport) -> None:
    assert PhotoReport.model_validate_json(report.model_dump_json()) == report


def test_one_that_an_earlier_version_stored_is_read() -> None:
    place = {"box": (0.1, 0.1, 0.5, 0.2), "confidence": 0.98}
    stored = FULL.model_dump() | {"embedding": [0.6, 0.8], "places": [place]}
    del stored["kind_right"]
    assert PhotoReport.model_validate_json(json.dumps(stored)) == FULL


def test_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        FULL.caption = "something else"
    with pytest.raises(ValidationError, match="frozen"):
        FULL.labels["product"].top[0].name = "Banana"


@pytest.mark.parametrize(
    "json",
    [
        '{"captoin": "x"}',
        '{"labels": {"product": {"applies": 0.5, "sure": true}}}',
        '{"labels": {"product": {"applies": 1.5}}}',
        '{"error": "ugly"}',
        '{"caption_source": "customer"}',
    ],
)
def test_what_the_contract_does_not_know_is_refused(json: str) -> None:
    with pytest.raises(ValidationError):
        PhotoReport.model_validate_json(json)


def test_two_reports_share_nothing() -> None:
    first, second = PhotoReport(), PhotoReport()
    first.labels["x"] = LabelSet(applies=0)
    assert second.labels == {}


def test_tags_are_what_is_stated_and_nothing_else() -> None:
    unsure = LabelSet(applies=0.9, top=(Label(name="Bottle", probability=0.4),))
    fruit = LabelSet(applies=0.9, stated="Granny Smith")
    labels = {"kind": LabelSet(applies=1, stated="photo"), "product": fruit, "article": fruit, "item": unsure}
    assert PhotoReport(labels=labels, kind="receipt").tags == ("receipt", "Granny Smith")
    assert PhotoReport.failed("truncated", "it ends early").tags == ()


def test_the_bots_half_is_light() -> None:
    program = (
        "import sys, vision.report, vision.client\n"
        "print(sorted({'torch', 'torchvision', 'transformers', 'tokenizers', 'PIL', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
