"""Every key pattern, with its owner and how long it is kept.

The rule: **all keys of a customer begin ``c:{id}:``**, where the id is the Telegram chat's. Streams and dead letters
carry ids and keys, never words or bytes. /forget, /export and key rotation follow from that one rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

DAY = 86_400

Retention = Mapping[str, int | None]  # seconds that each kind is kept; None: until it is deleted

# -- one customer's; every value is sealed (storage/seal.py) unless it says "plain" -------------------------------
_KINDS: dict[str, int | None] = {
    "history": 30 * DAY,  # dialogue: list of messages
    "photo": 15 * 60,  # bot: an encoded photo on its way to the worker
    "report": 30 * DAY,  # vision: the PhotoReport of one photo
    "safe": 2 * DAY,  # vision: a copy with what is sensitive blurred, of a photo that must not be shown as it is
    "update": 2 * DAY,  # bot: a raw Telegram update until its turn is done
    "out": 2 * DAY,  # bot: a message on its way to Telegram
    "owner": None,  # bot: plain hash {state, version, agent, name, since, who, banned, helpers}; until deleted
    "failures": DAY,  # bot: plain counter of photos in a row that nobody could read
    "profile": None,  # bot: name, @name, language, first seen; until deleted
    "consent": None,  # bot: plain hash {at, how}; until deleted
    "photos": 30 * DAY,  # bot: list of the last photos: file id, report, what was answered
    "case": 29 * DAY,  # bot: what the agents' card says, with what was said in the day before it
    "topic": None,  # bot: plain hash {group, thread, card, case, shown, closed}: where the agents have it
    "thread": None,  # bot: plain number: the topic of the private chat that they wrote in last; until deleted
    "pairs": 30 * DAY,  # bot: plain hash of message numbers: customer's chat <-> topic
    "stretch": 30 * DAY,  # bot: list of what was said while a person had it, until it is given back
    "intake": 30 * DAY,  # bot: the form that the customer is filling in, until it is sent or cancelled
    "mood": 30 * DAY,  # bot: how the customer's last messages sounded
    "draft": DAY,  # bot: a reply that was suggested to an agent
    "wrong": 7 * DAY,  # bot: "vision was wrong", until the customer says whether we may keep the photo
    "corrections": None,  # bot: list of the photos kept with the customer's yes; until deleted
    "canary": None,  # storage: nobody's, under customer 0: a value that tells whether these are the store's keys
    "happened": 400 * DAY,  # bot: plain stream of the customer's own events, for /export
    "exported": 3600,  # bot: plain mark: all was sent to the customer within this hour
    "asked": 3600,  # bot: plain counter of turns within an hour for which a chat model may be asked
    "reply": 60,  # storage: plain list that wakes whoever waits for a job
}
RETENTION: Retention = MappingProxyType(_KINDS)  # as it is where nobody says otherwise (STORAGE_KEEP_DAYS)
# Those of the above that are plain: key rotation leaves them.
PLAIN = frozenset(
    {"owner", "failures", "consent", "topic", "thread", "pairs", "happened", "exported", "asked", "reply"}
)


def customer(chat: int, what: str, name: str | int = "") -> str:
    """``customer(42, "photo", "ab12")`` → ``c:42:photo:ab12``. Raises KeyError for a kind that RETENTION lacks."""
    RETENTION[what]
    return f"c:{chat}:{what}:{name}" if name != "" else f"c:{chat}:{what}"


def customer_of(key: str) -> int:
    """The id in a customer's key: ``customer_of("c:42:history")`` → 42. Raises ValueError for any other key."""
    head, chat, *_ = key.split(":")
    if head != "c":
        raise ValueError(f"{key!r} is not a customer's key")
    return int(chat)


WORDS = (
    "history",
    "report",
    "photos",
    "case",
    "pairs",
    "stretch",
    "intake",
)  # what an operator may keep shorter or longer


def retention(days: int) -> Retention:
    """RETENTION, but with what customers wrote and showed kept for so many days. A case holds words that are older than
    itself, so it goes so much earlier."""
    words = {**RETENTION, **dict.fromkeys(WORDS, days * DAY)}
    return MappingProxyType(words | {"case": days * DAY - lately(words)})


def lately(of: Retention = RETENTION) -> int:
    """Seconds back that the words reach which a hand-over takes into its case."""
    return min(DAY, seconds("history", of) // 2)


def seconds(what: str, of: Retention = RETENTION) -> int:
    """How long a kind is kept, for those that are not kept until deleted."""
    kept = of[what]
    assert kept is not None
    return kept


def everything_of(chat: int) -> str:
    """A SCAN pattern for all that is kept about one customer."""
    return f"c:{chat}:*"


# -- the house's; ids and keys only ------------------------------------------------------------------------------
# Of an entry of inbox and outbox: the queue it waits in. The stored name is the older word: streams outlive a release.
QUEUE = "lane"
INBOX = "inbox"  # stream: {key, chat, QUEUE}
INBOX_TRIES = "inbox:tries"  # plain hash: an entry's id → how often the work on it was begun; until it ends
INBOX_SEEN = "inbox:seen"  # sorted set update_id → time: an update is written once
INBOX_DEAD = "inbox:dead"  # stream: updates that failed for good
OUTBOX = "outbox"  # stream: {key, chat, QUEUE}
OUTBOX_DEAD = "outbox:dead"
EVENTS = "events"  # stream: {who, what, at, ...}; who is a random name that only c:{id}:owner knows. 400 days
EVENTS_SORTED = "events:sorted"  # plain string, until deleted: each customer's own events stand in c:{id}:happened, too
BANNED = "banned"  # plain set of keyed hashes: who is banned and had themselves forgotten
TOPICS = "topics"  # plain hash "group:thread" → customer id; a field until its topic is gone or its customer forgotten
CLOCK = "clock"  # sorted set "what:customer id" → when it is due
GROUP_MOVED = "group:moved"  # plain hash: an upgraded group's old id → new id; until deleted
GROUP_SENT = "group:sent:{}"  # plain list, a minute: when the group of that id was sent its last messages
GROUP_HINT = "group:hint"  # plain string, minutes: agents were told where to write
LEASE = "lease"  # plain string, seconds: which bot works on this store (lease.py)
TENANT = "tenant"  # plain string, until deleted: the Telegram id of the bot whose store this is
REWRITE = "rewrite"  # plain hash {wanted, done}: what was deleted must leave the append-only file (upkeep.py)
VISION_MODEL = "vision:model"  # plain string, until overwritten: identity of the checkpoint that the newest worker runs
VISION_JOBS = "jobs:vision"  # stream: {id, input, result, reply, expires}; ":dead" and ":alive" beside it
VISION_DEAD = f"{VISION_JOBS}:dead"


class Queue(NamedTuple):
    stream: str
    dead: str  # what was given up
    replays: bool  # a photo's bytes are deleted when its job is given up: it cannot be tried again


QUEUES = {
    "inbox": Queue(INBOX, INBOX_DEAD, replays=True),
    "outbox": Queue(OUTBOX, OUTBOX_DEAD, replays=True),
    "photos": Queue(VISION_JOBS, VISION_DEAD, replays=False),
}
