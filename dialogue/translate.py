"""Translates between customers and the people of a shop, by a chat model. What it says is shown beside the original."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.messages import HumanMessage, SystemMessage

from dialogue.language import NAMES
from monitoring.attempt import Failure, attempt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

PROMPT = Path(__file__).parent / "prompts" / "translate.md"
TIMEOUT = 8.0  # seconds: words that wait for a translation wait for a person, too
LONGEST = 2_000  # characters; a longer message is passed on as it is
ROOM = 4, 200  # a translation has at most so many times the letters, and so many more: else it is an answer
WORDY = 10  # smaller numbers may be words in another language
_MARKER = re.compile(r"<(?=\s*/?\s*message\b)", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.|t\.me/)[^\s<>]+|@\w{3,}", re.IGNORECASE)


class Translator:
    def __init__(self, model: BaseChatModel, timeout: float = TIMEOUT) -> None:
        self._model, self._timeout = model, timeout
        self._prompt = PROMPT.read_text(encoding="utf-8")

    async def translate(self, text: str, into: str) -> str:
        """``text`` in the language ``into`` ("de"). "" where there is none that may be shown: the model failed or was
        late, said the same again, or brought a number or a link of its own. Never raises for what a model does.
        """
        if not any(letter.isalpha() for letter in text) or len(text) > LONGEST:
            return ""
        system = self._prompt.replace("{language}", f"{NAMES.get(into, into)} ({into})")
        human = f"<message>\n{_MARKER.sub('‹', text)}\n</message>"
        asked = self._model.ainvoke([SystemMessage(system), HumanMessage(human)])
        said = await attempt(asyncio.wait_for(asked, self._timeout))
        if isinstance(said, Failure):
            # Its own words may quote the prompt, and with it the customer.
            log.warning("no translation, the original alone is shown: %s", type(said.error).__name__)
            return ""
        translated = re.sub(r"^\s*<message>|</message>\s*$", "", said.text).strip()
        return translated if _may_be_shown(translated, text) else ""


def _may_be_shown(translated: str, text: str) -> bool:
    times, more = ROOM
    if not translated or translated.casefold() == text.strip().casefold() or len(translated) > times * len(text) + more:
        return False
    links = set(_LINK.findall(translated)) <= set(_LINK.findall(text))
    return links and _numbers(translated) <= {*_numbers(text), *range(WORDY)}


def _numbers(text: str) -> set[int]:
    """Each run of digits, whatever the script: "1.234,50" and "1,234.50" have the same."""
    return {int(run) for run in re.findall(r"\d+", text)}
