"""A message as its readers see it."""

from dataclasses import dataclass

from playground.files import MOVING, SOUNDS
from playground.telegram import Json
from playground.world import World

_SERVICE = ("forum_topic_", "pinned_message", "migrate_")


@dataclass(frozen=True)
class Button:
    """One inline button."""

    text: str
    data: str
    url: str


@dataclass(frozen=True)
class CallbackAnswer:
    """What the bot answered to a pressed button."""

    text: str
    show_alert: bool


@dataclass(frozen=True)
class Message:
    """A message as its readers see it. `raw` is the Bot API object."""

    raw: Json
    world: World

    @property
    def id(self) -> int:
        """Its number in the chat."""
        return int(self.raw["message_id"])

    @property
    def chat_id(self) -> int:
        """Where it stands."""
        return int(self.raw["chat"]["id"])

    @property
    def text(self) -> str:
        """Text or caption."""
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        """Bold, links and so on, of the text or the caption."""
        return list(self.raw.get("entities") or self.raw.get("caption_entities") or [])

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.raw["from"]["is_bot"])

    @property
    def buttons(self) -> list[Button]:
        """All inline buttons, row by row."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [Button(b["text"], b.get("callback_data", ""), b.get("url", "")) for row in rows for b in row]

    @property
    def reply_to(self) -> int | None:
        """The message it answers; that a topic's messages all answer its first one is no answer."""
        answered = self.raw.get("reply_to_message")
        return int(answered["message_id"]) if answered and "forum_topic_created" not in answered else None

    @property
    def thread(self) -> int:
        """The topic it stands in; 0 is General or no forum."""
        return int(self.raw.get("message_thread_id", 0))

    @property
    def service(self) -> str:
        """What it tells, when nobody wrote it: "forum_topic_created", "pinned_message", ... or ""."""
        return next((name for name in self.raw if name.startswith(_SERVICE)), "")

    @property
    def edited(self) -> bool:
        """Whether it was changed."""
        return "edit_date" in self.raw

    @property
    def media_group_id(self) -> str:
        """The album it belongs to, or ""."""
        return str(self.raw.get("media_group_id", ""))

    def file(self) -> bytes:
        """The bytes of its photo (largest size), video, recording or document."""
        moving = next((self.raw[kind] for kind in (*MOVING, *SOUNDS) if kind in self.raw), None)
        media = self.raw["photo"][-1] if "photo" in self.raw else moving or self.raw["document"]
        file = self.world.shelf.file(file_id=media["file_id"])
        if file is None:
            raise LookupError("this message's file is not on the shelf")
        return self.world.shelf.where(file).read_bytes()
