"""What a person's app does before Telegram sees anything: photos or files, albums, captions, names for newcomers."""

from playground.entities import Formatted, utf16, with_found
from playground.files import Upload
from playground.pictures import NotAPhotoError
from playground.state import StoredMessage, StoredUser
from playground.telegram import CAPTION_LIMIT, TEXT_LIMIT, Json
from playground.world import CUSTOMER, World

_FIRST_CUSTOMER_ID = 42
_NAMES = ("Ana", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena")
_ALBUM = 10


class People:
    """Sends for customers and agents."""

    def __init__(self, world: World) -> None:
        self._world = world

    def settle(self) -> None:
        """A playground begins with one customer and one agent."""
        if not self._world.state.users(CUSTOMER):
            self.new_customer("", _FIRST_CUSTOMER_ID)
        self._world.add_agent("Kim")

    def new_customer(self, name: str = "", user_id: int = 0) -> StoredUser:
        """Somebody who has not written yet."""
        customers = self._world.state.users(CUSTOMER)
        free = max([_FIRST_CUSTOMER_ID - 1, *(customer.id for customer in customers)]) + 1
        return self._world.add_customer(user_id or free, name or self.free_name())

    def free_name(self) -> str:
        """What the next customer is called."""
        return _NAMES[len(self._world.state.users(CUSTOMER)) % len(_NAMES)]

    async def send(
        self,
        user: StoredUser,
        chat_id: int,
        text: str,
        uploads: list[Upload],
        *,
        as_files: bool = False,
        reply_to: int | None = None,
        thread: int = 0,
    ) -> list[StoredMessage]:
        """One message, or an album. Raises NotAPhotoError with the names of what cannot be sent as a photo."""
        self._belongs(user, chat_id)
        if not uploads:
            return [self.say(user, chat_id, text, reply_to=reply_to, thread=thread)]
        if len(uploads) > _ALBUM:
            raise ValueError(f"at most {_ALBUM} at once")
        contents = [await self._attached(upload, as_files=as_files) for upload in uploads]
        refused = [upload.name or "picture" for upload, content in zip(uploads, contents, strict=True) if not content]
        if refused:
            raise NotAPhotoError(refused)
        return self.post_album(user, chat_id, contents, text, reply_to=reply_to, thread=thread)

    def say(
        self, user: StoredUser, chat_id: int, text: str, *, reply_to: int | None = None, thread: int = 0
    ) -> StoredMessage:
        """A text."""
        self._open(chat_id, thread)
        content = written(text, "text", "entities", TEXT_LIMIT)
        return self._world.post(user, chat_id, content, reply_to=reply_to, thread=thread)

    def give(
        self, user: StoredUser, chat_id: int, content: Json, *, reply_to: int | None = None, thread: int = 0
    ) -> StoredMessage:
        """What is neither text nor file: a place, a contact, a recording, a poll."""
        self._belongs(user, chat_id)
        self._open(chat_id, thread)
        return self._world.post(user, chat_id, content, reply_to=reply_to, thread=thread)

    def _belongs(self, user: StoredUser, chat_id: int) -> None:
        group = self._world.group_id
        if chat_id not in (group, user.id) or (chat_id == group) == (user.role == CUSTOMER):
            raise ValueError("this person is not in that chat")

    def _open(self, chat_id: int, thread: int) -> None:
        topic = self._world.state.topic(chat_id, thread) if thread else None
        if thread and (topic is None or topic.closed):
            raise ValueError("this topic is closed: open it again first" if topic else "this topic was deleted")

    def post_album(
        self,
        user: StoredUser,
        chat_id: int,
        contents: list[Json],
        caption: str = "",
        *,
        reply_to: int | None = None,
        thread: int = 0,
    ) -> list[StoredMessage]:
        """Photos or files; several share a media_group_id, and the first carries the caption. One update each."""
        self._open(chat_id, thread)
        shared = {"media_group_id": self._world.new_album()} if len(contents) > 1 else {}
        words = written(caption, "caption", "caption_entities", CAPTION_LIMIT) if caption.strip() else {}
        return [
            self._world.post(
                user, chat_id, content | shared | (words if first else {}), reply_to=reply_to, thread=thread
            )
            for first, content in ((number == 0, content) for number, content in enumerate(contents))
        ]

    def edit(self, user: StoredUser, message: StoredMessage, text: str) -> StoredMessage:
        """Another text or caption for an own message."""
        if "text" in message.body:
            return self._world.edit_own(user, message, written(text, "text", "entities", TEXT_LIMIT))
        return self._world.edit_own(user, message, written(text, "caption", "caption_entities", CAPTION_LIMIT))

    async def _attached(self, upload: Upload, *, as_files: bool) -> Json:
        if as_files:
            return {"document": self._world.shelf.add_document(upload)}
        if upload.mime.startswith("video/"):
            return self._world.shelf.add_video(upload)
        if upload.mime == "image/gif":  # what Telegram's own clients make of one
            return self._world.shelf.add_video(upload, "animation")
        if upload.mime.startswith("audio/"):
            return self._world.shelf.add_sound(upload, "audio")
        try:
            return {"photo": await self._world.shelf.add_photo(upload.data)}
        except NotAPhotoError:
            return {}


def written(text: str, name: str, entities_name: str, limit: int) -> Json:
    """What a person typed, with the links and commands that Telegram finds in it."""
    text = text.strip()
    if not text:
        raise ValueError("write something first")
    if utf16(text) > limit:
        raise ValueError(f"at most {limit} characters fit into one message")
    return with_found(Formatted(text)).under(name, entities_name)
