"""Moods of a conversation: trend, photos, rows; and what never counts."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from bot.handover.card import card
from bot.handover.hours import Hours
from bot.handover.ownership import Owner
from bot.message import Incoming
from bot.moods import MoodKeeper, mood_of, trend
from bot.policy import Policy, PolicyError, Rule
from bot.records import Case, Moods, Profile
from bot.texts import Texts
from dialogue.mood import Felt
from vision.report import Label, LabelSet, PhotoReport


class Words:
    def read(self, text: str, language: str) -> Felt:
        said = {"bad": Felt("negative", -0.9), "good": Felt("positive", 0.9), "so": Felt("neutral", 0.05)}
        return next((felt for word, felt in said.items() if word in text), Felt())


def keeper(before: Moods | None = None) -> MoodKeeper:
    async def get(*_: object) -> Moods | None:
        return before

    records: Any = SimpleNamespace(get=get)
    words: Any = Words()
    return MoodKeeper(records, words)


def broken(label: str = "severe") -> PhotoReport:
    top = (Label(name=label, probability=0.9),)
    return PhotoReport(labels={"damage": LabelSet(applies=0.9, stated=label, top=top)})


async def talked(*texts: str) -> Moods:
    moods = Moods()
    for text in texts:
        moods = await keeper(moods).after(Incoming(1, "Ana", text), ())
    return moods


async def test_a_trend_and_a_row() -> None:
    assert trend(await talked("good", "good", "bad", "bad")) == "worse"
    assert trend(await talked("bad", "good")) == "better"
    assert trend(await talked("bad")) == ""
    assert (await talked("bad", "bad")).in_a_row == 2
    assert (await talked("bad", "what?", "bad")).in_a_row == 2  # not sure breaks no row
    assert (await talked("bad", "bad", "good")).in_a_row == 0
    assert len((await talked(*["bad"] * 9)).scores) == 6


async def test_a_photo_of_damage_counts_unless_the_words_are_glad() -> None:
    assert (await keeper().after(Incoming(1, "Ana"), [broken()])).last == "negative"
    assert (await keeper().after(Incoming(1, "Ana", "good, all is well"), [broken()])).last == "positive"
    assert (await keeper().after(Incoming(1, "Ana"), [broken("none")])).at == 0
    assert (await keeper().after(Incoming(1, "Ana"), [PhotoReport()])).at == 0


async def test_a_button_is_no_mood_and_yesterday_is_over() -> None:
    assert (await keeper().after(Incoming(1, "Ana", "bad", pressed="choose:why:bad"), ())).at == 0
    old = Moods(last="negative", scores=(-0.9, -0.9), in_a_row=2, at=time.time() - 90_000)
    assert (await keeper(old).after(Incoming(1, "Ana", "bad"), ())).in_a_row == 1


async def test_not_sure_now_remembers_what_was() -> None:
    assert mood_of(await talked("bad", "bad", "hm")) == "negative"
    assert mood_of(await talked("so", "hm")) is None
    assert mood_of(Moods()) is None


def test_the_card_says_it_and_nothing_where_it_is_calm() -> None:
    def shown(mood: str) -> str:
        case = Case(number="1", reason="asked", at=1.0, mood=mood, trend="worse")
        return card(Texts(), Hours(), Profile(name="Ana", first=1.0), case, Owner())

    assert "Sounds upset</b>, more than before" in shown("negative")
    assert "Sounds" not in shown("neutral") and "Sounds" not in shown("")


def test_a_shop_may_hand_over_by_mood(tmp_path: Any) -> None:
    assert Policy([Rule(reason="policy", upset=2)]).by_mood(2) == "policy"
    assert Policy([Rule(reason="policy", upset=2)]).by_mood(1) is None and Policy().by_mood(9) is None
    file = tmp_path / "policy.yml"
    file.write_text("- reason: policy\n  upset: 3\n")
    assert Policy.read(file).by_mood(3) == "policy"
    for wrong in ("often", "-1", "true"):
        file.write_text(f"- reason: policy\n  upset: {wrong}\n")
        with pytest.raises(PolicyError, match="upset"):
            Policy.read(file)
