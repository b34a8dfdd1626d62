"""/queue in the agents' group: who waits for a person, those who sound upset first."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message
from redis.asyncio import Redis

from bot.customers import Customers
from bot.handover import ownership
from bot.handover.group import Group
from bot.handover.hours import Hours
from bot.handover.ownership import State
from bot.records import Case, Records
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from storage.commit import Commit
from storage.keys import CLOCK
from storage.redis import store

MOST = 20  # that are shown


def queue_router(group: Group) -> Router:
    router = Router(name="queue")
    router.message.filter(lambda message: message.chat.id == group.id)
    router.message.register(on_queue, Command("queue", ignore_case=True))
    return router


async def on_queue(
    message: Message,
    *,
    entry: Entry,
    turns: Turns,
    redis: Redis,
    records: Records,
    customers: Customers,
    hours: Hours,
    outgoing: Outgoing,
    texts: Texts,
) -> None:
    """Whoever has a reminder and no person yet; upset ones first, then who has waited longest."""
    waiting = sorted(await _waiting(redis, records), key=lambda one: (one[1].mood != "negative", one[1].at))
    lines = []
    for number, (chat, case) in enumerate(waiting[:MOST], 1):
        known = await customers.profile(chat)
        lines.append(
            texts(
                "queue-line",
                number=number,
                upset="yes" if case.mood == "negative" else "no",
                name=known.name if known else f"#{chat}",
                reason=texts("reason", code=case.reason),
                time=f"{hours.at(case.at):%H:%M}",
            )
        )
    text = texts("queue", lines="\n".join(lines)) if lines else texts("queue-empty")
    thread = {"message_thread_id": message.message_thread_id} if message.message_thread_id else {}
    commit = Commit()
    outgoing.plain(commit, message.chat.id, "sendMessage", {"text": text, **thread})
    await turns.finish(entry, commit)


async def _waiting(redis: Redis, records: Records) -> list[tuple[int, Case]]:
    members = await store(redis).zrangebyscore(CLOCK, 0, float("inf"), 0, 1000)
    chats = {
        int(chat) for what, _, chat in (one.decode().partition(":") for one in members) if what.startswith("remind")
    }
    found = [(chat, await records.get(chat, "case", Case), await ownership.read(redis, chat)) for chat in sorted(chats)]
    return [(chat, case) for chat, case, owner in found if case and owner.state is State.PENDING]
