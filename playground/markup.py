"""reply_markup, checked as Telegram checks it."""

from playground.params import Params
from playground.telegram import CALLBACK_DATA_LIMIT, Json, bad_request

_ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
            "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")  # fmt: skip
_MOST_BUTTONS = 100


def read_markup(params: Params) -> Json | None:
    """The inline keyboard of a call; None when it has none or another kind of keyboard."""
    raw = params.json("reply_markup", "reply keyboard markup")
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in raw:
        return None  # reply keyboards are accepted; messages do not carry them on Telegram either
    rows = raw["inline_keyboard"]
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    keyboard = [_row(row) for row in rows]
    if sum(len(row) for row in keyboard) > _MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    keyboard = [row for row in keyboard if row]
    return {"inline_keyboard": keyboard} if keyboard else None


def _row(row: object) -> list[Json]:
    if not isinstance(row, list):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    return [_button(button) for button in row]


def _button(raw: object) -> Json:
    why = "can't parse inline keyboard button: "
    if not isinstance(raw, dict):
        raise bad_request(f"{why}InlineKeyboardButton must be an Object")
    button = {name: value for name, value in raw.items() if value is not None}
    if not isinstance(button.get("text"), str):
        raise bad_request(f'{why}Can\'t find field "text"')
    if not button["text"].strip():
        raise bad_request(f"{why}text must be non-empty")
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request(f"{why}Text buttons are unallowed in the inline keyboard")
    data, url = button.get("callback_data", "x"), button.get("url", "https://x")
    if not isinstance(data, str) or not 0 < len(data.encode()) <= CALLBACK_DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
    if not isinstance(url, str) or not url.startswith(("https://", "http://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: unsupported URL protocol")
    return button
