from __future__ import annotations

from bot.handover.corrections import offered
from bot.records import Case, PhotoRecord
from vision.report import Finding, Label, LabelSet, PhotoReport

LIKELY = LabelSet(
    applies=0.9, stated="Lime", top=(Label(name="Lime", probability=0.8), Label(name="Pear", probability=0.1))
)
BROAD = LabelSet(applies=1.0, top=(Label(name="Lime", probability=0.6), Label(name="Fruit", probability=0.3)))
KIND = LabelSet(applies=1.0, stated="photo", top=(Label(name="photo", probability=0.99),))
REPORT = PhotoReport(labels={"product": LIKELY, "category": BROAD, "kind": KIND})
CARD = Finding(type="card", box=(0.0, 0.0, 1.0, 1.0))


def case(*photos: PhotoRecord) -> Case:
    return Case(number="1", reason="asked", at=0.0, photos=photos)


def test_labels_are_offered_likeliest_first_and_once() -> None:
    ((number, _, labels),) = offered(case(PhotoRecord(file_id="f", message=1, report=REPORT)))
    assert number == 1
    assert labels == [("product", "Lime"), ("category", "Fruit"), ("product", "Pear")]


def test_what_must_not_be_kept_is_never_offered() -> None:
    sensitive = REPORT.model_copy(update={"sensitive": (CARD,)})
    unread = PhotoReport.failed("unreadable", "x")
    late, unsure = (REPORT.model_copy(update=more) for more in ({"text": "late"}, {"codes_read": False}))
    photos = [PhotoRecord(file_id="f", message=1, report=report) for report in (sensitive, unread, late, unsure)]
    assert offered(case(*photos, PhotoRecord(file_id="f", message=1, report=REPORT, as_file=True))) == []
