from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ResponseError, WatchError

from storage.commit import watch
from storage.redis import StorageError, connect
from storage.server import EmbeddedServer

Reply = Callable[[bytes], bytes | None]


@asynccontextmanager
async def scripted(reply: Reply) -> AsyncIterator[str]:
    """A server of ours that answers each command with ``reply(line)`` and hangs up at None. Yields its URL."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while command := await reader.read(4096):
            if (answer := reply(command.upper())) is None:
                break
            writer.write(answer * max(1, command.count(b"SETINFO")))
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"redis://user:hunter2@127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


def info(version: str) -> bytes:
    body = f"# Server\r\nredis_version:{version}\r\n"
    return f"${len(body)}\r\n{body}\r\n".encode()


async def test_replies_are_bytes_and_several_tasks_can_block(redis_server: EmbeddedServer) -> None:
    client = await connect(redis_server.url)
    waiting = [asyncio.create_task(client.blpop([f"list{n}"], timeout=5)) for n in range(20)]
    await asyncio.sleep(0.05)
    for n in range(20):
        await client.rpush(f"list{n}", "x")

    assert await asyncio.gather(*waiting) == [(b"list%d" % n, b"x") for n in range(20)]
    await client.aclose()


async def test_past_the_limit_a_task_waits_in_line(redis_server: EmbeddedServer) -> None:
    client = await connect(redis_server.url, connections=1)
    blocked = asyncio.create_task(client.blpop(["nothing"], timeout=0.1))
    await asyncio.sleep(0.01)

    assert await client.ping()
    await blocked
    await client.aclose()


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere/redis.sock", "http://x", "redis://x:y"])
async def test_nobody_there_is_said_with_what_to_do(url: str) -> None:
    with pytest.raises(StorageError, match=r"cannot be used: .+ correct STORAGE_REDIS_URL"):
        await connect(url)


async def test_an_old_server_is_refused() -> None:
    async with scripted(lambda line: info("6.0.16") if b"INFO\r\n$6" in line else b"+OK\r\n") as url:
        with pytest.raises(StorageError, match=r"is 6\.0\.16; 6\.2 or newer") as error:
            await connect(url)
    assert "hunter2" not in str(error.value)


async def test_a_wrong_password_is_said_and_not_shown() -> None:
    async with scripted(lambda _: b"-WRONGPASS invalid username-password pair\r\n") as url:
        with pytest.raises(StorageError, match="refused the user name or password") as error:
            await connect(url)
    assert "hunter2" not in str(error.value)


async def test_a_command_whose_answer_was_lost_is_not_sent_twice() -> None:
    sent = []

    def reply(command: bytes) -> bytes | None:
        if b"INCR" in command:
            sent.append(command)
            return None
        return info("7.0.15") if b"INFO\r\n$6" in command else b"+OK\r\n"

    async with scripted(reply) as url:
        client: Redis = await connect(url)
        with pytest.raises(LostConnection):
            await client.incr("n")
        await client.aclose()
    assert len(sent) == 1


async def test_what_is_watched_is_read_with_it_and_nobody_gets_anothers_answer(redis: Redis) -> None:
    await redis.hset("owner", "state", "bot")
    await redis.set("words", "hello")
    async with redis.pipeline(transaction=True) as pipe:
        assert await watch(pipe, ["owner", "words"], ("HGETALL", "owner"), ("EXISTS", "words")) == [
            {b"state": b"bot"},
            1,
        ]
        await redis.set("words", "changed")
        pipe.multi()
        pipe.set("words", "lost")
        with pytest.raises(WatchError):
            await pipe.execute()
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        async with redis.pipeline(transaction=True) as pipe:
            await watch(pipe, ["words"], ("HGETALL", "words"), ("EXISTS", "words"))
    assert await redis.get("words") == b"changed"
