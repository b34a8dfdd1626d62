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
clarify, low_confidence: I see this in your photo: a dog running on grass. I don't find anything about it on
    our help pages, though. What would you like to know?
customer: no, look again [product Kiwi 0.9]
refuse, low_confidence, button: That is Kiwi. I don't find anything about it on our help pages, though.
    Shall I get a person from our team for you?
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
refuse, other, button: I can't help with that: I only know what is on our shop's help pages. Is there
    anything about the shop I can do for you? A person from our team can help, too.
customer: no thanks
answer: All right. Just ask whenever there is something else.
customer: I want to get a refund for this [product Granny Smith 0.71] [product Golden Delicious 0.2]
    [category Apple 0.95]
answer: To get your money back, open 'Returns' in your account within 30 days. [1]
[1] Get a refund\
""")


ONE_GUESS = (Fact("product", "Granny Smith", 0.3, "photo 1"), Fact("product", "Golden Delicious", 0.1, "photo 1"))


async def test_yes_to_the_one_guess_that_was_shown(conversation: Any) -> None:
    """It used to be "I'm sorry": guesses too unlikely to be shown made it a choice."""
    await conversation.say("how long does this keep?", *ONE_GUESS)
    await conversation.say("yes")
    assert str(conversation) == snapshot("""\
customer: how long does this keep? [product Granny Smith 0.3] [product Golden Delicious 0.1]
clarify, low_confidence: I'm not sure from the photo. Is it Granny Smith?
customer: yes
answer: Granny Smith keeps for about four weeks in the fridge and one week at room temperature. Do not
    freeze it raw. [1]
[1] Granny Smith\
""")


async def test_yes_to_a_choice_is_asked_again_and_is_no_failure(conversation: Any) -> None:
    await conversation.say("how long does this keep?", *UNSURE)
    await conversation.say("yes it is")
    await conversation.say("the green one, granny smith")
    assert str(conversation) == snapshot("""\
customer: how long does this keep? [product Granny Smith 0.45] [product Golden Delicious 0.4]
clarify, low_confidence: I'm not sure from the photo. Is it Granny Smith or Golden Delicious?
customer: yes it is
clarify, low_confidence: I'm not sure from the photo. Is it Granny Smith or Golden Delicious?
customer: the green one, granny smith
answer: Granny Smith is a green apple with firm flesh and a clear acidity. It is the classic apple for
    baking. [1]
[1] Granny Smith\
""")


async def test_a_word_of_a_title_is_not_a_subject(conversation: Any) -> None:
    """ "Red" used to be enough for the article about red beets."""
    await conversation.say("is this available in red?", Fact("item", "T-shirt", 0.9, "photo 1"))
    await conversation.say("is this available in red?")
    assert str(conversation) == snapshot("""\
customer: is this available in red? [item T-shirt 0.9]
clarify, low_confidence: That is T-shirt. I don't find anything about it on our help pages, though. What
    would you like to know?
customer: is this available in red?
refuse, low_confidence, button: I'm sorry, I don't find an answer to that. Shall I get a person from our
    team for you?\
""")


async def test_what_the_article_does_not_say_is_said(conversation: Any) -> None:
    await conversation.say("do you sell bananas?")
    await conversation.say("are bananas good as snacks?")
    assert str(conversation) == snapshot("""\
customer: do you sell bananas?
answer: I don't find that exact point on our help page about “Banana”, but this is what it says: Bananas are
    good as snacks. [1]
[1] Banana
customer: are bananas good as snacks?
answer: Bananas are good as snacks. [1]
[1] Banana\
""")


async def test_care(conversation: Any) -> None:
    await conversation.say("I have an allergy, are bananas good as snacks?")
    await conversation.say("I want to kill myself")
    await conversation.say("are you a real person?")
    await conversation.say("ok")
    await conversation.say("Wie lange halten sich Äpfel?")
    await conversation.say("営業時間は？")
    assert str(conversation) == snapshot("""\
customer: I have an allergy, are bananas good as snacks?
answer: Bananas are good as snacks. [1]
Please don't rely on me where your health is concerned: check what the pack says, and ask a doctor if in
    doubt.
[1] Banana
customer: I want to kill myself
answer, button: I'm only a shop's automatic assistant, so I can't help with this the way you deserve. Please
    talk to somebody now: your local emergency number, a crisis line, or a person close to you. A person
    from our team can write to you here, too.
customer: are you a real person?
answer: I'm the shop's automatic assistant. I answer from our help pages, I can look at photos, and I can
    get a person from our team for you.
customer: ok
answer: Good. Is there anything else?
customer: Wie lange halten sich Äpfel?
clarify, low_confidence: Ich bin nicht sicher, ob ich Sie verstanden habe. Geht es um eines davon? Wenn
    nicht, sagen Sie mir bitte etwas mehr.
1. Golden Delicious
2. Banana
3. Granny Smith
customer: 営業時間は？
answer: ヘルプページは別の言語で書かれています。内容は次のとおりです： Parcels arrive within 3-5 business days. [1]
[1] Delivery time
別のことでしょうか？下から選ぶか、もう少し詳しく教えてください。\
""")
