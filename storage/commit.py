"""What happens together or not at all: commands that are written down first and sent as one MULTI.

Whoever has something to say, to keep or to change adds it to a ``Commit``. Nothing is sent by that, so the order of the
code is the order of the thoughts, and a commit that is not wanted any more is thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

Value = str | bytes | int | float


class Commit:
    """The commands that this project writes with, named and called as in redis-py."""

    def __init__(self) -> None:
        self._commands: list[tuple[str, tuple[object, ...], dict[str, object]]] = []

    def __len__(self) -> int:
        return len(self._commands)

    def _add(self, name: str, *arguments: object, **more: object) -> None:
        self._commands.append((name, arguments, more))

    def add(self, other: Commit) -> None:
        """The commands of ``other``, behind these."""
        self._commands += other._commands

    def queue_on(self, pipe: object) -> None:
        """Put all commands on ``pipe``, a redis-py pipeline in MULTI."""
        for name, arguments, more in self._commands:
            getattr(pipe, name)(*arguments, **more)

    def set(self, key: str, value: Value, *, ex: int | None = None) -> None:
        """``ex`` in seconds."""
        self._add("set", key, value, ex=ex)

    def incr(self, key: str) -> None:
        self._add("incr", key)

    def delete(self, *keys: str) -> None:
        self._add("delete", *keys)

    def expire(self, key: str, seconds: int) -> None:
        self._add("expire", key, seconds)

    def rpush(self, key: str, *values: Value) -> None:
        self._add("rpush", key, *values)

    def ltrim(self, key: str, start: int, end: int) -> None:
        self._add("ltrim", key, start, end)

    def hset(
        self, key: str, field: str | None = None, value: Value | None = None, **more: Mapping[str, object]
    ) -> None:
        """One ``field``, or ``mapping={…}``."""
        self._add("hset", key, field, value, **more)

    def hsetnx(self, key: str, field: str, value: Value) -> None:
        self._add("hsetnx", key, field, value)

    def hincrby(self, key: str, field: str, by: int) -> None:
        self._add("hincrby", key, field, by)

    def hdel(self, key: str, *fields: str) -> None:
        self._add("hdel", key, *fields)

    def sadd(self, key: str, *members: str) -> None:
        self._add("sadd", key, *members)

    def srem(self, key: str, *members: str) -> None:
        self._add("srem", key, *members)

    def zadd(self, key: str, scores: Mapping[str, float], *, nx: bool = False) -> None:
        self._add("zadd", key, scores, nx=nx)

    def zremrangebyscore(self, key: str, least: float, most: float) -> None:
        self._add("zremrangebyscore", key, least, most)

    def zrem(self, key: str, *members: str) -> None:
        self._add("zrem", key, *members)

    def xadd(
        self,
        key: str,
        fields: Mapping[str, object],
        *,
        maxlen: int | None = None,
        minid: str | None = None,
        approximate: bool = True,
    ) -> None:
        self._add("xadd", key, fields, maxlen=maxlen, minid=minid, approximate=approximate)

    def xack(self, key: str, group: str, entry: bytes) -> None:
        self._add("xack", key, group, entry)

    def xdel(self, key: str, entry: bytes | str) -> None:
        self._add("xdel", key, entry)


async def execute(redis: Redis, commit: Commit) -> None:
    """All of ``commit`` in one MULTI."""
    async with redis.pipeline(transaction=True) as pipe:
        commit.queue_on(pipe)
        await pipe.execute()


async def watch(pipe: Pipeline, keys: Sequence[str], *reads: tuple[str, str]) -> list[Any]:
    """WATCH ``keys`` on ``pipe``, a new one, and read: what each of ``reads``, (command, key), is answered. All is sent
    together: with redis-py's own ``watch`` each command waits for the answer to the one before."""
    connection = pipe.connection = await pipe.connection_pool.get_connection()  # type: ignore[no-untyped-call]
    try:
        await connection.send_packed_command(connection.pack_commands([("WATCH", *keys), *reads]))
        return [await pipe.parse_response(connection, name) for name in ("WATCH", *(name for name, _ in reads))][1:]
    except BaseException:
        await connection.disconnect()  # an answer that nobody has read would be the next one's
        raise
