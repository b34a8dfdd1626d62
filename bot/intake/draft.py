"""A form that a customer is filling in: what is known, what is asked, and what comes next."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date

from bot.intake import values
from bot.intake.forms import Form, FormField
from bot.intake.taken import Taken
from bot.records import PhotoRecord, Record
from dialogue.intents import Phrases

PAUSE_S = 3600.0  # of silence: who comes back is answered as ever, and asked whether to go on
PHOTOS = 6  # of a field
NOTHING: dict[str, int] = {}


class Answer(Record):
    field: str
    value: str  # the same in every language (values.py)
    source: str = ""  # "photo 1", "video 2"; "": the customer wrote it


class Shown(Record):
    """A photo that answers a field."""

    field: str
    photo: PhotoRecord


class Draft(Record):
    """``asking``: the field that was asked last; "": the summary was shown, or nothing yet."""

    form: str
    answers: tuple[Answer, ...] = ()
    photos: tuple[Shown, ...] = ()
    skipped: tuple[str, ...] = ()
    asking: str = ""
    paused: bool = False
    at: float = 0.0  # unix seconds of the last change

    def rests(self, now: float | None = None) -> bool:
        return self.paused or (now or time.time()) - self.at > PAUSE_S

    def value(self, name: str) -> Answer | None:
        return next((answer for answer in self.answers if answer.field == name), None)

    def photos_of(self, name: str) -> list[PhotoRecord]:
        return [one.photo for one in self.photos if one.field == name]

    def has(self, field: FormField) -> bool:
        return bool(self.photos_of(field.name)) if field.type == "photo" else self.value(field.name) is not None

    def open_fields(self, form: Form) -> list[FormField]:
        """What is still to be asked, in order."""
        return [field for field in form.fields if not self.has(field) and field.name not in self.skipped]

    # -- what changes it: each gives another draft ------------------------------------------------------------------
    def touched(self, **update: object) -> Draft:
        return self.model_copy(update={"at": time.time(), "paused": False, **update})

    def answered(self, name: str, value: str, source: str = "") -> Draft:
        others = tuple(answer for answer in self.answers if answer.field != name)
        skipped = tuple(one for one in self.skipped if one != name)
        return self.touched(answers=(*others, Answer(field=name, value=value, source=source)), skipped=skipped)

    def without(self, name: str) -> Draft:
        """To be asked again."""
        return self.touched(
            answers=tuple(answer for answer in self.answers if answer.field != name),
            photos=tuple(one for one in self.photos if one.field != name),
            skipped=tuple(one for one in self.skipped if one != name),
            asking=name,
        )

    def skip(self, name: str) -> Draft:
        return self.touched(skipped=(*self.skipped, name))

    def with_photos(self, form: Form, photos: Sequence[PhotoRecord]) -> Draft:
        """Each photo goes to the field of its kind, else to the one that is asked, else to the first without any."""
        kept = list(self.photos)
        for photo in photos:
            field = None if photo.report.error else self._place(form, photo, kept)
            if field and sum(one.field == field for one in kept) < PHOTOS:
                kept.append(Shown(field=field, photo=photo))
        skipped = tuple(name for name in self.skipped if name not in {one.field for one in kept})
        return self.touched(photos=tuple(kept), skipped=skipped)

    def _place(self, form: Form, photo: PhotoRecord, kept: Sequence[Shown]) -> str:
        fields = [field for field in form.fields if field.type == "photo"]
        asked = next((field for field in fields if field.name == self.asking), None)
        if asked:
            return asked.name
        free = [field for field in fields if all(one.field != field.name for one in kept)]
        fitting = [field for field in free if photo.report.kind in field.kinds]
        general = [field for field in free if not field.kinds]
        return next((field.name for field in (*fitting, *general, *free, *fields[-1:])), "")

    def filled(self, form: Form, taken: Taken, phrases: Phrases, today: date | None = None) -> tuple[Draft, list[str]]:
        """With what was seen or read, and the fields that it answers. What the customer said stays."""
        draft, names = self, list[str]()
        for field in form.fields:
            if draft.has(field):
                continue
            for slot, found, source in taken:
                read = values.read(field, found, phrases, NOTHING, today) if slot in field.taken_from else "empty"
                if isinstance(read, values.Value):
                    draft = draft.answered(field.name, read.plain, source)
                    names.append(field.name)
                    break
        return draft, names
