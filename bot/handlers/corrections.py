"""“Vision was wrong” in two taps: the button, then the right label; or the right words, in answer to the question."""

from __future__ import annotations

import re
from collections.abc import Collection

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.handlers.buttons import answered
from bot.handover.corrections import PendingCorrection, ask_later, offered
from bot.handover.group import Group
from bot.ports import Agents
from bot.records import Case, Records
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from storage.commit import Commit


def corrections_router(group: Group, texts: Texts) -> Router:
    """Before the agents' router: an answer to this question is not for the customer."""
    question = texts("wrong-ask")
    router = Router(name="corrections")
    router.callback_query.filter(lambda query: query.message is not None and query.message.chat.id == group.id)
    router.message.filter(lambda message: message.chat.id == group.id)
    router.callback_query.register(on_wrong, F.data.regexp(r"^wrong:\d+$"))
    router.callback_query.register(on_label, F.data.regexp(r"^label:\d+:\w+:\d+:\d+$"))
    router.message.register(on_caption, F.text & F.reply_to_message.text.startswith(question))
    return router


async def on_wrong(
    query: CallbackQuery, *, entry: Entry, turns: Turns, records: Records, agents: Agents, texts: Texts
) -> None:
    chat = int((query.data or "").split(":")[1])
    case = await records.get(chat, "case", Case)
    choices = offered(case) if case else []
    rows = [
        [{"text": _name(number, name, len(choices)), "callback_data": f"label:{chat}:{case.number}:{number}:{at}"}]
        for number, _, labels in choices
        for at, (_, name) in enumerate(labels)
        if case
    ]
    commit = Commit()
    if choices:
        agents.tell(commit, chat, texts("wrong-ask"), reply_markup={"inline_keyboard": rows})
    await turns.finish(entry, commit)
    await answered(query, "" if choices else texts("toast-no-photo"))


async def on_label(
    query: CallbackQuery, *, entry: Entry, turns: Turns, records: Records, outgoing: Outgoing, texts: Texts
) -> None:
    _, chat, number, photo, at = (query.data or "").split(":")
    case = await records.get(int(chat), "case", Case)
    found = {n: (one, labels) for n, one, labels in offered(case)} if case and case.number == number else {}
    if int(photo) not in found or int(at) >= len(found[int(photo)][1]):
        await turns.finish(entry)
        await answered(query, texts("toast-no-photo"))
        return
    one, labels = found[int(photo)]
    slot, label = labels[int(at)]
    shown = query.message.message_id if query.message else 0
    name = f"{number}m{shown}p{photo}"  # the same for a second tap, and nobody else's: the kept file is called so
    commit = Commit()
    if not await records.get(int(chat), "wrong", PendingCorrection, name):  # tapped twice: the customer is asked once
        pending = PendingCorrection(file_id=one.file_id, labels={slot: label})
        # It still begins as the question: who answers it in words is still heard. Other photos' buttons stay.
        edit = {"message_id": shown, "text": f"{texts('wrong-ask')}\n\n{texts('wrong-noted', label=label)}"}
        edit |= {"reply_markup": {"inline_keyboard": others(query, f"label:{chat}:{number}:{photo}:")}}
        ask_later(records, commit, int(chat), pending, name)
        ask(commit, int(chat), label, name=name, outgoing=outgoing, texts=texts)
        outgoing.topic(commit, int(chat), "editMessageText", edit)
    await turns.finish(entry, commit)
    await answered(query, texts("toast-asked"))


def others(query: CallbackQuery, photo: str) -> list[list[dict[str, str]]]:
    """The buttons under the question without those that begin with ``photo``."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup else []
    left = [[key for key in row if not (key.callback_data or "").startswith(photo)] for row in rows]
    return [[{"text": key.text, "callback_data": key.callback_data or ""} for key in row] for row in left if row]


async def on_caption(
    message: Message,
    *,
    entry: Entry,
    turns: Turns,
    records: Records,
    agents: Agents,
    outgoing: Outgoing,
    texts: Texts,
    group: Group,
) -> None:
    """“a red apple”, or “2 a red apple” for the second photo."""
    chat = await group.customer_in(message.message_thread_id)
    case = await records.get(chat, "case", Case) if chat else None
    choices = {number: one for number, one, _ in offered(case)} if case else {}
    number, words = which(message.text or "", choices)
    if chat is None or case is None or number not in choices or not words:
        await turns.finish(entry)
        return
    pending = PendingCorrection(file_id=choices[number].file_id, captions=[words])
    name = f"{case.number}w{message.message_id}"
    commit = Commit()
    ask_later(records, commit, chat, pending, name)
    ask(commit, chat, words, name=name, outgoing=outgoing, texts=texts)
    agents.tell(commit, chat, texts("wrong-noted", label=words))
    await turns.finish(entry, commit)


def which(text: str, choices: Collection[int]) -> tuple[int, str]:
    """``"2 a red apple"`` → 2 and the words, where there is a photo 2; else the first photo and all words."""
    found = re.match(r"(\d)\s+(?=\S)", text)
    if found and int(found[1]) in choices:
        return int(found[1]), text[found.end() :].strip()
    return next(iter(choices), 0), text.strip()


def ask(commit: Commit, chat: int, shown: str, *, name: str, outgoing: Outgoing, texts: Texts) -> None:
    """The customer's word is asked for; nothing is kept before."""
    keys = [
        {"text": texts("keep-yes"), "callback_data": f"keep:{name}"},
        {"text": texts("keep-no"), "callback_data": f"nokeep:{name}"},
    ]
    line = texts("keep-ask", label=shown)
    outgoing.text(commit, chat, chat, line, reply_markup={"inline_keyboard": [keys]}, tell=True)


def _name(number: int, label: str, several: int) -> str:
    return f"{number}: {label}" if several > 1 else label
