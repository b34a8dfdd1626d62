"""Votes and reactions, in the playground's one SQLite file."""

import json
import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS polls(id TEXT PRIMARY KEY, chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS votes(poll_id TEXT, user_id INTEGER, options TEXT NOT NULL, PRIMARY KEY(poll_id, user_id));
CREATE TABLE IF NOT EXISTS reactions(chat_id INTEGER, message_id INTEGER, user_id INTEGER, emoji TEXT NOT NULL,
    PRIMARY KEY(chat_id, message_id, user_id));
"""


class Opinions:
    """Who chose what. Like `State`: small local transactions on the event loop's thread."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def save_poll(self, poll_id: str, chat_id: int, message_id: int) -> None:
        """Where a poll stands."""
        self._db.execute("INSERT OR REPLACE INTO polls VALUES(?, ?, ?)", (poll_id, chat_id, message_id))

    def where(self, poll_id: str) -> tuple[int, int] | None:
        """(chat, message) of a poll."""
        row = self._db.execute("SELECT chat_id, message_id FROM polls WHERE id = ?", (poll_id,)).fetchone()
        return (int(row[0]), int(row[1])) if row else None

    def vote(self, poll_id: str, user_id: int, options: list[int]) -> None:
        """Somebody's choice; none takes it back."""
        if options:
            values = (poll_id, user_id, json.dumps(options))
            self._db.execute("INSERT OR REPLACE INTO votes VALUES(?, ?, ?)", values)
        else:
            self._db.execute("DELETE FROM votes WHERE poll_id = ? AND user_id = ?", (poll_id, user_id))

    def votes(self, poll_id: str) -> dict[int, list[int]]:
        """What each person chose: user → options."""
        rows = self._db.execute("SELECT user_id, options FROM votes WHERE poll_id = ?", (poll_id,)).fetchall()
        return {int(user): json.loads(options) for user, options in rows}

    def react(self, chat_id: int, message_id: int, user_id: int, emoji: list[str]) -> None:
        """Somebody's reactions to a message; none takes them back."""
        values = (chat_id, message_id, user_id, json.dumps(emoji))
        self._db.execute("INSERT OR REPLACE INTO reactions VALUES(?, ?, ?, ?)", values)

    def reactions(self, chat_id: int, message_id: int) -> dict[int, list[str]]:
        """What each person or bot thinks of a message: user → emoji."""
        statement = "SELECT user_id, emoji FROM reactions WHERE chat_id = ? AND message_id = ?"
        rows = self._db.execute(statement, (chat_id, message_id)).fetchall()
        return {int(user): json.loads(emoji) for user, emoji in rows if emoji != "[]"}
