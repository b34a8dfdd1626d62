"""How a customer sounds: agents see it, it orders their queue, a rule may hand over; the customer never reads it."""

from __future__ import annotations

from pathlib import Path

from house import House, ask, hand_over, quiet


def only_agents_know(house: House) -> None:
    said = " ".join(message.text for message in house.ana.messages() if message.from_bot).lower()
    assert not any(word in said for word in ("upset", "mood", "negative", "😟"))


async def test_who_sounds_upset_comes_first_in_the_queue(live: House) -> None:
    bo = live.playground.customer(43, "Bo")
    await hand_over(live, bo)
    await ask(live.ana, "this is the third broken mug, I am really angry and disappointed")
    _, card = await hand_over(live)
    assert "Sounds upset" in card.text
    kim = live.group.agent("Kim")
    await kim.say("/queue")
    queue = await kim.wait_for_message("Waiting, the most urgent first")
    lines = queue.text.splitlines()
    assert lines[1].startswith("1. 😟 Ana: asked for a person") and lines[2].startswith("2. Bo:")
    await quiet(live)
    only_agents_know(live)


async def test_a_rule_hands_over_and_forget_takes_it_along(house: House, tmp_path: Path) -> None:
    rule = tmp_path / "policy.yml"
    rule.write_text("- reason: policy\n  upset: 2\n", encoding="utf-8")
    house.settings = house.settings.model_copy(update={"policy": rule})
    async with house.bot():
        await ask(house.ana, "my order arrived broken, this is terrible service and I am angry")
        assert await house.redis.exists("c:42:mood")
        said = await ask(house.ana, "I hate this, it is the worst shop ever")
        assert "passing you on" in said.text
        topic = await house.group.wait_for_topic("Ana")
        assert "Sounds upset" in (await topic.wait_for_message("Why:")).text
        said = await ask(house.ana, "/forget")
        await house.ana.press("Yes, forget everything", said)
        await house.ana.wait_for_message("Done. Nothing about you")
        assert not await house.redis.exists("c:42:mood")
