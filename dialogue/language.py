"""Which language a customer writes: from the words, where there are enough of them."""

from __future__ import annotations

import logging
import tempfile
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

log = logging.getLogger(__name__)

# What our own sentences exist in (texts/*.ftl).
LANGUAGES = ("en", "zh", "es", "ru", "de", "fr", "pt", "ar", "tr", "ja", "hi")
NAMES = {
    "en": "English",
    "zh": "中文",
    "es": "Español",
    "ru": "Русский",
    "de": "Deutsch",
    "fr": "Français",
    "pt": "Português",
    "ar": "العربية",
    "tr": "Türkçe",
    "ja": "日本語",
    "hi": "हिन्दी",
}
# Without sentences of ours, and much written: said to be another language, not taken for one of ours.
_OTHERS = (
    "bg bn ca cs da el et fa fi he hr hu hy id it ka kk ko lt lv mk ml mr ms nl no pl ro sk sl sq sr sv ta te th tl"
)
OTHERS = frozenset((*_OTHERS.split(), "uk", "ur", "uz", "vi"))
LETTERS = 10  # fewer say little of their language
# "Guten Tag" and "Bonjour" do: of the languages of ours one is this likely. Of 1,500 short pieces of English none was
# taken for another language at 0.9, two at 0.8.
SHORT_LETTERS, SHORT_SURE = 4, 0.8
# Scripts of one language; and those that others share, too: enough for a "مرحبا", which no words tell apart.
OWN = (("CJK", "zh"), ("DEVANAGARI", "hi"), ("HANGUL", "ko"))
SHARED = (("ARABIC", "ar"), ("CYRILLIC", "ru"))
DENSE = 4  # what a Chinese or Japanese sign counts for: five of them are a sentence
LOOKED_AT = 1_000  # characters
OTHER_SURE = 0.9  # that sure it is a language without sentences of ours before we say so
OTHER_LETTERS = 16
ENGLISH_YET = 0.02  # names and typing errors look foreign: while it may be English, it is
_LOADING = threading.Lock()  # moods are read in threads: six that began at once each loaded it, 480 MB
KEEP = 0.2  # the language spoken so far stays, if it is that likely beside the likeliest


def language_of(text: str, before: str = "") -> str:
    """One of LANGUAGES, another code ("pl") for a sentence in another language, or "" where the text does not say.

    ``before`` is the language of the conversation, or of the customer's Telegram: it wins where both are likely.
    """
    text = text[:LOOKED_AT]
    letters = [letter for letter in text if letter.isalpha()]
    if sum(DENSE if _dense(letter) else 1 for letter in letters) < LETTERS:
        return _by_script(letters) or _by_script(letters, SHARED)
    if by_script := _by_script(letters):
        return by_script
    chances = _chances(text)
    if not chances:
        return ""
    likeliest = max(chances, key=lambda language: chances[language])
    if likeliest not in LANGUAGES and len(letters) >= OTHER_LETTERS and chances[likeliest] >= OTHER_SURE:
        return likeliest if chances.get("en", 0.0) < ENGLISH_YET else "en"
    ours, best = _of_ours(chances)
    return before if before in ours and ours[before] >= KEEP * ours[best] > 0 else best


def _of_ours(chances: dict[str, float]) -> tuple[dict[str, float], str]:
    """The chances of the languages of ours, and the likeliest of them."""
    ours = {language: chances.get(language, 0.0) for language in LANGUAGES}
    return ours, max(ours, key=lambda language: ours[language])


def language_of_short(text: str, before: str = "") -> str:
    """As ``language_of`` for a first message of a word or two, "Guten Tag": one of LANGUAGES, or "".

    Not for later ones: "Müller" answers a question, and is no reason to change the language.
    """
    if sum(letter.isalpha() for letter in text[:LOOKED_AT]) < SHORT_LETTERS:
        return ""
    ours, best = _of_ours(_chances(text[:LOOKED_AT]))
    if ours.get(before, 0.0) >= KEEP * ours[best]:
        return before
    return best if ours[best] >= SHORT_SURE * sum(ours.values()) else ""


def supported(code: str | None) -> str:
    """Telegram's "pt-br" → "pt"; "" for a language without sentences of ours."""
    short = (code or "").lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else ""


def _by_script(letters: list[str], scripts: Sequence[tuple[str, str]] = OWN) -> str:
    """The language of ours that is written in these letters, if it is one alone."""
    names = [unicodedata.name(letter, "").split(" ")[0] for letter in letters]
    if any(name in {"HIRAGANA", "KATAKANA"} for name in names):
        return "ja"
    for script, language in scripts:
        if letters and 2 * names.count(script) > len(letters):
            return language
    return ""


def _dense(letter: str) -> bool:
    return "\u3040" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af"


@lru_cache(64)  # mood, form and answer each ask about the same message
def _chances(text: str) -> dict[str, float]:
    with _LOADING:
        identifier = _identifier()
    if identifier is None:
        return {}
    return {str(language): float(chance) for language, chance in identifier.rank(text)}


@lru_cache(1)
def _identifier() -> Any:
    """None without the package: then the conversation's language, or Telegram's, has to do."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  (45 MB: only where it is used)
    except ImportError:
        return None
    try:
        full = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it unpacks 65 MB into a temporary file
        log.error("no language is told by its words until the next start: %s in %s", error, tempfile.gettempdir())  # noqa: TRY400
        return None
    # Its table is a column a language: those that nobody is told apart by are not kept in memory.
    columns = [n for n, code in enumerate(full.nb_classes) if code in LANGUAGES or code in OTHERS]
    classes = [full.nb_classes[n] for n in columns]
    table, prior = full.nb_ptc[:, columns].copy(), full.nb_pc[columns].copy()
    return LanguageIdentifier(
        table, prior, classes, full.tk_nextmove, full.tk_output, norm_probs=True, tk_row=full.tk_row
    )
