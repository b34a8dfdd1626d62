from __future__ import annotations

from bot.photos import facts_of, value_of
from dialogue.turn import Fact
from vision.report import Film, Label, LabelSet, Moment, PhotoReport, Reference


def report(**sets: LabelSet) -> PhotoReport:
    return PhotoReport(labels=sets)


def test_every_guess_worth_weighing_with_its_probability() -> None:
    labels = (Label(name="Granny Smith", probability=0.8), Label(name="Banana", probability=0.01))
    seen = report(product=LabelSet(applies=0.9, stated="Granny Smith", top=labels))
    assert facts_of(seen, "photo 1") == (Fact("product", "Granny Smith", 0.72, "photo 1"),)


def test_a_set_that_does_not_apply_says_nothing() -> None:
    seen = report(product=LabelSet(applies=0.2, top=(Label(name="Banana", probability=1.0),)))
    assert facts_of(seen, "photo 1") == (Fact("photo", "unsure", 1.0, "photo 1"),)


def test_a_report_that_states_nothing_is_unsure_and_keeps_its_guesses() -> None:
    seen = report(product=LabelSet(applies=1.0, top=(Label(name="Banana", probability=0.4),)))
    assert facts_of(seen, "photo 2") == (
        Fact("product", "Banana", 0.4, "photo 2"),
        Fact("photo", "unsure", 1.0, "photo 2"),
    )


def test_that_a_photo_is_a_photo_is_no_fact() -> None:
    kinds = (Label(name="photo", probability=1.0),)
    assert facts_of(report(kind=LabelSet(applies=1.0, stated="photo", top=kinds)), "p") == (
        Fact("photo", "unsure", 1.0, "p"),
    )
    # The model's own guess at the kind is not: what readers and model agree on is.
    kinds = (Label(name="receipt", probability=1.0),)
    guessed = report(kind=LabelSet(applies=1.0, stated="receipt", top=kinds))
    assert not any(fact.slot == "kind" for fact in facts_of(guessed, "p"))
    assert Fact("kind", "receipt", 0.83, "p") in facts_of(guessed.model_copy(update={"kind": "receipt"}), "p")


def test_a_scenes_sentence_is_a_guess_and_a_products_is_not_repeated() -> None:
    scene = PhotoReport(caption="Two dogs run on grass.", caption_source="scene")
    assert Fact("caption", "Two dogs run on grass.", 0.5, "p") in facts_of(scene, "p")
    product = PhotoReport(caption="An apple.", caption_source="product")
    assert [fact.slot for fact in facts_of(product, "p")] == ["photo"]


def test_a_photo_that_could_not_be_read() -> None:
    assert facts_of(PhotoReport.failed("truncated", "ends early"), "p") == (Fact("photo", "unreadable", 1.0, "p"),)


def test_a_time_line_of_nothing_is_none() -> None:
    blank, print_ = Moment(at=0.0), Moment(at=3.0, lines=("E-204",))
    film = PhotoReport(film=Film(looked=6, whole=True, timeline=(blank, Moment(at=3.0))))
    assert not any(fact.slot == "timeline" for fact in facts_of(film, "video 1"))
    film = PhotoReport(film=Film(looked=6, whole=True, timeline=(blank, print_)))
    assert Fact("timeline", "0:00 – · 0:03 “E-204”", 1.0, "video 1") in facts_of(film, "video 1")


def test_a_short_upc_is_said_in_full() -> None:
    """An article that names "UPC 042100005264" was not found by the code on the tin."""
    short = Reference(type="gtin", value="04252614", normal="00042100005264")
    plain = Reference(type="gtin", value="9506000134352", normal="09506000134352")
    assert value_of(short) == "042100005264"
    assert value_of(plain) == "9506000134352"
