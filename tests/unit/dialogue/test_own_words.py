"""Customers in their own words, over the demo shop's articles: each of these was refused, misread or asked back.

The inputs are development cases (shared/cases); they are no measure. What is measured: docs/figures.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialogue.articles import Article, Passage
from dialogue.chain import Dialogue
from dialogue.encode import Encoders
from dialogue.find import Finder
from dialogue.history import InMemory
from dialogue.language import language_of
from dialogue.search import Knowledge
from dialogue.sounds import by_sound, heard
from dialogue.turn import Reply, Turn
from storage.commit import Commit


async def last(demo: Finder, *said: str, language: str = "") -> Reply:
    """The reply to the last of some messages."""
    dialogue = Dialogue(demo, InMemory())
    for text in said:
        turn = Turn(1, text, language=language)
        reply = await dialogue.reply(turn)
        dialogue.remember(Commit(), turn, reply)
    return reply


@pytest.mark.parametrize(
    ("said", "article"),
    [
        (["wheres my order"], "where-is-my-order"),
        (["can u tell me when u deliver"], "delivery-times"),
        (["Are you guys open on the 24th?"], "opening-hours"),
        (["My order number is 4471-22, where is it?"], "where-is-my-order"),
        (["bought mangos yesterday they're rock hard"], "mango"),
        (["How do I get a re\u200bfund?"], "returns-and-refunds"),
        (["𝐖𝐡𝐞𝐫𝐞 𝐢𝐬 𝐦𝐲 𝐨𝐫𝐝𝐞𝐫"], "where-is-my-order"),
        (["Where is my order?", "can you cancel it?"], "cancel-or-change-an-order"),
        (["Do you sell kiwis?", "how do I know they're ripe?"], "kiwi"),
        (["is your oat milk ok for someone with coeliac disease?", "and the soy one?"], "soy-milk"),
        (["do you do gift cards", "ok and can i use two codes on one order"], "vouchers"),
        (["¿cuánto cuesta el envío a domicilio?"], "delivery-costs"),
        (["wie lange dauert die Lieferung?"], "delivery-times"),
    ],
)
async def test_is_answered_from_the_right_article(demo: Finder, said: list[str], article: str) -> None:
    reply = await last(demo, *said)
    assert (reply.action, [c.article for c in reply.citations]) == ("answer", [article])


@pytest.mark.parametrize(
    ("said", "articles"),
    [
        ("Are you open on Sundays and do you take PayPal?", ["opening-hours", "payment-methods"]),
        ("How long do bananas keep and can I freeze milk?", ["banana", "milk"]),
    ],
)
async def test_two_questions_have_two_answers(demo: Finder, said: str, articles: list[str]) -> None:
    assert [c.article for c in (await last(demo, said)).citations] == articles


@pytest.mark.parametrize(
    "text",
    [
        "put me through to support",
        "customer service pls",
        "can someone from the shop ring me",
        "I want to complain to somebody",
        "I don't want a machine, get me the guy from the workshop",
        "ich möchte mit einem Menschen sprechen",
        "麻烦帮我转接你们的工作人员",
        "मुझे किसी कर्मचारी से बात करनी है",
        "quiero hablar con alguien del equipo",
        "ich möchte mit einem Menschen sprechen\nMein Paket 4471-22 ist immer noch nicht da",
        "Mein Paket ist noch nicht da, ich möchte mit einem Menschen sprechen",
        "包裹还没有到，请转人工客服",
    ],
)
async def test_a_wish_for_a_person_is_understood(demo: Finder, text: str) -> None:
    reply = await last(demo, text)
    assert (reply.action, reply.reason) == ("hand_over", "asked")


@pytest.mark.parametrize(
    "text",
    [
        "I do NOT want to talk to a person, just tell me when you deliver",
        "Please don't transfer me to an agent. How do I return a pan?",
        "ich möchte nicht mit einem Menschen sprechen",
        "我不想找人工客服",
        "no quiero hablar con nadie",
    ],
)
async def test_nobody_is_handed_over_who_does_not_want_to(demo: Finder, text: str) -> None:
    assert (await last(demo, text)).action != "hand_over"


async def test_what_else_the_same_message_asks_is_found(demo: Finder) -> None:
    reply = await last(demo, "Please don't transfer me to an agent. How do I return a pan?")
    named = [citation.article for citation in reply.citations] + [offer.article for offer in reply.offers]
    assert named[0] == "returns-and-refunds"


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("thank you kindly", "You're welcome"),
        ("cheers mate", "You're welcome"),
        ("no that's everything, bye", "Goodbye"),
        ("thanks for nothing", "Sorry, that wasn't"),
        ("vielen Dank!", "Gern geschehen"),
        ("谢谢", "不客气"),
    ],
)
async def test_what_is_said_after_an_answer(demo: Finder, text: str, beginning: str) -> None:
    first = "Wie lange dauert die Lieferung?" if text.startswith("vielen") else "How do I get a refund?"
    first = "送货需要多长时间？" if text == "谢谢" else first
    assert (await last(demo, first, text)).text.startswith(beginning)


async def test_a_reply_to_an_older_answer_is_about_that(demo: Finder) -> None:
    dialogue = Dialogue(demo, InMemory())
    older = await dialogue.reply(Turn(1, "how long do bananas keep?"))
    turn = Turn(1, "when do you deliver?")
    dialogue.remember(Commit(), turn, await dialogue.reply(turn))
    reply = await dialogue.reply(Turn(1, "can I put them in the fridge?", replied=older.text))
    assert [c.article for c in reply.citations] == ["banana"]


async def test_a_title_that_was_offered_can_be_chosen(shy: Finder) -> None:
    asked = await last(shy, "how long does delivery take")
    assert asked.action == "clarify" and len(asked.offers) == 3
    for answer in ("the first one", "1", asked.offers[0].title):
        reply = await last(shy, "how long does delivery take", answer)
        assert (reply.action, reply.citations[0].article) == ("answer", asked.offers[0].article), answer
    second = await last(shy, "how long does delivery take", "the second one")
    assert second.citations[0].article == asked.offers[1].article


async def test_a_title_that_is_tapped_does_not_change_the_language(shy: Finder) -> None:
    asked = await last(shy, "Wie lange halten sich Bananen bei Zimmertemperatur?")
    english = next(offer.title for offer in asked.offers if offer.title.isascii())
    reply = await last(shy, "Wie lange halten sich Bananen bei Zimmertemperatur?", english)
    assert (reply.action, reply.language) == ("answer", "de")


async def test_an_unsure_answer_names_what_else_may_be_meant(demo: Finder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialogue.decide.DOUBT", 1.1)  # never quite sure
    asked = "how long does delivery take"
    reply = await last(demo, asked)
    assert reply.action == "answer" and len(reply.offers) == 2
    assert "something else" in reply.text
    assert reply.citations[0].article not in {offer.article for offer in reply.offers}
    other = await last(demo, asked, reply.offers[1].title)
    assert [c.article for c in other.citations] == [reply.offers[1].article]
    assert (await last(demo, asked, "thank you")).text.startswith("You're welcome")
    assert (await last(demo, asked, "no, that's not it")).action == "clarify"


@pytest.mark.parametrize(
    "text", ["la cafetera pone E-204, ¿y ahora qué hago?", "die Kaffeemaschine zeigt E 204, was jetzt?"]
)
async def test_a_code_is_found_in_any_language(demo: Finder, text: str) -> None:
    reply = await last(demo, text)
    assert [c.article for c in reply.citations] == ["error-codes"]


@pytest.fixture
def shy(demo: Finder) -> Any:
    """The same, never sure enough to answer at once."""
    from dataclasses import replace

    usual = demo.calibration
    demo.calibration = replace(usual, answer=dict.fromkeys(usual.answer, 1.1))
    demo.find.cache_clear()
    yield demo
    demo.calibration = usual
    demo.find.cache_clear()


async def test_words_alone_still_find_and_say_which_language_they_know(demo: Finder) -> None:
    words = Finder(demo.knowledge, [a for v in demo.knowledge.versions.values() for a in v.values()])
    assert (await last(words, "How do I get a refund?")).citations[0].article == "returns-and-refunds"
    foreign = await last(words, "Gdzie jest moje zamówienie? Czekam już od tygodnia")
    assert (foreign.action, foreign.offers_person) == ("refuse", True)


@pytest.mark.parametrize(
    ("text", "language"), [("مرحبا", "ar"), ("Привет", "ru"), ("你好", "zh"), ("नमस्ते", "hi"), ("hello", "")]
)
def test_a_greeting_tells_its_language_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "telegram", "language"),
    [
        ("Guten Tag!", "", "de"),  # it was answered in English
        ("Guten Tag!", "en", "de"),
        ("Bonjour", "en", "fr"),
        ("Hola", "en", "es"),
        ("Olá", "", "pt"),
        ("hello", "", "en"),
        ("voucher", "", "en"),
        ("refund?", "de", "de"),
    ],
)
async def test_a_greeting_is_answered_in_its_language(demo: Finder, text: str, telegram: str, language: str) -> None:
    assert (await last(demo, text, language=telegram)).language == language


@pytest.mark.parametrize(
    ("text", "article"),
    [("लॉगिन नहीं हो रहा, पासवर्ड भूल गई", "account-and-password"), ("मेरा एवोकाडो पत्थर जैसा सख्त है", "avocado")],
)
async def test_english_words_in_hindi_letters_are_heard(demo: Finder, text: str, article: str) -> None:
    """The encoder knows no Hindi: titles are offered, and nothing is said to be the answer."""
    reply = await last(demo, text)
    assert (reply.action, reply.language) == ("clarify", "hi")
    assert article in [offer.article for offer in reply.offers]


@pytest.mark.parametrize(
    ("hindi", "english"), [("ऑर्डर", "order"), ("नंबर", "number"), ("वाउचर", "voucher"), ("एक्सप्रेस", "express")]
)
def test_a_word_sounds_alike_in_both_letters(hindi: str, english: str) -> None:
    assert heard(f"मेरा {hindi}", by_sound(["banana", english])).split() == [english]


def test_too_short_a_word_sounds_like_nothing() -> None:
    assert not heard("कोड", by_sound(["code", "cod"])).strip()


async def test_a_name_does_not_change_the_language_of_a_conversation(demo: Finder) -> None:
    assert (await last(demo, "How do I get a refund?", "Müller")).language == "en"


@pytest.mark.parametrize(("picture", "shown"), [("https://shop.example/a.jpg", True), ("a.jpg", False), ("", False)])
async def test_the_picture_of_the_quoted_article_comes_along(picture: str, shown: bool) -> None:
    plum = Article("plum", "Plums", (Passage("plum", "Plums", "", "Plums keep for a week."),), picture=picture)
    pear = Article("pear", "Pears", (Passage("pear", "Pears", "", "Pears are sweet."),))
    reply = await last(Finder(Knowledge([plum, pear]), [plum, pear]), "how long do plums keep?")
    assert reply.citations[0].article == "plum"
    assert reply.picture == (picture if shown else "")


def test_a_number_printed_behind_its_name_is_that_number() -> None:
    drops = Article("drops", "Eye drops", (Passage("drops", "Eye drops", "", "EAN 9506000134352. UPC: 042100005264."),))
    knowledge = Knowledge([drops])
    assert knowledge.mentioning("9506000134352") and knowledge.mentioning("0042100005264")
    assert not knowledge.mentioning("9506000134353")


def test_a_number_printed_in_groups_is_one_number() -> None:
    """As it stands under the bars; a telephone number in groups is none."""
    tea = Article(
        "tea", "Tea", (Passage("tea", "Tea", "", "EAN 4 006381 333931, UPC 0 42100 00526 4, call 030 1234 5678"),)
    )
    knowledge = Knowledge([tea])
    assert knowledge.mentioning("4006381333931") and knowledge.mentioning("042100005264")
    assert not knowledge.mentioning("03012345678")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("hi, one of the yoghurts in my box was open when it arrived and it leaked all over the salad", "yoghurt"),
        ("the apples were squashed when they came", "apple"),
        ("my milk leaked all over the bag", "milk"),
    ],
)
async def test_what_happened_is_offered_beside_the_thing_that_is_named(demo: Finder, text: str, about: str) -> None:
    """A product's name weighs more than what happened to it: its article alone was quoted."""
    reply = await last(demo, text)
    assert reply.citations[0].article == about
    assert reply.offers[0].article == "missing-or-damaged-items"


async def test_a_question_about_the_thing_alone_has_no_such_offer(demo: Finder) -> None:
    assert (await last(demo, "how do I ripen an avocado")).offers == ()


async def test_yes_to_several_titles_is_asked_again_and_then_is_a_person(shy: Finder) -> None:
    """It was looked up as a question, and gave three titles of nothing."""
    asked = await last(shy, "how long does delivery take")
    again = await last(shy, "how long does delivery take", "yes")
    assert (again.action, again.offers, again.offers_person) == ("clarify", asked.offers, True)
    assert again.text.startswith("Which of these is it?")
    chosen = await last(shy, "how long does delivery take", "y", "2")
    assert chosen.citations[0].article == asked.offers[1].article
    person = await last(shy, "how long does delivery take", "yes", "y")
    assert (person.action, person.reason) == ("hand_over", "accepted_offer")


async def test_an_it_that_nothing_was_said_of_is_asked_about(demo: Finder) -> None:
    """Refused as none of our business, or asked for the name of a product that was named."""
    assert (await last(demo, "how does it work?")).text.startswith("I'm not sure which product you mean.")
    assert "Is it about one of these?" in (await last(demo, "my chain snapped after you replaced it")).text


async def test_a_quote_begins_where_its_paragraph_does(demo: Finder) -> None:
    """ "Ab einem Bestellwert von 50 € ist sie kostenlos", and nothing said what."""
    reply = await last(demo, "Was kostet der Versand und ab wann ist er gratis?")
    assert reply.text.startswith("Die Lieferung kostet 3,90 €. Ab einem Bestellwert von 50 € ist sie kostenlos.")


async def test_a_long_chinese_passage_is_quoted_in_part_and_without_blanks(tmp_path: Path, meaning: Encoders) -> None:
    others = (
        "生鲜和冷冻食品用保温箱运送，所以家里最好有人。如果家里没人，我们会打电话，等十分钟，然后把箱子带回店里。" * 5
    )
    text = f"# 配送时间\n\n我们在两个工作日内送达。中午之前下的订单可以在下一个工作日送达。{others}\n"
    (tmp_path / "delivery.md").write_text(text, encoding="utf-8")
    (tmp_path / "returns.md").write_text("# 退货\n\n您可以在 30 天内退回商品。\n", encoding="utf-8")
    reply = await last(Finder.read(tmp_path, meaning), "送货要几个工作日？")
    assert reply.citations[0].article == "delivery"
    assert "工作日内送达。中午之前" in reply.text and len(reply.text) < 150
