"""What the agents get of a form: lines on the card, and one PDF with the photos that may be shown."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.handover.hours import Hours
from bot.intake.draft import Draft
from bot.intake.forms import Form, said
from bot.intake.pdf import Page, Picture, made
from bot.intake.talk import NOTHING, value_of
from bot.photos import WITHHELD, for_agents, in_one_line, source_name
from bot.ports import Photos
from bot.records import Case, PhotoRecord, Profile, Records
from bot.telegram.outgoing import CAPTION, Outgoing
from bot.texts import Texts
from monitoring.attempt import Failure, attempt
from storage.commit import Commit
from storage.seal import SealError

log = logging.getLogger(__name__)

ON_CARD = 6  # photos that are copied to the topic
IN_FILE = 6 * 2**20  # bytes of all photos in the PDF
SECONDS = 20.0  # for another look at a photo, of which the copy is made

Fetch = Callable[[str], Awaitable[bytes | None]]  # a file's bytes by Telegram's id; None: it gives none


class Dossiers:
    def __init__(
        self,
        records: Records,
        outgoing: Outgoing,
        forms: Mapping[str, Form],
        *,
        photos: Photos,
        fetch: Fetch,
        texts: Texts,
        hours: Hours,
    ) -> None:
        self.records, self.outgoing, self.forms = records, outgoing, forms
        self.photos, self.fetch, self.texts, self.hours = photos, fetch, texts, hours

    def on_case(self, case: Case, draft: Draft | None) -> Case:
        """With what the form says so far, for the card; the photos that answer it come first."""
        form = self.forms.get(draft.form) if draft else None
        if draft is None or form is None:
            return case
        photos = tuple(one.photo for one in draft.photos)[:ON_CARD] or case.photos
        title = said(form.title, self.texts.language)
        return case.model_copy(update={"form": title, "facts": self.facts(form, draft), "photos": photos})

    def facts(self, form: Form, draft: Draft) -> tuple[tuple[str, str], ...]:
        """(label, value) in the shop's language, with where a value is from if the customer did not write it."""
        return tuple(
            (said(field.label, self.texts.language), self._value(form, draft, field.name)) for field in form.fields
        )

    def _value(self, form: Form, draft: Draft, name: str) -> str:
        field = form.field(name)
        assert field
        value, answer = value_of(field, draft, self.texts.language), draft.value(name)
        if value == NOTHING and name not in draft.skipped:
            return self.texts("form-unasked")
        return self.texts("form-from-photo", value=value, source=answer.source) if answer and answer.source else value

    async def file(self, commit: Commit, chat: int, case: Case, draft: Draft) -> None:
        """Queue the PDF for the customer's topic."""
        form = self.forms[draft.form]
        page = Page(
            title=case.form,
            head=self.texts("dossier-head", name=await self._name(chat), day=f"{self.hours.at(time.time()):%d.%m.%Y}"),
            facts=self.facts(form, draft),
            pictures=await self._pictures(chat, form, draft),
            talk_title=self.texts("dossier-talk"),
            talk=[(self._who(who), words) for who, words in case.transcript],
            letters=self.texts("dossier-letters"),
        )
        data = await attempt(asyncio.to_thread(made, page))
        if isinstance(data, Failure):  # the card says it all: a page that cannot be set keeps nobody from the team
            log.error("the dossier of %d cannot be made: %s", chat, type(data.error).__name__)
            return
        upload = {"field": "document", "name": f"{form.name}.pdf", "b64": base64.b64encode(data).decode()}
        caption = self.texts("dossier-caption", title=case.form)[:CAPTION]
        self.outgoing.topic(commit, chat, "sendDocument", {"caption": caption}, upload=upload)

    def _who(self, who: str) -> str:
        return self.texts("stretch-customer") if who == "customer" else "Bot"

    async def _name(self, chat: int) -> str:
        known = await self.records.get(chat, "profile", Profile)
        return known.name if known else f"#{chat}"

    # -- photos -------------------------------------------------------------------------------------------------------
    async def _pictures(self, chat: int, form: Form, draft: Draft) -> Sequence[Picture]:
        found, room = list[Picture](), IN_FILE
        for number, one in enumerate(draft.photos, 1):
            jpeg = await self._copy(chat, one.photo)
            jpeg = jpeg if jpeg and len(jpeg) <= room else None
            room -= len(jpeg or b"")
            field = form.field(one.field)
            label = said(field.label, self.texts.language) if field else source_name(one.photo.report, number)
            if jpeg is None:
                found.append(Picture(self.texts("dossier-no-photo", label=label), None))
            else:
                seen = in_one_line(self.texts, one.photo.report)
                found.append(Picture(self.texts("dossier-photo", label=label, seen=seen), jpeg))
        return found

    async def _copy(self, chat: int, photo: PhotoRecord) -> bytes | None:
        """The worker's own copy, with what must not be seen blurred. The photo's bytes were deleted when it was looked
        at: Telegram is asked once more, and the worker looks once more. None where nothing of it may be shown."""
        if photo.report.film:
            return None
        data = await self.fetch(photo.file_id)
        if data is None:
            return None
        report = await self.photos.describe(chat, data, "", SECONDS, as_file=True)
        key = for_agents(photo.file_id, report, as_file=True)
        if key in (WITHHELD, photo.file_id):
            return None
        sealed = await self.records.store.get(key)
        try:
            return self.records.sealer.open(key, sealed) if sealed else None
        except SealError:
            return None
