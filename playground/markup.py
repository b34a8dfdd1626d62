"""reply_markup, checked as Telegram checks it."""

from collections.abc import Callable

from playground.params import Params
from playground.telegram import CALLBACK_DATA_LIMIT, Json, bad_request

_ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
            "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")  # fmt: skip
_MOST_BUTTONS = 100
_KINDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")


def read_markup(params: Params) -> Json | None:
    """What hangs under a message or takes the place of the letters: an inline keyboard, a reply keyboard, its removal,
    or a forced reply. None when a call has none."""
    raw = params.json("reply_markup", "reply keyboard markup")
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    kind = next((kind for kind in _KINDS if kind in raw), None)
    if kind == "inline_keyboard":
        keyboard = _rows(raw[kind], kind, _inline_button)
        return {kind: keyboard} if keyboard else None
    if kind == "keyboard":
        keyboard = _rows(raw[kind], kind, _reply_button)
        return raw | {kind: keyboard} if keyboard else None
    return raw if kind else None


def read_inline(params: Params) -> Json | None:
    """The inline keyboard of a call that can have no other: an edit."""
    markup = read_markup(params)
    if markup and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def inline_of(markup: Json | None) -> Json:
    """As a field of a message: messages carry inline keyboards alone."""
    return {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}


def _rows(rows: object, kind: str, button: Callable[[object], Json]) -> list[list[Json]]:
    if not isinstance(rows, list):
        raise bad_request(f'field "{kind}" must be of type Array')
    keyboard = [_row(row, kind, button) for row in rows]
    if sum(len(row) for row in keyboard) > (_MOST_BUTTONS if kind == "inline_keyboard" else 300):
        raise bad_request("reply markup is too long")
    return [row for row in keyboard if row]


def _row(row: object, kind: str, button: Callable[[object], Json]) -> list[Json]:
    if not isinstance(row, list):
        markup = "InlineKeyboardMarkup" if kind == "inline_keyboard" else "ReplyKeyboardMarkup"
        raise bad_request(f'field "{kind}" of the {markup} must be an Array of Arrays')
    return [button(one) for one in row]


def _inline_button(raw: object) -> Json:
    why = "can't parse inline keyboard button: "
    if not isinstance(raw, dict):
        raise bad_request(f"{why}InlineKeyboardButton must be an Object")
    button = _named(raw, why)
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request(f"{why}Text buttons are unallowed in the inline keyboard")
    data, url = button.get("callback_data", "x"), button.get("url", "https://x")
    if not isinstance(data, str) or not 0 < len(data.encode()) <= CALLBACK_DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
    if not isinstance(url, str) or not url.startswith(("https://", "http://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: unsupported URL protocol")
    return button


def _reply_button(raw: object) -> Json:
    why = "can't parse keyboard button: "
    if isinstance(raw, str):
        raw = {"text": raw}
    if not isinstance(raw, dict):
        raise bad_request(f"{why}KeyboardButton must be an Object")
    return _named(raw, why)


def _named(raw: Json, why: str) -> Json:
    button = {name: value for name, value in raw.items() if value is not None}
    if not isinstance(button.get("text"), str):
        raise bad_request(f'{why}Can\'t find field "text"')
    if not button["text"].strip():
        raise bad_request(f"{why}text must be non-empty")
    return button
