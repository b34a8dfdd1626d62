"""Telegram's own words: its errors, letter by letter, and the limits it enforces."""

from typing import Any

Json = dict[str, Any]
"""A Bot API object as it travels."""

TEXT_LIMIT = 4096  # UTF-16 units, after entities were parsed
CAPTION_LIMIT = 1024
CALLBACK_DATA_LIMIT = 64  # bytes
DOWNLOAD_LIMIT = 20 * 1024 * 1024  # getFile
PHOTO_UPLOAD_LIMIT = 10 * 1024 * 1024  # sendPhoto by a bot
TYPING_SECONDS = 5.0


class BotApiError(Exception):
    """An error as the Bot API answers it."""

    def __init__(
        self, code: int, description: str, *, retry_after: int | None = None, migrate_to: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to

    def envelope(self) -> Json:
        """The answer's body."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        if self.migrate_to is not None:
            body["parameters"] = {"migrate_to_chat_id": self.migrate_to}
        return body


def bad_request(what: str) -> BotApiError:
    """400, the error a bot meets most."""
    return BotApiError(400, f"Bad Request: {what}")


def migrated(chat_id: int) -> BotApiError:
    """400 with the id under which the group goes on."""
    return BotApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to=chat_id)


def forbidden(what: str) -> BotApiError:
    """403: the other side does not want to hear from the bot."""
    return BotApiError(403, f"Forbidden: {what}")


def too_many_requests(retry_after: int) -> BotApiError:
    """429 with the seconds to wait."""
    return BotApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def not_found() -> BotApiError:
    """404: a token that cannot be one, or a file that is not there."""
    return BotApiError(404, "Not Found")


def no_method(name: str) -> BotApiError:
    """What the playground lacks says so by name. Telegram answers 404 without a word to a method that it does not know;
    clients take that for a wrong token (python-telegram-bot raises InvalidToken)."""
    return bad_request(
        f"the playground has no method {name[:64]}; the token is right (playground/README.md: what is there)"
    )


def conflict() -> BotApiError:
    """409: what the earlier of two pollers is told."""
    return BotApiError(
        409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
