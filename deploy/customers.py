"""Customers of the playground who write and send photos without a pause. For deploy/check.py."""

from __future__ import annotations

import asyncio
import io
import time
from dataclasses import dataclass, field

from PIL import Image

from playground import Person

PATIENCE_S = 60.0
QUESTIONS = ("how long do bananas keep?", "when do you deliver?", "can I freeze milk?", "what does delivery cost?")


def photo(seed: int) -> bytes:
    base = Image.linear_gradient("L").resize((1280, 960)).convert("RGB")
    noise = Image.effect_noise((1280, 960), 20 + seed % 40).convert("RGB")
    out = io.BytesIO()
    Image.blend(base, noise, 0.3).save(out, "JPEG", quality=85)
    return out.getvalue()


@dataclass
class Asked:
    photo: bool
    sent: float
    answered: float | None = None
    answer: str = ""


@dataclass
class Customer:
    """Writes, waits for the answer, writes again."""

    person: Person
    number: int
    asked: list[Asked] = field(default_factory=list)

    async def go(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with_photo = (self.number + len(self.asked)) % 2 == 0
            self.asked.append(one := Asked(with_photo, time.monotonic()))
            question = QUESTIONS[len(self.asked) % 4]
            if with_photo:
                await self.person.send_photo(photo(self.number * 1000 + len(self.asked)), "what is this?")
            else:
                await self.person.say(question)
            try:
                message = await self.person.wait_for_message(lambda m: m.from_bot, timeout=PATIENCE_S)
            except TimeoutError:
                return  # unanswered: the report says so
            one.answered, one.answer = time.monotonic(), message.text
            await asyncio.sleep(1.0)  # Telegram lets a bot write to a chat once a second
