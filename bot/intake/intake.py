"""Forms in a conversation: one begins, asks for what is missing, answers questions in between, and goes to the agents.

Nothing is sent or stored here: a step says what the answer is and how the draft is afterwards; the turn commits both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.intake import taken, values
from bot.intake.dossier import Dossiers
from bot.intake.draft import Draft
from bot.intake.forms import Form, FormField
from bot.intake.starting import MARKS, Starter, fits
from bot.intake.talk import Keys, Talk, acts, days
from bot.intake.values import Value
from bot.message import Incoming
from bot.records import PhotoRecord, Records
from bot.texts import Texts, speaking
from dialogue.encode import Encoders
from dialogue.intents import Phrases, plain
from dialogue.language import LANGUAGES, language_of
from dialogue.turn import Reply
from storage.commit import Commit

Ask = Callable[[], Awaitable[Reply]]  # dialogue's reply to the message


@dataclass(frozen=True, slots=True)
class Step:
    """``draft`` as it is after the turn; None: there is none."""

    reply: Reply
    draft: Draft | None = None
    keys: Keys | None = None
    sends: bool = False  # the form is complete and confirmed: it goes to the agents


class Intake:
    def __init__(self, records: Records, dossiers: Dossiers, texts: Texts, encoders: Encoders | None = None) -> None:
        self.records, self.dossiers, self.forms, self.talk = records, dossiers, dossiers.forms, Talk(texts)
        self.texts, self.phrases = texts, Phrases()
        self._encoders = encoders

    @cached_property
    def _starter(self) -> Starter:
        return Starter(self.forms, self._encoders, self.phrases)

    @cached_property
    def _acts(self) -> Mapping[str, str]:
        return acts()

    @cached_property
    def _days(self) -> Mapping[str, int]:
        return days()

    async def draft(self, chat: int) -> Draft | None:
        """What the customer is filling in; None also where the shop no longer has that form."""
        found = await self.records.get(chat, "intake", Draft)
        return found if found and found.form in self.forms else None

    def keep(self, commit: Commit, chat: int, step: Step) -> None:
        if step.draft and not step.sends:
            self.records.put(commit, chat, "intake", step.draft)
        else:
            self.records.drop(commit, chat, "intake")

    async def step(self, message: Incoming, photos: Sequence[PhotoRecord], ask: Ask) -> Step:
        """``photos``: one for each of the message's. ``ask`` is called once at most."""
        draft, (act, _, more) = await self.draft(message.chat), message.pressed.partition(":")
        if act == "start" and more in self.forms and (draft is None or draft.form != more):
            return self._begin(self.forms[more], message, photos)
        if draft is None and act:
            return self._says("form-gone")
        if draft is None or (draft.rests() and not act):
            return await self._beside(draft, message, photos, ask)
        return await self._go_on(self.forms[draft.form], draft, message, photos, ask)

    # -- where no form is asked ---------------------------------------------------------------------------------------
    async def _beside(self, draft: Draft | None, message: Incoming, photos: Sequence[PhotoRecord], ask: Ask) -> Step:
        """Dialogue answers; a form may begin, or is there to go on with."""
        if draft is None and (name := await self._wanted(message)):
            return self._begin(self.forms[name], message, photos)
        reply = await ask()
        if reply.action != "answer":
            return Step(reply, draft)
        with speaking(reply.language):
            if draft:
                return Step(reply, draft, self.talk.resume_keys(self.forms[draft.form]))
            cited = {citation.article for citation in reply.citations}
            return Step(reply, None, self.talk.start_keys(f for f in self.forms.values() if f.article in cited))

    async def _wanted(self, message: Incoming) -> str | None:
        if not fits(message.text, self.phrases):  # most are questions: no thread is asked about them
            return None
        language = self._language(message)
        return await asyncio.to_thread(lambda: self._starter.form(message.text, language))

    def _language(self, message: Incoming) -> str:
        found = language_of(message.text, self.texts.spoken)
        return found if found in LANGUAGES else self.texts.spoken

    def _begin(self, form: Form, message: Incoming, photos: Sequence[PhotoRecord]) -> Step:
        language = self.texts.spoken if message.pressed else self._language(message)
        with speaking(language):
            draft = Draft(form=form.name).with_photos(form, photos)
            lead = [self.texts("form-begin", title=self.talk.title(form))]
            return self._next(form, *self._take(form, draft, message, photos, lead))

    # -- inside a form ------------------------------------------------------------------------------------------------
    async def _go_on(
        self, form: Form, draft: Draft, message: Incoming, photos: Sequence[PhotoRecord], ask: Ask
    ) -> Step:
        pressed = message.pressed or self._acts.get(plain(message.text), "")
        act, _, more = pressed.partition(":")
        asked = form.field(draft.asking)
        if self.phrases.asks_for_person(message.text) and not message.pressed:
            return self._back(form, draft.with_photos(form, photos), await ask(), [])
        if photos:
            return self._shown(form, draft, message, photos)
        if step := self._acted(form, draft, act, more):
            return step
        if asked is None:
            return await self._at_summary(form, draft, message, ask)
        return await self._typed(form, draft, asked, message.text, ask)

    def _acted(self, form: Form, draft: Draft, act: str, more: str) -> Step | None:
        """What a button, or its word, does; None for what is none."""
        doing = {
            "cancel": self._cancel,
            "later": self._later,
            "resume": self._resume,
            "start": self._resume,
            "skip": self._skip,
            "send": self._send,
            "change": self._change,
            "choose": self._choose,
        }.get(act)
        return doing(form, draft, more) if doing else None

    def _cancel(self, form: Form, draft: Draft, more: str) -> Step | None:  # noqa: ARG002 - as all of these
        return self._says("form-cancelled")

    def _later(self, form: Form, draft: Draft, more: str) -> Step | None:  # noqa: ARG002
        paused = draft.model_copy(update={"paused": True})
        return replace(self._says("form-paused"), draft=paused, keys=self.talk.resume_keys(form))

    def _resume(self, form: Form, draft: Draft, more: str) -> Step | None:  # noqa: ARG002
        return self._next(form, draft, [])

    def _send(self, form: Form, draft: Draft, more: str) -> Step | None:  # noqa: ARG002
        if draft.open_fields(form):
            return None
        sent = self._reply(self.texts("form-sent", title=self.talk.title(form)))
        return Step(replace(sent, action="hand_over", reason="form"), draft, sends=True)

    def _change(self, form: Form, draft: Draft, more: str) -> Step | None:
        if field := form.field(more):
            return self._next(form, draft.without(field.name), [])
        return Step(self._reply(self.texts("form-change-which")), draft.touched(), self.talk.change_keys(form))

    def _choose(self, form: Form, draft: Draft, more: str) -> Step | None:
        name, _, value = more.partition(":")
        field = form.field(name)
        return self._next(form, draft.answered(name, value), []) if field and value in field.choices else None

    def _skip(self, form: Form, draft: Draft, more: str) -> Step | None:
        """``more``: the field, of a button; who types the word means what is asked."""
        field = form.field(more or draft.asking)
        if field is None or draft.has(field):
            return None
        if field.required:
            return self._next(form, draft, [self.texts("form-required")])
        return self._next(form, draft.skip(field.name), [])

    def _shown(self, form: Form, draft: Draft, message: Incoming, photos: Sequence[PhotoRecord]) -> Step:
        """Photos came, with words perhaps: an answer to what is asked, where that is text."""
        asked, before = form.field(draft.asking), len(draft.photos)
        now = draft.with_photos(form, photos)
        if asked and asked.type == "text" and not now.has(asked) and message.text:
            now = now.answered(asked.name, message.text[: values.TEXT])
        now, lead = self._take(form, now, message, photos, [])
        useless = len(now.photos) == before and now.answers == draft.answers and asked is not None
        return self._next(form, now, [self.talk.wrong(asked, "empty"), *lead] if useless and asked else lead)

    def _take(
        self, form: Form, draft: Draft, message: Incoming, photos: Sequence[PhotoRecord], lead: list[str]
    ) -> tuple[Draft, list[str]]:
        """What the photos, and the customer's words, say of the fields already."""
        found = (*taken.from_photos([photo.report for photo in photos]), *taken.from_words(message.text))
        draft, names = draft.filled(form, found, self.phrases)
        return draft, [*lead, *self.talk.taken(form, draft, names)]

    async def _at_summary(self, form: Form, draft: Draft, message: Incoming, ask: Ask) -> Step:
        if self.phrases.accepts(message.text):
            return self._send(form, draft, "") or self._next(form, draft, [])
        if self.phrases.declines(message.text) and (step := self._change(form, draft, "")):
            return step
        return self._back(form, draft, await ask(), [])

    async def _typed(self, form: Form, draft: Draft, field: FormField, text: str, ask: Ask) -> Step:
        """An answer to what was asked; or a question, a wish for a person, or nothing that answers it."""
        read = "photo" if field.type == "photo" else values.read(field, text, self.phrases, self._days)
        question = text.rstrip()[-1:] in MARKS
        if isinstance(read, Value) and not question:
            draft, _ = draft.answered(field.name, read.plain).filled(form, taken.from_words(text), self.phrases)
            return self._next(form, draft, [])
        reply = await ask()
        if isinstance(read, Value) and not (reply.action == "hand_over" or reply.citations):
            return self._next(form, draft.answered(field.name, read.plain), [])  # it only sounded like a question
        why = "empty" if isinstance(read, Value) else read
        return self._back(form, draft, reply, [self.talk.wrong(field, why)])

    # -- what is said -------------------------------------------------------------------------------------------------
    def _back(self, form: Form, draft: Draft, reply: Reply, wrong: list[str]) -> Step:
        """Dialogue's answer, where it has one, and back to the form."""
        if reply.action == "hand_over":
            return Step(reply, draft.touched())
        if not reply.citations:
            return self._next(form, draft, wrong)
        step = self._next(form, draft, [reply.text, self.texts("form-back", title=self.talk.title(form))])
        return replace(step, reply=replace(reply, text=step.reply.text, offers=(), offers_person=False))

    def _next(self, form: Form, draft: Draft, lead: list[str]) -> Step:
        """The next question, or the summary."""
        left = draft.open_fields(form)
        asked = next((field for field in left if field.name == draft.asking), left[0] if left else None)
        if asked is None:
            text = "\n\n".join([*lead, self.talk.summary(form, draft)])
            return Step(self._reply(text), draft.touched(asking=""), self.talk.summary_keys())
        text = "\n\n".join([*lead, self.talk.question(asked)])
        return Step(self._reply(text), draft.touched(asking=asked.name), self.talk.question_keys(asked))

    def _says(self, name: str) -> Step:
        return Step(self._reply(self.texts(name)))

    def _reply(self, text: str) -> Reply:
        return Reply(text, "answer", 1.0, language=self.texts.spoken)
