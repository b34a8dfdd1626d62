from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from vision.readers import kinds
from vision.readers.rows import Piece
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
    kind = kinds.kind(RECEIPT, child(flat=1.0), [])
    assert kind == "photo"
    found = kinds.overruled(RECEIPT, kind)
    assert (found.caption, found.caption_source, found.labels["kind"].stated) == (None, "none", None)


def test_a_receipt_that_is_too_small_to_read_is_one() -> None:
    kind = kinds.kind(RECEIPT, child(flat=0.5), [])
    assert kind == "receipt"
    assert kinds.overruled(RECEIPT, kind) == RECEIPT


def test_a_page_that_is_too_small_to_read_is_a_document_if_the_model_is_sure() -> None:
    report = PhotoReport(labels={"kind": LabelSet(applies=1, stated="document", top=())})
    assert kinds.kind(report, child(flat=0.5), []) == "document"


def test_a_kind_that_reports_do_not_know_is_not_said() -> None:
    """A shop's own training may name others."""
    report = PhotoReport(labels={"kind": LabelSet(applies=1, stated="poster", top=())})
    assert kinds.kind(report, child(flat=0.5), []) == "photo"


def test_paper_with_a_line_on_it_may_be_one() -> None:
    line = Piece(text="THANK YOU", box=(0.1, 0.1, 0.5, 0.2), confidence=0.95, height=0.1, row=0)
    assert kinds.kind(RECEIPT, child(flat=0.95), [line]) == "receipt"


def test_another_caption_is_kept() -> None:
    apple = RECEIPT.model_copy(update={"caption": "Apple."})
    assert kinds.overruled(apple, "photo").caption == "Apple."
