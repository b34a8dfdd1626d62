"""What a customer and an agent write to each other, in the other's language as well.

Beside the original, never in its place, and with a word that a machine did it. Where it fails, the original is all.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.customers import Customers
from bot.ports import Translator
from bot.share import Share
from bot.texts import Texts, speaking
from dialogue.language import LANGUAGES, NAMES, language_of
from storage.redact import masked_words

LINES = 3  # of what a customer wrote before a person came, that the card has in the agents' language


class Translating:
    """Agents read the shop's language, as ``texts`` has it."""

    def __init__(self, customers: Customers, translator: Translator, share: Share, texts: Texts) -> None:
        self._customers, self._translator, self._share, self._texts = customers, translator, share, texts

    async def for_agents(self, chat: int, text: str) -> str:
        """``text``, which the customer wrote, in the agents' language; "" where it is, or where that fails."""
        spoken = await self._customers.language(chat)
        said = language_of(text, spoken) or spoken
        return await self._translated(chat, text, self._texts.language) if said != self._texts.language else ""

    async def for_card(self, chat: int, transcript: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """Likewise the customer's last words before a person came, and what their language is called ("" where it is
        the agents')."""
        lines = [text for who, text in transcript if who == "customer" and text != "(photo)"]
        words = "\n".join(lines[-LINES:])
        spoken = await self._customers.language(chat)
        said = language_of(words, spoken) or spoken
        name = NAMES.get(said, "") if said != self._texts.language else ""
        return await self.for_agents(chat, words), name

    async def for_customer(self, chat: int, text: str) -> str:
        """``text``, which an agent wrote, as a line in the customer's language that says what it is; or ""."""
        spoken = await self._customers.language(chat)
        if spoken not in LANGUAGES or (language_of(text, self._texts.language) or self._texts.language) == spoken:
            return ""
        translated = await self._translated(chat, text, spoken)
        with speaking(spoken):
            return self._texts("translation", text=translated) if translated else ""

    async def _translated(self, chat: int, text: str, into: str) -> str:
        if not text.strip() or await self._share.used_up(chat):
            return ""
        return await self._translator.translate(masked_words(text), into)
