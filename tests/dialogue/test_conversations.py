"""Whole conversations, as a customer reads them."""

from __future__ import annotations

from typing import Any

from inline_snapshot import snapshot

from dialogue.turn import Fact

APPLE = (
    Fact("product", "Granny Smith", 0.71, "photo 1"),
    Fact("product", "Golden Delicious", 0.2, "photo 1"),
    Fact("category", "Apple", 0.95, "photo 1"),
)
UNSURE = (Fact("product", "Granny Smith", 0.45, "photo 1"), Fact("product", "Golden Delicious", 0.4, "photo 1"))


async def test_a_photo_and_a_follow_up(conversation: Any) -> None:
    await conversation.say("how long does this keep?", *APPLE)
    await conversation.say("and can I freeze it?")
    await conversation.say("thanks!")
    assert str(conversation) == snapshot("""\
customer: how long does this keep? [product Granny Smith 0.71] [product Golden Delicious 0.2] [category
    Apple 0.95]
answer: That looks like Granny Smith. Granny Smith keeps for about four weeks in the fridge and one week at
    room temperature. Do not freeze it raw. [1]
[1] Granny Smith
customer: and can I freeze it?
answer: Granny Smith keeps for about four weeks in the fridge and one week at room temperature. Do not
    freeze it raw. [1]
[1] Granny Smith
customer: thanks!
answer: You're welcome! Is there anything else?\
""")


async def test_which_of_two(conversation: Any) -> None:
    await conversation.say("how long does this keep?", *UNSURE)
    await conversation.say("the golden one")
    await conversation.say("is it sweet?")
    assert str(conversation) == snapshot("""\
customer: how long does this keep? [product Granny Smith 0.45] [product Golden Delicious 0.4]
clarify, low_confidence: I'm not sure from the photo. Is it Granny Smith or Golden Delicious?
customer: the golden one
answer: A sweet yellow apple that keeps for two weeks in the fridge. [1]
[1] Golden Delicious
customer: is it sweet?
answer: A sweet yellow apple that keeps for two weeks in the fridge. [1]
[1] Golden Delicious\
""")


async def test_no_photo_then_a_name(conversation: Any) -> None:
    await conversation.say("how long does this keep?")
    await conversation.say("granny smith")
    assert str(conversation) == snapshot("""\
customer: how long does this keep?
clarify, low_confidence: I'm not sure which product you mean. Could you tell me its name, or send me a photo
    of it?
customer: granny smith
answer: Granny Smith keeps for about four weeks in the fridge and one week at room temperature. Do not
    freeze it raw. [1]
[1] Granny Smith\
""")


async def test_something_the_shop_does_not_know(conversation: Any) -> None:
    await conversation.say("what is this?", Fact("caption", "a dog running on grass.", 0.8, "photo 1"))
    await conversation.say("no, look again", Fact("product", "Kiwi", 0.9, "photo 1"))
    await conversation.say("yes please")
    assert str(conversation) == snapshot("""\
customer: what is this? [caption a dog running on grass. 0.8]
clarify, low_confidence: I see this in your photo: a dog running on grass. I don't find anything about it in
    our articles, though. What would you like to know?
customer: no, look again [product Kiwi 0.9]
refuse, low_confidence, button: That is Kiwi. I don't find anything about it in our articles, though. Shall
    I get a person from our team for you?
customer: yes please
hand_over, accepted_offer: Of course. I'm passing you on to a person from our team.\
""")


async def test_twice_no_help_brings_a_person(conversation: Any) -> None:
    await conversation.say("where is my refund?")
    await conversation.say("that didn't help")
    await conversation.say("no, that's not it")
    assert str(conversation) == snapshot("""\
customer: where is my refund?
answer: The status of a refund is shown under 'Returns'. [1]
[1] Track a refund
customer: that didn't help
clarify, low_confidence, button: Sorry, that wasn't what you were looking for. Could you put it in other
    words? Or I can get a person from our team for you.
customer: no, that's not it
hand_over, repeated_failure: Of course. I'm passing you on to a person from our team.\
""")


async def test_off_topic_and_a_no(conversation: Any) -> None:
    await conversation.say("hello")
    await conversation.say("who won the world cup?")
    await conversation.say("no thanks")
    await conversation.say("I want to get a refund for this", *APPLE)
    assert str(conversation) == snapshot("""\
customer: hello
answer: Hello! Ask me anything about our shop, or send me a photo of what it is about.
customer: who won the world cup?
refuse, other, button: That's outside what I can help with here; I only know about our shop. Is there
    anything about the shop I can do for you? A person from our team can help, too.
customer: no thanks
answer: All right. Just ask whenever there is something else.
customer: I want to get a refund for this [product Granny Smith 0.71] [product Golden Delicious 0.2]
    [category Apple 0.95]
answer: To get your money back, open 'Returns' in your account within 30 days. [1]
[1] Get a refund\
""")
