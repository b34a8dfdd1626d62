from __future__ import annotations

from dialogue.evidence import look
from dialogue.search import Knowledge
from dialogue.turn import Fact


def fact(slot: str, value: str, probability: float, source: str = "photo 1") -> Fact:
    return Fact(slot, value, probability, source)


def test_guesses_are_sorted_and_matched_with_articles(knowledge: Knowledge) -> None:
    seen = look((fact("product", "banana", 0.2), fact("product", "Granny Smiths", 0.7)), knowledge)
    assert [(g.name, g.article and g.article.id) for g in seen.specific] == [
        ("Granny Smiths", "granny-smith"),
        ("banana", "banana"),
    ]


def test_what_is_not_sure_is_not_said(knowledge: Knowledge) -> None:
    assert look((fact("product", "Banana", 0.4),), knowledge).sure(0.55) == ()


def test_an_unsure_product_gives_way_to_its_category_s_article(knowledge: Knowledge) -> None:
    facts = (
        fact("product", "Red Bell Pepper", 0.5),
        fact("product", "Orange Bell Pepper", 0.4),
        fact("category", "bell pepper", 0.9),
    )
    (guess,) = look(facts, knowledge).sure(0.55)
    assert guess.article is not None
    assert (guess.name, guess.article.id) == ("bell pepper", "pepper")


def test_a_sure_product_without_an_article_gives_way_too(knowledge: Knowledge) -> None:
    facts = (fact("product", "Red Bell Pepper", 0.9), fact("category", "bell pepper", 0.9))
    assert [guess.name for guess in look(facts, knowledge).sure(0.55)] == ["bell pepper"]


def test_without_any_article_the_product_is_still_named(knowledge: Knowledge) -> None:
    facts = (fact("product", "Kiwi", 0.9), fact("category", "Fruit", 0.95))
    assert [guess.name for guess in look(facts, knowledge).sure(0.55)][:1] == ["Kiwi"]


def test_each_photo_has_its_own_guess(knowledge: Knowledge) -> None:
    facts = (fact("product", "Banana", 0.9), fact("product", "Granny Smith", 0.8, "photo 2"))
    assert [guess.name for guess in look(facts, knowledge).sure(0.55)] == ["Banana", "Granny Smith"]


def test_what_is_asked_about_is_one_photo(knowledge: Knowledge) -> None:
    facts = (fact("product", "Banana", 0.55), fact("product", "Granny Smith", 0.5, "photo 2"))
    assert [guess.name for guess in look(facts, knowledge).choices()] == ["Banana"]
    assert look((), knowledge).choices() == ()


def test_caption_colour_and_trouble(knowledge: Knowledge) -> None:
    seen = look(
        (fact("caption", "a dog", 0.8), fact("colour", "Red", 0.3), fact("photo", "unreadable", 1.0)), knowledge
    )
    assert (seen.caption, seen.colour, seen.unreadable) == ("a dog", "", True)
    assert not look((), knowledge)
