"""A customer or an agent as a test plays them."""

import asyncio

from playground import inline, polls, reactions
from playground.chat import Chat
from playground.files import Upload
from playground.reading import Button, CallbackAnswer, Message
from playground.sending import place
from playground.state import StoredMessage, StoredUser
from playground.telegram import Json
from playground.town import Town


class Person(Chat):
    """Somebody in a chat: a customer in the private chat with the bot, or an agent in the group."""

    def __init__(self, town: Town, user: StoredUser, chat_id: int, thread: int | None = None) -> None:
        super().__init__(town, chat_id, thread)
        self.user_id = user.id
        self.name = str(user.body["first_name"])

    async def say(self, text: str, *, reply_to: Message | None = None) -> Message:
        """Writes a text."""
        sent = self._town.people.say(self._user, self.id, text, reply_to=_id(reply_to), thread=self.thread or 0)
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

    async def send_voice(self, data: bytes, duration: int = 1, *, reply_to: Message | None = None) -> Message:
        """Sends a recording; apps send OGG with Opus."""
        content = self._world.shelf.add_sound(Upload(data, "voice.oga", "audio/ogg"))
        content["voice"]["duration"] = duration
        return self._give(content, reply_to)

    async def send_location(self, latitude: float, longitude: float, *, reply_to: Message | None = None) -> Message:
        """Sends a place."""
        return self._give({"location": place(latitude, longitude)}, reply_to)

    async def send_contact(self, phone_number: str = "", name: str = "", *, reply_to: Message | None = None) -> Message:
        """Shares a contact: one's own when nothing is said, as with the button that asks for it."""
        own = {"user_id": self.user_id} if not (phone_number or name) else {}
        contact = {"phone_number": phone_number or f"+99900{self.user_id}", "first_name": name or self.name}
        return self._give({"contact": contact | own}, reply_to)

    async def send_poll(self, question: str, options: list[str], *, anonymous: bool = False) -> Message:
        """Asks everybody in the chat."""
        return self._give({"poll": polls.made(question, options, anonymous=anonymous)}, None)

    async def send_dice(self, value: int, emoji: str = "🎲") -> Message:
        """Rolls a die, with the luck that the test needs."""
        return self._give({"dice": {"emoji": emoji, "value": value}}, None)

    async def vote(self, message: Message, *answers: str) -> None:
        """Chooses answers of a poll by their text; none takes the vote back."""
        texts = [option["text"] for option in message.raw["poll"]["options"]]
        if missing := [answer for answer in answers if answer not in texts]:
            raise LookupError(f"the poll has no answer {missing[0]!r}")
        polls.choose(self._world, self._user, self._stored(message), [texts.index(answer) for answer in answers])

    async def react(self, message: Message, emoji: str = "") -> None:
        """Puts an emoji under a message, or takes it back; a bot hears of it when it asked for `message_reaction`."""
        reactions.react(self._world, self._user, self._stored(message), emoji)

    async def tap(self, key: str) -> Message:
        """Taps a key of the reply keyboard, by its text."""
        keys = [one for row in self.keyboard for one in row if one["text"] == key]
        if not keys:
            raise LookupError(
                f"there is no key {key!r}; there are {[one['text'] for row in self.keyboard for one in row]}"
            )
        if keys[0].get("request_contact"):
            return await self.send_contact()
        if keys[0].get("request_location"):
            return await self.send_location(48.2082, 16.3738)
        return await self.say(key)

    async def ask_inline(self, query: str) -> str:
        """Types @bot and words; returns the query's id."""
        return inline.ask(self._world, self._user, query)

    async def wait_for_results(self, query_id: str, *, timeout: float | None = None) -> list[Json]:  # noqa: ASYNC109
        """What the bot offers for them."""
        return list((await self._answer(query_id, timeout)).get("results", []))

    async def choose_inline(self, query_id: str, result_id: str) -> Message:
        """Sends one of the results."""
        return self._message(
            inline.send_chosen(self._world, self._user, query_id, result_id, self.id, thread=self.thread or 0)
        )

    async def edit(self, message: Message, text: str) -> Message:
        """Changes the text or the caption of an own message."""
        return self._message(self._town.people.edit(self._user, self._stored(message), text))

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
        answer = await self._answer(query_id, timeout)
        return CallbackAnswer(answer["text"], answer["show_alert"])

    async def _answer(self, query_id: str, timeout: float | None) -> Json:  # noqa: ASYNC109
        with self._world.hub.subscribe() as queue:
            async with asyncio.timeout(self._town.patience if timeout is None else timeout):
                while True:
                    found = self._world.state.callback(query_id)
                    if found and found[2] is not None:
                        return found[2]
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
        sent = await self._town.people.send(
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
        sent = self._town.people.post_album(
            self._user, self.id, contents, caption, reply_to=_id(reply_to), thread=self.thread or 0
        )
        return [self._message(stored) for stored in sent]

    def _give(self, content: Json, reply_to: Message | None) -> Message:
        given = self._town.people.give(self._user, self.id, content, reply_to=_id(reply_to), thread=self.thread or 0)
        return self._message(given)

    def _message(self, stored: StoredMessage) -> Message:
        return Message(stored.body, self._world)


def _id(message: Message | None) -> int | None:
    return message.id if message is not None else None
