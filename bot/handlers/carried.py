"""How a message is carried to the other side: its words with their marks, else as a line of words, or not at all."""

from __future__ import annotations

from aiogram.enums import ContentType
from aiogram.types import Contact, Location, Message

from bot.marks import Mark
from storage.redact import masked_words

MAP = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=17/{0}/{1}"

# Nobody's bot may copy these, and they say nothing in words.
UNCARRIED = {
    ContentType.STORY, ContentType.PAID_MEDIA, ContentType.GIVEAWAY, ContentType.GIVEAWAY_WINNERS, ContentType.INVOICE,
    ContentType.GAME,
}  # fmt: skip


# Telegram finds addresses, commands and the like by itself. Of a mention it wants to know the person, and an emoji of
# somebody's own may only be sent by those who paid for it.
KEPT = (
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link",
)  # fmt: skip


def marks_of(message: Message) -> tuple[Mark, ...]:
    """Those of its text or caption."""
    found: list[Mark] = []
    for one in message.entities or message.caption_entities or ():
        if one.type not in KEPT or masked_words(one.url or "") != (one.url or ""):  # a number that nobody may see
            continue
        mark: Mark = {"type": one.type, "offset": one.offset, "length": one.length}
        more: Mark = {"url": one.url} if one.url else {"language": one.language} if one.language else {}
        found.append(mark | more)
    return tuple(found)


def in_words(message: Message) -> str:
    """A poll, a contact, a place, a die, a list; "" for whatever is words or a file."""
    if poll := message.poll:
        return "\n".join([f"📊 {poll.question}", *(f"○ {option.text}" for option in poll.options)])
    if tasks := message.checklist:
        return "\n".join([f"☑️ {tasks.title}", *(f"○ {task.text}" for task in tasks.tasks)])
    if venue := message.venue:
        return f"📍 {venue.title}, {venue.address}\n{_place(venue.location)}"
    if message.location:
        return f"📍 {_place(message.location)}"
    if message.contact:
        return f"👤 {_person(message.contact)}"
    return f"{message.dice.emoji} {message.dice.value}" if message.dice else ""


def _place(place: Location) -> str:
    return MAP.format(f"{place.latitude:.5f}", f"{place.longitude:.5f}")


def _person(contact: Contact) -> str:
    names = (contact.first_name, contact.last_name)
    return f"{' '.join(filter(None, names))}, {contact.phone_number}"
