"""How a form speaks: the question for a field, what was wrong, the summary, and the buttons under each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.intake.draft import Draft
from bot.intake.forms import Form, FormField, said
from bot.intake.values import Wrong, spoken
from bot.texts import Texts, every_language
from dialogue.intents import plain

Keys = list[list[dict[str, str]]]

NOTHING = "–"
EXAMPLE = "2026-11-24"
LONG = 300  # characters of a value in a summary


@dataclass(frozen=True, slots=True)
class Talk:
    texts: Texts

    @property
    def language(self) -> str:
        return self.texts.spoken

    def title(self, form: Form) -> str:
        return said(form.title, self.language)

    def label(self, field: FormField) -> str:
        return said(field.label, self.language)

    # -- words ------------------------------------------------------------------------------------------------------
    def question(self, field: FormField) -> str:
        example = spoken(field, EXAMPLE, self.language) if field.type == "date" else ""
        asked = self.texts("form-ask", type=field.type, label=self.label(field), example=example)
        return f"{asked} {said(field.hint, self.language)}" if field.hint else asked

    def wrong(self, field: FormField, why: Wrong | str) -> str:
        least, most = ("" if one is None else f"{one:g}" for one in (field.least, field.most))
        return self.texts("form-wrong", why=why, least=least or "−∞", most=most or "∞")

    def taken(self, form: Form, draft: Draft, names: Sequence[str]) -> list[str]:
        """What was seen or read, so that the customer can say no at once."""
        lines = [self._line(field, draft) for field in form.fields if field.name in names]
        return [self.texts("form-took", facts="\n".join(lines))] if lines else []

    def summary(self, form: Form, draft: Draft) -> str:
        lines = "\n".join(self._line(field, draft) for field in form.fields)
        return self.texts("form-summary", title=self.title(form), lines=lines)

    def _line(self, field: FormField, draft: Draft) -> str:
        return self.texts("form-line", label=self.label(field), value=value_of(field, draft, self.language))

    # -- buttons ----------------------------------------------------------------------------------------------------
    def start_keys(self, forms: Iterable[Form]) -> Keys:
        return [[_key(self.texts("form-start", title=self.title(form)), f"start:{form.name}")] for form in forms]

    def resume_keys(self, form: Form) -> Keys:
        resume = self.texts("form-resume", title=self.title(form))
        return [[_key(resume, "resume")], [_key(self.texts("form-cancel"), "cancel")]]

    def question_keys(self, field: FormField) -> Keys:
        rows = [
            [_key(said(words, self.language), f"choose:{field.name}:{name}")] for name, words in field.choices.items()
        ]
        skip = [] if field.required else [_key(self.texts("form-skip"), f"skip:{field.name}")]
        return [*rows, [*skip, _key(self.texts("form-later"), "later"), _key(self.texts("form-cancel"), "cancel")]]

    def summary_keys(self) -> Keys:
        more = [_key(self.texts("form-change"), "change"), _key(self.texts("form-cancel"), "cancel")]
        return [[_key(self.texts("form-send"), "send")], more]

    def change_keys(self, form: Form) -> Keys:
        return [[_key(self.label(field), f"change:{field.name}")] for field in form.fields]


def value_of(field: FormField, draft: Draft, language: str) -> str:
    if field.type == "photo":
        count = len(draft.photos_of(field.name))
        return f"{count} 📷" if count else NOTHING
    answer = draft.value(field.name)
    if answer is None:
        return NOTHING
    value = spoken(field, answer.value, language)
    return value if len(value) <= LONG else f"{value[: LONG - 1]}…"


def acts() -> Mapping[str, str]:
    """What customers type in place of a button, in any of our languages -> what it does."""
    found: dict[str, str] = {}
    for texts in every_language():
        for act, words in (
            ("skip", texts("form-skip-words")),
            ("cancel", texts("form-cancel-words")),
            ("later", texts("form-later-words")),
            ("send", texts("form-send-words")),
            ("change", texts("form-change-words")),
        ):
            found |= {plain(word): act for word in words.replace("、", ",").replace("،", ",").split(",")}
    return found


def days() -> Mapping[str, int]:
    """ "yesterday" -> -1, in all of our languages."""
    names = (("form-yesterday", -1), ("form-today", 0), ("form-tomorrow", 1))
    return {plain(texts(name)): shift for texts in every_language() for name, shift in names}


def _key(text: str, data: str) -> dict[str, str]:
    return {"text": text, "callback_data": f"form:{data}"}
