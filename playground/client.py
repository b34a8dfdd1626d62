"""A playground inside a test or a program: start it, be its customers and its agents."""

import asyncio
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from playground.faults import Fault, Flood
from playground.files import Upload
from playground.reading import Button, CallbackAnswer, Message
from playground.server import DEFAULT_TOKEN, Options, Server
from playground.state import StoredMessage, StoredUser
from playground.telegram import Json

Wanted = str | Callable[[Message], bool] | None


class Chat:
    """A chat with a reading position: every wait goes on where the last one ended, and without a ``timeout`` of its own
    takes at most the playground's ``patience``."""

    def __init__(self, server: Server, chat_id: int, thread: int | None = None) -> None:
        """``thread``: only what stands in that topic; None: everything."""
        self.id = chat_id
        self.thread = thread
        self._server = server
        self._world = server.world
        self._patience = server.patience
        self._read = server.world.state.revision()
        self._seen: set[int] = set()

    def messages(self) -> list[Message]:
        """Everything in the chat, oldest first."""
        everything = (Message(stored.body, self._world) for stored in self._world.state.history(self.id, 10_000))
        return [message for message in everything if self.thread in (None, message.thread)]

    @property
    def typing(self) -> bool:
        """Whether the bot is shown as typing."""
        return self._world.is_typing(self.id)

    async def wait_for_message(self, wanted: Wanted = None, *, timeout: float | None = None) -> Message:  # noqa: ASYNC109
        """The bot's next new message: any, one that contains a text, or one that a function accepts. Those before it
        count as read."""
        return await self._wait(lambda m: m.id not in self._seen and _matches(m, wanted), wanted, timeout)

    async def wait_for_edit(self, message: Message, wanted: Wanted = None, *, timeout: float | None = None) -> Message:  # noqa: ASYNC109
        """The message after the bot changed it; at once when it has changed already."""
        stored = self._world.state.message(self.id, message.id)
        changed = Message(stored.body, self._world) if stored else message
        if changed.raw != message.raw and changed.edited and _matches(changed, wanted):
            return changed
        return await self._wait(lambda m: m.id == message.id and m.edited and _matches(m, wanted), wanted, timeout)

    async def expect_silence(self, seconds: float = 0.3) -> None:
        """Fails when the bot says something new."""
        try:
            message = await self.wait_for_message(timeout=seconds)
        except TimeoutError:
            return
        raise AssertionError(f"the bot should have been silent and said: {message.text!r}")

    async def _wait(self, accept: Callable[[Message], bool], wanted: Wanted, timeout: float | None) -> Message:  # noqa: ASYNC109
        passed: list[str] = []
        patience = self._patience if timeout is None else timeout
        with self._world.hub.subscribe() as queue:
            try:
                async with asyncio.timeout(patience):
                    while True:
                        found = self._next(accept, passed)
                        if found is not None:
                            return found
                        if await queue.get() is None:
                            raise ConnectionResetError("the playground was stopped")
            except TimeoutError:
                what = f"matching {wanted!r} " if isinstance(wanted, str) else ""
                raise TimeoutError(f"no message {what}from the bot in {patience} s; it said {passed}") from None

    def _next(self, accept: Callable[[Message], bool], passed: list[str]) -> Message | None:
        while changes := self._world.state.changed_since(self._read):
            for stored in changes:
                self._read = stored.revision
                message = Message(stored.body, self._world)
                if stored.chat_id != self.id or not message.from_bot or stored.deleted or message.service:
                    continue
                if self.thread not in (None, message.thread):
                    continue
                accepted = accept(message)
                self._seen.add(message.id)
                if accepted:
                    return message
                passed.append(message.text)
        return None


class Person(Chat):
    """Somebody in a chat: a customer in the private chat with the bot, or an agent in the group."""

    def __init__(self, server: Server, user: StoredUser, chat_id: int, thread: int | None = None) -> None:
        super().__init__(server, chat_id, thread)
        self.user_id = user.id
        self.name = str(user.body["first_name"])

    async def say(self, text: str, *, reply_to: Message | None = None) -> Message:
        """Writes a text."""
        sent = self._server.people.say(self._user, self.id, text, reply_to=_id(reply_to), thread=self.thread or 0)
        return self._message(sent)

    async def send_photo(
        self, data: bytes, caption: str = "", *, raw: bool = False, reply_to: Message | None = None
    ) -> Message:
        """Sends a picture as a photo, re-encoded as Telegram does. `raw` delivers the bytes as they are, which no
        Telegram app would: for testing what the bot does with a broken photo."""
        if raw:
            content: Json = {"photo": self._world.shelf.add_raw_photo(data)}
            return self._post([content], caption, reply_to)[0]
        return (await self.send_album([data], caption, reply_to=reply_to))[0]

    async def send_album(
        self, pictures: list[bytes], caption: str = "", *, reply_to: Message | None = None
    ) -> list[Message]:
        """Sends several photos at once: one media_group_id, separate updates."""
        return await self._send([Upload(data) for data in pictures], caption, reply_to, as_files=False)

    async def send_media(
        self, media: list[tuple[bytes, str]], caption: str = "", *, reply_to: Message | None = None
    ) -> list[Message]:
        """Photos and videos as one album: (bytes, MIME type) of each."""
        uploads = [Upload(data, f"file{number}", mime) for number, (data, mime) in enumerate(media)]
        return await self._send(uploads, caption, reply_to, as_files=False)

    async def send_video(
        self,
        data: bytes,
        caption: str = "",
        *,
        kind: str = "video",
        mime: str = "video/mp4",
        reply_to: Message | None = None,
    ) -> Message:
        """Sends a video as it is; ``kind`` is one of playground.files.MOVING."""
        content = self._world.shelf.add_video(Upload(data, f"{kind}.mp4", mime), kind)
        return self._post([content], caption, reply_to)[0]

    async def send_document(
        self,
        data: bytes,
        name: str = "file.bin",
        mime: str = "application/octet-stream",
        caption: str = "",
        *,
        reply_to: Message | None = None,
    ) -> Message:
        """Sends a file as it is."""
        return (await self._send([Upload(data, name, mime)], caption, reply_to, as_files=True))[0]

    async def edit(self, message: Message, text: str) -> Message:
        """Changes the text or the caption of an own message."""
        return self._message(self._server.people.edit(self._user, self._stored(message), text))

    async def press(self, button: str | Button, message: Message | None = None) -> str:
        """Presses an inline button, by its text on the newest message that has it; returns the query's id."""
        text = button if isinstance(button, str) else button.text
        candidates = [message] if message is not None else self.messages()[::-1]
        for candidate in candidates:
            stored = self._stored(candidate)
            for one in Message(stored.body, self._world).buttons:
                if one.text == text and (isinstance(button, str) or one == button):
                    return self._world.press(self._user, stored, one.data)
        raise LookupError(f"there is no button {text!r}")

    async def wait_for_answer(self, query_id: str, *, timeout: float | None = None) -> CallbackAnswer:  # noqa: ASYNC109
        """What the bot answers to a pressed button."""
        with self._world.hub.subscribe() as queue:
            async with asyncio.timeout(self._patience if timeout is None else timeout):
                while True:
                    found = self._world.state.callback(query_id)
                    if found and found[2] is not None:
                        return CallbackAnswer(found[2]["text"], found[2]["show_alert"])
                    await queue.get()

    async def block_bot(self) -> None:
        """Blocks the bot; it is told by my_chat_member and may not write any more."""
        self._world.block(self._user, blocked=True)

    async def unblock_bot(self) -> None:
        """Lets the bot back in; so does writing to it."""
        self._world.block(self._user, blocked=False)

    @property
    def _user(self) -> StoredUser:
        return self._world.person(self.user_id)

    def _stored(self, message: Message) -> StoredMessage:
        stored = self._world.state.message(self.id, message.id)
        if stored is None:
            raise LookupError(f"message {message.id} is not in this chat any more")
        return stored

    async def _send(
        self, uploads: list[Upload], caption: str, reply_to: Message | None, *, as_files: bool
    ) -> list[Message]:
        sent = await self._server.people.send(
            self._user,
            self.id,
            caption,
            uploads,
            as_files=as_files,
            reply_to=_id(reply_to),
            thread=self.thread or 0,
        )
        return [self._message(stored) for stored in sent]

    def _post(self, contents: list[Json], caption: str, reply_to: Message | None) -> list[Message]:
        sent = self._server.people.post_album(
            self._user, self.id, contents, caption, reply_to=_id(reply_to), thread=self.thread or 0
        )
        return [self._message(stored) for stored in sent]

    def _message(self, stored: StoredMessage) -> Message:
        return Message(stored.body, self._world)


class Group(Chat):
    """The agents' group, with all its topics."""

    def agent(self, name: str) -> Person:
        """An agent, made on first use; writes in General."""
        return Person(self._server, self._world.add_agent(name), self.id)

    def topics(self) -> list["Topic"]:
        """Its topics, oldest first."""
        return [Topic(self._server, self.id, one.thread_id) for one in self._world.state.topics(self.id)]

    async def wait_for_topic(self, name: str = "", *, timeout: float | None = None) -> "Topic":  # noqa: ASYNC109
        """The newest topic whose name contains ``name``, as soon as there is one. It is read from its beginning."""
        with self._world.hub.subscribe() as queue:
            async with asyncio.timeout(self._patience if timeout is None else timeout):
                while True:
                    for topic in self.topics()[::-1]:
                        if name in topic.name:
                            return topic
                    await queue.get()


class Topic(Chat):
    """One topic of the group."""

    def __init__(self, server: Server, chat_id: int, thread: int) -> None:
        super().__init__(server, chat_id, thread)
        self._read = 0

    @property
    def name(self) -> str:
        """Its title; "" when it is gone."""
        topic = self._world.state.topic(self.id, self.thread or 0)
        return topic.name if topic else ""

    @property
    def closed(self) -> bool:
        """Whether only administrators can write."""
        topic = self._world.state.topic(self.id, self.thread or 0)
        return topic is not None and topic.closed

    def agent(self, name: str) -> Person:
        """An agent who writes in this topic."""
        return Person(self._server, self._world.add_agent(name), self.id, self.thread)

    def pinned(self) -> list[Message]:
        """What is pinned here, oldest first."""
        state = self._world.state
        found = [state.message(self.id, number) for thread, number in state.pins(self.id) if thread == self.thread]
        return [Message(stored.body, self._world) for stored in found if stored]

    def close(self, agent: str) -> None:
        """An agent closes it by hand."""
        self._change(agent, closed=True)

    def reopen(self, agent: str) -> None:
        """An agent opens it again by hand."""
        self._change(agent, closed=False)

    def delete(self) -> None:
        """Somebody deletes it; the bot is told nothing."""
        topic = self._world.state.topic(self.id, self.thread or 0)
        if topic is None:
            raise LookupError("this topic is gone already")
        self._world.delete_topic(topic)

    def _change(self, agent: str, *, closed: bool) -> None:
        topic = self._world.state.topic(self.id, self.thread or 0)
        if topic is None:
            raise LookupError("this topic is gone")
        self._world.change_topic(self._world.add_agent(agent).body, topic, closed=closed)


class Playground:
    """`async with Playground() as p:` a local Telegram on a free port; `p.url` is its address.

    With `data` it keeps everything there and another Playground goes on with it; without, all is forgotten.
    `patience`: seconds that a wait for the bot takes at most, where it is not told otherwise."""

    def __init__(
        self,
        data: Path | None = None,
        *,
        token: str = DEFAULT_TOKEN,
        port: int = 0,
        group_title: str = "Agents",
        flood: bool = False,
        forum: bool = True,
        patience: float = 5.0,
    ) -> None:
        self.token = token
        self.url = ""
        self._data = data
        self._options = partial(
            Options, token=token, port=port, group_title=group_title, flood=flood, forum=forum, patience=patience
        )
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._running: Server | None = None

    async def __aenter__(self) -> Self:
        if self._data is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="playground-")
        folder = self._data or Path(self._temporary.name if self._temporary else ".")
        self._running = Server(self._options(folder))
        self.url = await self._running.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.stop()
        self._running = None
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def server(self) -> Server:
        """The running parts."""
        if self._running is None:
            raise RuntimeError("use it as: async with Playground() as p")
        return self._running

    def customer(self, user_id: int = 42, name: str = "", *, username: str = "", language: str = "en") -> Person:
        """A customer, made on first use. The bot cannot write to them before they wrote."""
        known = self.server.world.state.user(user_id)
        if known is not None and not (name or username):
            return Person(self.server, known, user_id)
        name = name or self.server.people.free_name()
        user = self.server.world.add_customer(user_id, name, username=username, language=language)
        return Person(self.server, user, user_id)

    @property
    def group(self) -> Group:
        """The agents' group, read from now on: keep it to wait for several messages."""
        return Group(self.server, self.server.world.group_id)

    def migrate(self) -> int:
        """An administrator upgrades the group: it goes on under another id, without its topics. Returns that id."""
        return self.server.world.migrate(self.server.world.add_agent("Kim"))

    def fail(self, fault: Fault) -> None:
        """The next matching call of the bot fails."""
        self.server.faults.add(fault)

    @property
    def flood(self) -> Flood:
        """Telegram's sending limits; `.on` switches them."""
        return self.server.flood


def _matches(message: Message, wanted: Wanted) -> bool:
    if wanted is None:
        return True
    return wanted in message.text if isinstance(wanted, str) else wanted(message)


def _id(message: Message | None) -> int | None:
    return message.id if message is not None else None
