from __future__ import annotations

import pytest

from bot.handover.card import LINES, WIDTH, buttons, card
from bot.handover.hours import Hours
from bot.handover.ownership import Agent, Owner, State
from bot.photos import in_one_line, withheld
from bot.records import Case, PhotoRecord, Profile
from bot.texts import Texts
from vision.report import Box, Code, Finding, Label, LabelSet, PhotoReport

ANA = Profile(name="Ana", username="ana", language="en", first=1_700_000_000.0)
SURE = LabelSet(
    applies=0.99, stated="Apple", top=(Label(name="Apple", probability=0.93), Label(name="Pear", probability=0.04))
)
NO = LabelSet(applies=0.02, top=(Label(name="Dent", probability=0.9),))
REPORT = PhotoReport(caption="an apple", labels={"product": SURE, "damage": NO}, lines=("E-204", "2 kg"),
                     codes=(Code(symbology="ean13", payload="4006381333931"),))  # fmt: skip


def shown(owner: Owner | None = None, **more: object) -> str:
    case = Case(number="1", reason="asked", at=1_700_000_000.0, **more)  # type: ignore[arg-type]
    return card(Texts(), Hours(), ANA, case, owner or Owner(State.PENDING, since=1_700_000_000.0))


def test_a_card_says_who_why_and_what() -> None:
    text = shown(question="is it ripe?", transcript=(("customer", "hi"), ("bot", "Hello!")), passages=("Apples",))
    assert text.splitlines()[:4] == [
        "⏳ <b>Waiting since 22:13</b>",
        "<b>Ana</b> @ana · English · first wrote 14.11.2023",
        "<b>Why:</b> asked for a person",
        "<b>Asks:</b> is it ripe?",
    ]
    assert "<blockquote expandable>Customer: hi\nBot: Hello!</blockquote>" in text


def test_a_photo_is_told_with_probabilities_text_codes_and_what_the_bot_said() -> None:
    text = shown(photos=(PhotoRecord(file_id="f", message=1, report=REPORT, answer="It keeps four weeks."),))
    assert "an apple · product: Apple 93%, Pear 4%" in text
    assert "Text: E-204 / 2 kg" in text and "Code (EAN-13): 4006381333931" in text
    assert "Dent" not in text
    assert "The bot said: It keeps four weeks." in text


def test_a_photo_that_an_older_release_kept_has_its_answer() -> None:
    stored = PhotoRecord(file_id="f", message=1, report=REPORT, answer="yes").model_dump(mode="json")
    stored["told"] = stored.pop("answer")
    assert PhotoRecord.model_validate(stored).answer == "yes"


def test_what_is_not_known_is_said() -> None:
    assert in_one_line(Texts(), PhotoReport()) == "not sure what this is"
    assert "it does not open" in in_one_line(Texts(), PhotoReport.failed("unreadable", "x"))
    assert in_one_line(Texts(), PhotoReport.failed("not_an_image", "x")) == "is no picture or video"


def test_what_people_wrote_is_no_markup() -> None:
    text = shown(question="<b>1 < 2 & 3</b>", transcript=(("customer", "</blockquote><a href='x'>"),))
    assert "&lt;b&gt;1 &lt; 2 &amp; 3&lt;/b&gt;" in text and "&lt;/blockquote&gt;" in text


def test_a_card_has_the_newest_lines_and_no_endless_one() -> None:
    said = tuple(("customer", f"line {number} " + "x" * 1000) for number in range(30))
    text = shown(transcript=said)
    assert "line 29" in text and f"line {29 - LINES} " not in text
    assert max(map(len, text.splitlines())) <= WIDTH + len("<blockquote expandable>Customer: ")
    assert len(text) < 4096


@pytest.mark.parametrize(("place", "arrow"), [
    ((0, 0, 3 / 7, 3 / 7), "↖"),
    ((2 / 7, 2 / 7, 5 / 7, 5 / 7), "•"),
    ((4 / 7, 1 / 7, 1, 4 / 7), "→"),
    ((0.6, 0.6, 1, 1), "↘"),
])  # fmt: skip
def test_an_arrow_says_where_in_the_photo_it_was_seen(place: Box, arrow: str) -> None:
    seen = REPORT.model_copy(update={"labels": {"product": SURE.model_copy(update={"place": place}), "damage": NO}})
    assert f"product: Apple 93%, Pear 4% {arrow}" in in_one_line(Texts(), seen)


def test_a_shelf_full_of_codes_fits() -> None:
    """Telegram refused the card, and then everything that was to be said beside it."""
    many = tuple(Code(symbology="qrcode", payload=f"<{n}>" + "&" * 190) for n in range(20))
    records = [
        PhotoRecord(file_id=f"f{n}", message=n, report=REPORT.model_copy(update={"codes": many})) for n in range(4)
    ]
    text = shown(photos=tuple(records), transcript=(("customer", "hi"),))
    assert len(text) < 4096 and "Why:" in text and "&lt;0&gt;" in text and "Customer: hi" in text
    hidden = REPORT.model_copy(update={"codes": many, "sensitive": (Finding(type="card", box=(0, 0, 1, 1)),)})
    assert "Hidden:" in shown(photos=tuple(PhotoRecord(file_id=f"f{n}", message=n, report=hidden) for n in range(3)))
    assert all(line.count("<b>") == line.count("</b>") for line in text.splitlines())


def test_the_buttons_are_what_can_be_done_now() -> None:
    def words(owner: Owner, *photos: PhotoRecord) -> list[str]:
        case = Case(number="1", reason="asked", at=0.0, photos=photos)
        return [b["text"] for row in buttons(Texts(), 42, case, owner)["inline_keyboard"] for b in row]

    pending = words(Owner(State.PENDING), PhotoRecord(file_id="f", message=1, report=REPORT))
    assert pending == ["✋ Claim", "💡 Suggest a reply", "🤖 Back to bot", "✅ Close", "👁 Vision was wrong", "⛔ Ban"]
    assert "✋ Take over" in words(Owner(State.HUMAN, agent=Agent(5, "Kim")))
    assert words(Owner(State.BOT)) == ["✋ Claim", "⛔ Ban"]
    assert words(Owner(State.HUMAN, banned=True)) == ["Unban"]


def test_what_is_hardly_possible_is_not_on_the_card() -> None:
    """“Apple 97%, Pear 0%, Plum 0%”: a nothing that has a name made agents wonder."""
    guesses = tuple(Label(name=name, probability=p) for name, p in (("Apple", 0.97), ("Pear", 0.029), ("Plum", 0.001)))
    seen = PhotoReport(labels={"product": LabelSet(applies=0.9, stated="Apple", top=guesses)})
    assert in_one_line(Texts(), seen) == "product: Apple 97%"
    nothing = PhotoReport(labels={"object": LabelSet(applies=0.9, top=guesses[1:])})
    assert in_one_line(Texts(), nothing) == "not sure what this is"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            "not_an_image",
            "🔒 A file came that is not shown here: it is no picture or video: its first bytes say a PDF. ",
        ),
        ("empty", "🔒 A photo came that is not shown here: the file is empty. "),
        ("unavailable", "🔒 A photo came that is not shown here: it could not be checked for card numbers"),
    ],
)
def test_what_is_withheld_is_told_with_what_it_is(error: str, said: str) -> None:
    """A text file that was called photo.jpg “could not be checked for card numbers”."""
    report = PhotoReport.failed(error, "its first bytes say a PDF")  # type: ignore[arg-type]
    assert withheld(Texts(), report).startswith(said)
