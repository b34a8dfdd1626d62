"""Telegram itself, as far as the playground has it: people, chats, messages, and the updates the bot gets of them."""

import json
import secrets
import time
from dataclasses import replace

from playground.courier import Courier
from playground.files import Shelf
from playground.live import Hub, Polls
from playground.state import State, StoredMessage, StoredTopic, StoredUser
from playground.telegram import TYPING_SECONDS, Json, bad_request, forbidden, migrated

GROUP_ID = -1001000000001  # until the group is upgraded: World.group_id is where it is now
FIRST_AGENT_ID = 5_000_001
CUSTOMER, AGENT = "customer", "agent"
# Telegram sends these only to a bot that asks for them.
_ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class World:
    """Everything that can happen, one method each."""

    def __init__(self, state: State, shelf: Shelf, bot: Json, group_title: str, *, forum: bool = True) -> None:
        self.state = state
        self.shelf = shelf
        self.bot = bot
        self.hub = Hub()
        self.polls = Polls()
        self.courier = Courier(state, self.polls.news, self.confirm)
        self.typing: dict[int, tuple[str, float]] = {}
        group: Json = {"id": self.group_id, "type": "supergroup", "title": group_title}
        state.save_chat(group | ({"is_forum": True} if forum else {}))

    @property
    def group_id(self) -> int:
        """The agents' group."""
        return int(self.state.setting("group_id") or GROUP_ID)

    def close(self) -> None:
        """Ends every wait and closes the files."""
        self.hub.close()
        self.polls.close()
        self.state.close()

    # People

    def add_customer(self, user_id: int, name: str, *, username: str = "", language: str = "en") -> StoredUser:
        """A customer with a private chat. The bot may not write to them before they wrote."""
        return self._add_user(user_id, name, CUSTOMER, username=username, language=language)

    def add_agent(self, name: str) -> StoredUser:
        """A member of the agents' group; the same name is the same person."""
        agents = self.state.users(AGENT)
        known = next((agent for agent in agents if agent.body["first_name"] == name), None)
        return known or self._add_user(FIRST_AGENT_ID + len(agents), name, AGENT)

    def _add_user(self, user_id: int, name: str, role: str, *, username: str = "", language: str = "en") -> StoredUser:
        body: Json = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        body |= {"username": username} if username else {}
        chat: Json = {"id": user_id, "type": "private", "first_name": name}
        chat |= {"username": username} if username else {}
        with self.state.atomic():
            self.state.save_user(body, role)
            self.state.save_chat(chat)
        self.hub.publish({"type": "people"})
        return self.person(user_id)

    def person(self, user_id: int) -> StoredUser:
        """A person who must exist."""
        user = self.state.user(user_id)
        if user is None:
            raise LookupError(f"nobody here has the id {user_id}")
        return user

    def block(self, user: StoredUser, *, blocked: bool) -> None:
        """The customer blocks the bot or lets it back in; the bot is told, as on Telegram."""
        if user.blocked == blocked:
            return
        status: dict[bool, Json] = {True: {"status": "kicked", "until_date": 0}, False: {"status": "member"}}
        with self.state.atomic():
            self.state.mark_user(user.id, started=user.started, blocked=blocked)
            change = {"chat": self.state.chat(user.id), "from": user.body, "date": now()}
            members = {
                "old_chat_member": {"user": self.bot} | status[not blocked],
                "new_chat_member": {"user": self.bot} | status[blocked],
            }
            self.tell("my_chat_member", change | members)
        self.hub.publish({"type": "people"})

    # What people do

    def post(
        self, user: StoredUser, chat_id: int, content: Json, *, reply_to: int | None = None, thread: int = 0
    ) -> StoredMessage:
        """A person writes; ``thread`` is the topic, 0 is General or no forum."""
        with self.state.atomic():
            if user.role == CUSTOMER:
                self.block(user, blocked=False)  # who writes to a bot has let it back in
                self.state.mark_user(user.id, started=True, blocked=False)
            message = self.compose(user.body, chat_id, content, reply_to, thread)
            update_id = self.tell("message", message)
            stored = self.state.save_message(message, update_id=update_id)
            self._note_poll(stored)
        return self._published(stored)

    def edit_own(self, user: StoredUser, message: StoredMessage, content: Json) -> StoredMessage:
        """A person edits a message of theirs."""
        if message.body["from"]["id"] != user.id:
            raise LookupError("only the sender can edit a message")
        body = message.body | content | {"edit_date": now()}
        with self.state.atomic():
            update_id = self.tell("edited_message", body)  # its tick waits until the bot has the edit
            stored = self.state.save_message(body, update_id=update_id)
        return self._published(stored)

    def press(self, user: StoredUser, message: StoredMessage, data: str) -> str:
        """A person presses an inline button; returns the query's id."""
        query_id = str(secrets.randbits(62))
        chat_instance = str(abs(message.chat_id) * 7919)
        query = {"id": query_id, "from": user.body, "message": message.body, "chat_instance": chat_instance}
        with self.state.atomic():
            self.state.save_callback(query_id, user.id, now())
            self.tell("callback_query", query | {"data": data})
        return query_id

    # What the bot does

    def open_chat(self, chat_id: int) -> Json:
        """The chat the bot wants to write to, or why it may not."""
        chat = self.state.chat(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        if "migrated_to" in chat:
            raise migrated(chat["migrated_to"])
        user = self.state.user(chat_id)
        if user is not None and not user.started:
            raise forbidden("bot can't initiate conversation with a user")
        if user is not None and user.blocked:
            raise forbidden("bot was blocked by the user")
        return chat

    def check_thread(self, chat: Json, thread_id: int) -> None:
        """Only a topic that is there can be written to. General has no number here: Telegram refuses 1, too."""
        if thread_id and self.state.topic(chat["id"], thread_id) is None:
            raise bad_request("message thread not found")

    def bot_posts(self, chat_id: int, content: Json, *, reply_to: int | None = None, thread: int = 0) -> StoredMessage:
        """The bot writes."""
        with self.state.atomic():
            stored = self.state.save_message(self.compose(self.bot, chat_id, content, reply_to, thread))
            self._note_poll(stored)
        self.typing.pop(chat_id, None)
        return self._published(stored)

    def replace(self, message: StoredMessage, body: Json) -> StoredMessage:
        """A message got another content."""
        return self._published(self.state.save_message(body, update_id=message.update_id))

    def delete(self, message: StoredMessage) -> None:
        """A message is gone for everybody."""
        self._published(self.state.save_message(message.body, update_id=message.update_id, deleted=True))

    def act(self, chat_id: int, action: str) -> None:
        """The bot is typing, for five seconds or until it writes."""
        self.typing[chat_id] = (action, time.monotonic() + TYPING_SECONDS)
        self.hub.publish({"type": "typing", "chat_id": chat_id, "action": action, "seconds": TYPING_SECONDS})

    def is_typing(self, chat_id: int) -> bool:
        """Whether a person would see "typing…" now."""
        return self.typing.get(chat_id, ("", 0.0))[1] > time.monotonic()

    def confirm(self, offset: int) -> None:
        """The bot has these updates."""
        if offset and self.state.confirm_updates(offset):
            self.hub.publish({"type": "confirmed", "before": self.state.pending()[1]})

    def show_keyboard(self, chat_id: int, markup: Json) -> None:
        """Keys in place of the letters, a forced reply, or none of both."""
        shown = "" if markup.get("remove_keyboard") else json.dumps(markup)
        self.state.set(f"keyboard {chat_id}", shown)
        self.hub.publish({"type": "keyboard", "chat_id": chat_id, "keyboard": markup if shown else None})

    def keyboard(self, chat_id: int) -> Json | None:
        """What stands in place of the letters."""
        stored = self.state.setting(f"keyboard {chat_id}")
        return json.loads(stored) if stored else None

    def answer_press(self, query_id: str, answer: Json) -> None:
        """The bot answers a pressed button."""
        found = self.state.callback(query_id)
        if found is None or found[2] is not None or found[1] < now() - 900:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        self.state.answer_callback(query_id, answer)
        self.hub.publish({"type": "answered", "query_id": query_id, "user_id": found[0]} | answer)

    # The forum

    def create_topic(self, by: Json, name: str, icon_color: int) -> StoredTopic:
        """A new topic; its first message says so and gives it its number."""
        created = {"name": name, "icon_color": icon_color}
        with self.state.atomic():
            head = self.compose(by, self.group_id, {})
            thread = int(head["message_id"])
            topic = StoredTopic(self.group_id, thread, name, icon_color, closed=False)
            self.state.save_topic(topic)
            self._service(
                head | {"message_thread_id": thread, "is_topic_message": True, "forum_topic_created": created}
            )
        self.hub.publish({"type": "people"})
        return topic

    def change_topic(self, by: Json, topic: StoredTopic, **changes: object) -> None:
        """Renamed, closed or opened again, with the message that tells it."""
        after = replace(topic, **changes)  # type: ignore[arg-type]
        kind = "edited" if after.closed == topic.closed else "closed" if after.closed else "reopened"
        change: Json = {f"forum_topic_{kind}": {"name": after.name} if kind == "edited" else {}}
        with self.state.atomic():
            self.state.save_topic(after)
            self._service(self.compose(by, topic.chat_id, change, thread=topic.thread_id))
        self.hub.publish({"type": "people"})

    def delete_topic(self, topic: StoredTopic) -> None:
        """It is gone with all that stood in it. Bots are told nothing of it, as on Telegram."""
        with self.state.atomic():
            for message in self.state.in_thread(topic.chat_id, topic.thread_id):
                self.delete(message)
            self.state.drop_topic(topic.chat_id, topic.thread_id)
        self.hub.publish({"type": "people"})

    def pin(self, message: StoredMessage, *, pinned: bool) -> None:
        """Pins one of the bot's messages, with the message that tells it, or takes it down without one."""
        thread = int(message.body.get("message_thread_id", 0))
        if not self.state.pin(message.chat_id, message.message_id, thread, pinned=pinned):
            return
        if pinned:
            shown = {name: value for name, value in message.body.items() if name != "reply_to_message"}
            self._service(self.compose(self.bot, message.chat_id, {"pinned_message": shown}, thread=thread))
        self.hub.publish({"type": "people"})

    def migrate(self, by: StoredUser) -> int:
        """The group becomes another chat, without its topics, as when a plain group is upgraded. Returns its new id."""
        old = self.group_id
        new = old - 1
        with self.state.atomic():
            body = self.state.chat(old) or {}
            for topic in self.state.topics(old):
                self.state.drop_topic(old, topic.thread_id)
            self.state.set("group_id", str(new))
            self.state.save_chat(body | {"id": new})
            self._service(self.compose(by.body, old, {"migrate_to_chat_id": new}))
            self._service(self.compose(by.body, new, {"migrate_from_chat_id": old}))
            self.state.save_chat(body | {"migrated_to": new})
        self.hub.publish({"type": "people"})
        return new

    def _service(self, body: Json) -> StoredMessage:
        """A message that tells what happened. The bot gets none about what it did itself."""
        update_id = None if body["from"]["id"] == self.bot["id"] else self.tell("message", body)
        return self._published(self.state.save_message(body, update_id=update_id))

    # How it is done

    def new_album(self) -> str:
        """A media_group_id."""
        return str(13_000_000_000_000_000 + self.state.next("album"))

    def compose(self, sender: Json, chat_id: int, content: Json, reply_to: int | None = None, thread: int = 0) -> Json:
        """A new message, numbered. In a topic every message answers something: if nothing else, the topic's first."""
        counter = "message:private" if chat_id > 0 else f"message:{chat_id}"
        head: Json = {"message_id": self.state.next(counter), "from": sender}
        head |= {"chat": self.state.chat(chat_id), "date": now()}
        original = self.state.message(chat_id, reply_to) if reply_to else None
        if original is not None and not thread:
            thread = int(original.body.get("message_thread_id", 0))
        if thread:
            head |= {"message_thread_id": thread, "is_topic_message": True}
            original = original or self.state.message(chat_id, thread)
        if original is not None:
            head["reply_to_message"] = {k: v for k, v in original.body.items() if k != "reply_to_message"}
        return head | content

    def tell(self, kind: str, body: Json) -> int | None:
        """An update for the bot, if it asked for that kind; returns its id."""
        asked = (self.state.setting("allowed_updates") or "").split()
        if (kind not in asked) if asked else (kind in _ONLY_WHEN_ASKED):
            return None
        update_id = self.state.queue_update(kind, body)
        self.polls.wake()
        return update_id

    def _note_poll(self, stored: StoredMessage) -> None:
        if "poll" in stored.body:
            self.state.opinions.save_poll(stored.body["poll"]["id"], stored.chat_id, stored.message_id)

    def _published(self, stored: StoredMessage) -> StoredMessage:
        self.hub.publish(self.event(stored))
        return stored

    def event(self, stored: StoredMessage) -> Json:
        """A message as the page and the tests see it: with what people think of it."""
        known = {"revision": stored.revision, "update_id": stored.update_id, "deleted": stored.deleted}
        thought = self.state.opinions.reactions(stored.chat_id, stored.message_id)
        votes = self.state.opinions.votes(stored.body["poll"]["id"]) if "poll" in stored.body else {}
        opinions = {"reactions": thought, "votes": votes}
        return {"type": "message", "chat_id": stored.chat_id, "message": stored.body} | known | opinions


def now() -> int:
    """Telegram's dates are whole seconds."""
    return int(time.time())
