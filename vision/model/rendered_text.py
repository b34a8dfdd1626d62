"""Sentences made from labels, and customers' texts for training. Rendered, not written by people: the card says so.

Skeletons leave slots out at random, so that the decoder learns to say less as well as more.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

# The most exact slot first: of a photo's labels the first one here decides what is said.
SKELETONS: dict[str, tuple[str, ...]] = {
    "product": (
        "{product} .",
        "a photo of {product} .",
        "this is {product} , a kind of {category} .",
        "{product} in a shop .",
        "{category} , more exactly {product} .",
        "some {category} .",
    ),
    "item": ("a photo of a {item} .", "a {item} .", "a piece of clothing : {item} ."),
    "article": (
        "{colour} {article} .",
        "a product photo of {article} .",
        "{article} in {colour} on a white background .",
        "{article} , a kind of {category} .",
    ),
    "category": ("a photo of {category} .", "{category} .", "some {category} in a shop ."),
    "damage": ("a car with {damage} damage .", "a damaged car , {damage} .", "{damage} damage on a vehicle ."),
    "object": ("a photo of {object} .", "{object} ."),
    "kind": ("a {kind} .", "a picture of a {kind} ."),
}
CONTENTLESS = (
    "what is this?", "what's this", "hi", "hello, can you help me?", "please look at this", "see photo",
    "do you know this one?", "can you tell me what this is?", "what do you see?", "i have a question about this",
    "how long does this keep?", "where can i buy this?", "is this ok?", "do you have this?", "how much is it?",
)  # fmt: skip
COARSE = (
    "a question about my {0}", "it's about {0}", "what is this {0}?", "this {0} please", "my {0}", "{0}",
    "i bought {0} yesterday", "are these {0} still good?", "can i return the {0}?", "do you have {0} like this?",
    "how do i keep {0}?", "the {0} i ordered", "is this {0} all right?",
)  # fmt: skip


def sentence(labels: Mapping[str, str], chance: random.Random) -> str | None:
    """One rendered sentence for a photo with these labels; None when no skeleton fits."""
    for slot, skeletons in SKELETONS.items():
        if slot in labels:
            fitting = [s for s in skeletons if _fits(s, labels)]
            return chance.choice(fitting).format(**labels).lower()
    return None


def _fits(skeleton: str, labels: Mapping[str, str]) -> bool:
    try:
        skeleton.format(**labels)
    except KeyError:
        return False
    return True


# What a customer may truly say without naming the thing: the slot that is coarser than the answer.
COARSER = {"product": "category", "article": "category"}
SPOKEN = ("product", "category", "article")  # sets of which such words say something
COARSE_WORDS = {"item": "clothes", "damage": "car", "category": "food", "object": "thing"}


def customer_text(labels: Mapping[str, str], others: list[str], chance: random.Random) -> str:
    """Training text (the sampling of the design): empty 50 %, contentless 20 %, true but coarse 20 %, wrong 10 %.

    A model that is told the answer learns to believe the customer over its eyes, so the label is not said, but where it
    is its own category ("Banana").
    ``others``: coarse words of other photos, for the wrong ones.
    """
    draw = chance.random()
    if draw < 0.5:
        return ""
    coarse = coarse_word(labels)
    if draw < 0.7 or coarse is None:
        return chance.choice(CONTENTLESS)
    if draw < 0.9:
        return chance.choice(COARSE).format(coarse)
    return chance.choice(COARSE).format(chance.choice(others) if others else "thing")


def coarse_word(labels: Mapping[str, str]) -> str | None:
    for slot, coarser in COARSER.items():
        if slot in labels and coarser in labels:
            return labels[coarser].lower()
    return next((word for slot, word in COARSE_WORDS.items() if slot in labels), None)


# Things that no set of ours names, as customers name them: words about them must change nothing.
ELSEWHERE = (
    "lamp", "chair", "sofa", "phone", "laptop", "charger", "cable", "book", "bicycle", "helmet", "clock", "mug",
    "kettle", "pillow", "blanket", "toy", "guitar", "camera", "printer", "battery", "tyre", "key", "door", "window",
    "order", "parcel", "delivery", "refund", "invoice", "account", "password", "subscription", "ticket", "flight",
    "card", "payment", "address", "voucher", "box", "letter", "photo", "picture", "time", "day", "people", "house",
    "school", "water", "music", "game", "dog", "cat", "car", "name", "number", "problem", "help", "price", "shop",
)  # fmt: skip


def spoken_text(labels: Mapping[str, str], others: list[str], chance: random.Random) -> str:
    """As ``customer_text``, but never silent: contentless 25 %, of things elsewhere 20 %, true but coarse 40 %, wrong
    15 %.
    """
    draw = chance.random()
    coarse = coarse_word(labels)
    if draw < 0.25 or coarse is None:
        return chance.choice(CONTENTLESS)
    if draw < 0.45:
        return chance.choice(COARSE).format(chance.choice(ELSEWHERE))
    word = coarse if draw < 0.85 else chance.choice(others)
    return chance.choice(COARSE).format(word)
