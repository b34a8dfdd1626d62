from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from vision.readers import picture_kind
from vision.readers.layout import Piece
from vision.report import Label, LabelSet, PhotoReport

RECEIPT = PhotoReport(
    caption="A receipt.",
    caption_source="product",
    labels={"kind": LabelSet(applies=1, stated="receipt", top=(Label(name="receipt", probability=0.9),))},
)


def child(flat: float) -> Any:
    return SimpleNamespace(codes=(), quality=SimpleNamespace(flat=flat, contrast=0.0))


def test_an_empty_picture_is_no_receipt_whatever_the_model_says() -> None:
    """White paper is what receipts are of: a blank picture used to be called one, with the article about invoices."""
    kind = picture_kind.kind(RECEIPT, child(flat=1.0), [])
    assert kind == "photo"
    found = picture_kind.overruled(RECEIPT, kind)
    assert (found.caption, found.caption_source, found.labels["kind"].stated) == (None, "none", None)


def test_a_receipt_that_is_too_small_to_read_is_one() -> None:
    kind = picture_kind.kind(RECEIPT, child(flat=0.5), [])
    assert kind == "receipt"
    assert picture_kind.overruled(RECEIPT, kind) == RECEIPT


def test_a_page_that_is_too_small_to_read_is_a_document_if_the_model_is_sure() -> None:
    report = PhotoReport(labels={"kind": LabelSet(applies=1, stated="document", top=())})
    assert picture_kind.kind(report, child(flat=0.5), []) == "document"


def test_a_kind_that_reports_do_not_know_is_not_said() -> None:
    """A shop's own training may name others."""
    report = PhotoReport(labels={"kind": LabelSet(applies=1, stated="poster", top=())})
    assert picture_kind.kind(report, child(flat=0.5), []) == "photo"


def test_paper_with_a_line_on_it_may_be_one() -> None:
    line = Piece(text="THANK YOU", box=(0.1, 0.1, 0.5, 0.2), confidence=0.95, height=0.1, row=0)
    assert picture_kind.kind(RECEIPT, child(flat=0.95), [line]) == "receipt"


def test_another_caption_is_kept() -> None:
    apple = RECEIPT.model_copy(update={"caption": "Apple."})
    assert picture_kind.overruled(apple, "photo").caption == "Apple."


def page(lines: int) -> list[Piece]:
    text = "A line of a page, as long as such lines are."
    return [Piece(text=text, box=(0.1, 0.1, 0.9, 0.2), confidence=0.95, height=20, row=n) for n in range(lines)]


def said(name: str | None) -> PhotoReport:
    return PhotoReport(labels={"kind": LabelSet(applies=1, stated=name, top=())})


def test_a_page_that_stands_as_straight_as_nothing_before_a_camera_is_a_screenshot() -> None:
    """18 of 24 screenshots of pages were called documents, for their many lines."""
    assert picture_kind.kind(said(None), child(flat=0.6), page(20), slant=0.0) == "screenshot"
    assert picture_kind.kind(said("receipt"), child(flat=0.9), page(20), slant=0.0) == "screenshot"
    assert (
        picture_kind.kind(said("document"), child(flat=0.7), page(5), slant=0.0) == "screenshot"
    )  # an error, its code


def test_a_page_that_a_camera_saw_is_a_document() -> None:
    assert picture_kind.kind(said("screenshot"), child(flat=0.6), page(20), slant=2.5) == "document"
    assert picture_kind.kind(said("document"), child(flat=0.7), page(20), slant=0.0) == "document"
    assert picture_kind.kind(said(None), child(flat=0.6), page(20)) == "document"  # nobody knows how it was held


def test_print_on_a_product_that_was_held_straight_is_a_photo() -> None:
    assert picture_kind.kind(said("photo"), child(flat=0.7), page(4), slant=0.0) == "photo"
