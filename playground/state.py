"""What survives a restart: one SQLite file. Every call is one small local transaction, well under a millisecond, so it
runs on the event loop's thread: that is what keeps updates in order without a lock."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.opinions import SCHEMA as OPINIONS
from playground.opinions import Opinions
from playground.telegram import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users(
    id INTEGER PRIMARY KEY, body TEXT NOT NULL, role TEXT NOT NULL,
    started INTEGER NOT NULL DEFAULT 0, blocked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS chats(id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages(
    chat_id INTEGER, message_id INTEGER, revision INTEGER NOT NULL, body TEXT NOT NULL,
    update_id INTEGER, deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(chat_id, message_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS messages_revision ON messages(revision);
CREATE TABLE IF NOT EXISTS updates(id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files(
    file_id TEXT PRIMARY KEY, file_unique_id TEXT NOT NULL, album TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    mime TEXT NOT NULL, size INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, path TEXT UNIQUE,
    own_jpeg INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS topics(
    chat_id INTEGER, thread_id INTEGER, name TEXT NOT NULL, icon_color INTEGER NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0,    PRIMARY KEY(chat_id, thread_id));
CREATE TABLE IF NOT EXISTS pins(chat_id INTEGER, message_id INTEGER, thread_id INTEGER NOT NULL,
    PRIMARY KEY(chat_id, message_id));
CREATE TABLE IF NOT EXISTS callbacks(
    id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, date INTEGER NOT NULL, answer TEXT);
"""
_FIRST = {"update_id": 100_000_000}  # Telegram's do not begin at 1 either: nobody should rely on it


@dataclass(frozen=True)
class StoredFile:
    """One file as Telegram knows it. `album` names the photo that several sizes belong to."""

    file_id: str
    file_unique_id: str
    album: str
    kind: str
    name: str
    mime: str
    size: int
    width: int
    height: int
    path: str
    own_jpeg: bool


@dataclass(frozen=True)
class StoredMessage:
    """A message and what Telegram knows about it beside its body."""

    body: Json
    revision: int
    update_id: int | None
    deleted: bool

    @property
    def chat_id(self) -> int:
        """Where it stands."""
        return int(self.body["chat"]["id"])

    @property
    def message_id(self) -> int:
        """Its number there."""
        return int(self.body["message_id"])


@dataclass(frozen=True)
class StoredUser:
    """A customer or an agent."""

    body: Json
    role: str
    started: bool
    blocked: bool

    @property
    def id(self) -> int:
        """Also the id of the private chat."""
        return int(self.body["id"])


@dataclass(frozen=True)
class StoredTopic:
    """One topic of a forum. Its thread is the number of the service message that began it."""

    chat_id: int
    thread_id: int
    name: str
    icon_color: int
    closed: bool


class State:
    """The playground's memory."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        # NORMAL with a write-ahead log survives a killed process; only a power cut may lose the last second.
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA + OPINIONS)
        self.opinions = Opinions(self._db)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing. Holds no await."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:  # commits, or rolls back whatever is raised
            yield

    def next(self, counter: str) -> int:
        """The next number of a counter."""
        row = self._db.execute(
            "INSERT INTO counters VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = value + 1 RETURNING value",
            (counter, _FIRST.get(counter, 1)),
        ).fetchone()
        return int(row[0])

    def revision(self) -> int:
        """The number of the newest change."""
        row = self._db.execute("SELECT value FROM counters WHERE name = 'revision'").fetchone()
        return int(row[0]) if row else 0

    def setting(self, name: str) -> str | None:
        """A value that was set, or None."""
        row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def set(self, name: str, value: str) -> None:
        """Keeps a value."""
        self._db.execute("INSERT OR REPLACE INTO settings VALUES(?, ?)", (name, value))

    def users(self, role: str) -> list[StoredUser]:
        """Customers or agents, in the order of their ids."""
        rows = self._db.execute(
            "SELECT body, role, started, blocked FROM users WHERE role = ? ORDER BY rowid", (role,)
        ).fetchall()
        return [StoredUser(json.loads(row[0]), row[1], bool(row[2]), bool(row[3])) for row in rows]

    def user(self, user_id: int) -> StoredUser | None:
        """One person."""
        row = self._db.execute("SELECT body, role, started, blocked FROM users WHERE id = ?", (user_id,)).fetchone()
        return StoredUser(json.loads(row[0]), row[1], bool(row[2]), bool(row[3])) if row else None

    def save_user(self, body: Json, role: str) -> None:
        """Adds a person or renames one."""
        self._db.execute(
            "INSERT INTO users(id, body, role) VALUES(?, ?, ?) ON CONFLICT(id) DO UPDATE SET body = excluded.body",
            (body["id"], json.dumps(body), role),
        )

    def mark_user(self, user_id: int, *, started: bool, blocked: bool) -> None:
        """Whether the bot may write to this customer."""
        self._db.execute("UPDATE users SET started = ?, blocked = ? WHERE id = ?", (started, blocked, user_id))

    def chat(self, chat_id: int) -> Json | None:
        """A chat's body."""
        row = self._db.execute("SELECT body FROM chats WHERE id = ?", (chat_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def save_chat(self, body: Json) -> None:
        """Adds or replaces a chat."""
        self._db.execute("INSERT OR REPLACE INTO chats VALUES(?, ?)", (body["id"], json.dumps(body)))

    def save_message(self, body: Json, *, update_id: int | None = None, deleted: bool = False) -> StoredMessage:
        """Adds or replaces a message under a new revision. A change that queues no update keeps the last one's."""
        message = StoredMessage(body, self.next("revision"), update_id, deleted)
        self._db.execute(
            "INSERT INTO messages VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(chat_id, message_id) DO UPDATE SET "
            "revision = excluded.revision, body = excluded.body, deleted = excluded.deleted, "
            "update_id = coalesce(excluded.update_id, update_id)",
            (message.chat_id, message.message_id, message.revision, json.dumps(body), update_id, deleted),
        )
        return message

    def message(self, chat_id: int, message_id: int) -> StoredMessage | None:
        """One message that is still there."""
        found = self._messages("chat_id = ? AND message_id = ? AND NOT deleted", (chat_id, message_id))
        return found[0] if found else None

    def history(self, chat_id: int, limit: int = 300) -> list[StoredMessage]:
        """A chat's newest messages, oldest first."""
        return self._messages("chat_id = ? AND NOT deleted ORDER BY message_id DESC LIMIT ?", (chat_id, limit))[::-1]

    def changed_since(self, revision: int) -> list[StoredMessage]:
        """Everything new, edited or deleted after a revision, in that order."""
        return self._messages("revision > ? ORDER BY revision LIMIT ?", (revision, 1000))

    def _messages(self, where: str, values: tuple[int, ...]) -> list[StoredMessage]:
        rows = self._db.execute(
            f"SELECT body, revision, update_id, deleted FROM messages WHERE {where}",  # noqa: S608 (our own constants)
            values,
        ).fetchall()
        return [StoredMessage(json.loads(body), revision, update, bool(gone)) for body, revision, update, gone in rows]

    def in_thread(self, chat_id: int, thread_id: int) -> list[StoredMessage]:
        """All that stands in one topic."""
        return self._messages("chat_id = ? AND json_extract(body, '$.message_thread_id') = ? AND NOT deleted",
                              (chat_id, thread_id))  # fmt: skip

    def save_topic(self, topic: StoredTopic) -> None:
        """Adds or changes a topic."""
        values = (topic.chat_id, topic.thread_id, topic.name, topic.icon_color, topic.closed)
        self._db.execute("INSERT OR REPLACE INTO topics VALUES(?, ?, ?, ?, ?)", values)

    def drop_topic(self, chat_id: int, thread_id: int) -> None:
        """A topic is gone, and its pins with it."""
        self._db.execute("DELETE FROM topics WHERE chat_id = ? AND thread_id = ?", (chat_id, thread_id))
        self._db.execute("DELETE FROM pins WHERE chat_id = ? AND thread_id = ?", (chat_id, thread_id))

    def topics(self, chat_id: int) -> list[StoredTopic]:
        """A forum's topics, oldest first."""
        rows = self._db.execute("SELECT * FROM topics WHERE chat_id = ? ORDER BY thread_id", (chat_id,)).fetchall()
        return [StoredTopic(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]

    def topic(self, chat_id: int, thread_id: int) -> StoredTopic | None:
        """One topic that is still there."""
        return next((topic for topic in self.topics(chat_id) if topic.thread_id == thread_id), None)

    def pin(self, chat_id: int, message_id: int, thread_id: int, *, pinned: bool) -> bool:
        """Pins a message or takes it down; False when there was nothing to do."""
        if pinned:
            statement, values = "INSERT OR IGNORE INTO pins VALUES(?, ?, ?)", (chat_id, message_id, thread_id)
        else:
            statement, values = "DELETE FROM pins WHERE chat_id = ? AND message_id = ?", (chat_id, message_id)  # type: ignore[assignment]
        return self._db.execute(statement, values).rowcount > 0

    def pins(self, chat_id: int) -> list[tuple[int, int]]:
        """(thread, message) of everything pinned, oldest first; thread 0 is General."""
        rows = self._db.execute("SELECT thread_id, message_id FROM pins WHERE chat_id = ? ORDER BY rowid", (chat_id,))
        return [(int(thread), int(message)) for thread, message in rows]

    def queue_update(self, kind: str, body: Json) -> int:
        """Adds an update for the bot; returns its id."""
        update_id = self.next("update_id")
        update = json.dumps({"update_id": update_id, kind: body})
        self._db.execute("INSERT INTO updates VALUES(?, ?)", (update_id, update))
        return update_id

    def updates(self, limit: int) -> list[Json]:
        """What the bot has not confirmed, oldest first."""
        rows = self._db.execute("SELECT body FROM updates ORDER BY id LIMIT ?", (limit,)).fetchall()
        return [json.loads(row[0]) for row in rows]

    def confirm_updates(self, offset: int) -> int:
        """Forgets updates before the offset; a negative offset keeps that many of the newest. Returns how many went."""
        if offset < 0:
            where, value = "id NOT IN (SELECT id FROM updates ORDER BY id DESC LIMIT ?)", -offset
        else:
            where, value = "id < ?", offset
        return self._db.execute(f"DELETE FROM updates WHERE {where}", (value,)).rowcount  # noqa: S608

    def pending(self) -> tuple[int, int]:
        """How many updates wait, and the id of the first (or the one to come)."""
        count, first = self._db.execute("SELECT count(*), min(id) FROM updates").fetchone()
        newest = self._db.execute("SELECT value FROM counters WHERE name = 'update_id'").fetchone()
        return int(count), int(first or (newest[0] + 1 if newest else 0))

    def save_file(self, file: StoredFile) -> None:
        """Keeps what is known about a file; its bytes lie on disk under `path`."""
        self._db.execute(
            "INSERT INTO files VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (file.file_id, file.file_unique_id, file.album, file.kind, file.name, file.mime, file.size,
             file.width, file.height, file.path, file.own_jpeg),
        )  # fmt: skip

    def file(self, *, file_id: str = "", path: str = "") -> StoredFile | None:
        """One file, by its id or its path."""
        column, value = ("file_id", file_id) if file_id else ("path", path)
        found = self._files(column, value)
        return found[0] if found else None

    def album(self, album: str) -> list[StoredFile]:
        """All sizes of one photo, smallest first."""
        return self._files("album", album)

    def _files(self, column: str, value: str) -> list[StoredFile]:
        rows = self._db.execute(f"SELECT * FROM files WHERE {column} = ? ORDER BY width", (value,)).fetchall()  # noqa: S608
        return [StoredFile(*row) for row in rows]

    def save_callback(self, query_id: str, user_id: int, date: int) -> None:
        """A button was pressed and waits for its answer."""
        self._db.execute("INSERT INTO callbacks VALUES(?, ?, ?, NULL)", (query_id, user_id, date))

    def callback(self, query_id: str) -> tuple[int, int, Json | None] | None:
        """Who pressed, when, and the answer."""
        row = self._db.execute("SELECT user_id, date, answer FROM callbacks WHERE id = ?", (query_id,)).fetchone()
        return (int(row[0]), int(row[1]), json.loads(row[2]) if row[2] else None) if row else None

    def answer_callback(self, query_id: str, answer: Json) -> None:
        """Keeps the bot's answer to a pressed button."""
        self._db.execute("UPDATE callbacks SET answer = ? WHERE id = ?", (json.dumps(answer), query_id))
