"""Which form a message asks for: its example sentences, compared by the sentence encoder. Without one: none."""

from __future__ import annotations

from collections.abc import Mapping

from bot.intake.forms import Form
from dialogue.encode import Encoders
from dialogue.intents import Phrases
from dialogue.meaning import Examples

START = 0.6  # cosine with the nearest example from which on a form begins by itself
AHEAD = 0.05  # of every other form, and of what is only a question
MARKS = "?？؟"
LONGEST = 300  # characters: who writes more tells a story, and is answered


class Starter:
    def __init__(self, forms: Mapping[str, Form], encoders: Encoders | None, phrases: Phrases) -> None:
        self._phrases = phrases
        kinds = {form.name: list(form.wants) for form in forms.values()}
        only_asked = [text for form in forms.values() for text in form.asks]
        self._encoders = encoders if kinds else None
        self._examples = Examples(encoders, kinds | ({"": only_asked} if only_asked else {})) if encoders else None

    def form(self, text: str, language: str) -> str | None:
        """The name of the form that ``text`` wants; a question wants an answer first, and a person is a person's."""
        if self._examples is None or self._encoders is None or not fits(text, self._phrases):
            return None
        if not self._encoders.know(language or "en"):
            return None
        near = sorted(self._examples.alike(text, language).items(), key=lambda one: -one[1])
        (best, likeness), *others = near
        ahead = likeness - max((other for _, other in others), default=-1.0)
        return best or None if likeness >= START and ahead >= AHEAD else None


def fits(text: str, phrases: Phrases) -> bool:
    """Whether ``text`` may ask for a form at all: told without an encoder."""
    text = text.strip()
    if not text or len(text) > LONGEST or text[-1] in MARKS:
        return False
    return not phrases.asks_for_person(text)
