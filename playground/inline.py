"""Inline mode: somebody types @bot and words, the bot answers with results, one of them is sent."""

import json
import secrets

from playground.params import Params
from playground.sending import place
from playground.state import StoredMessage, StoredUser
from playground.telegram import Json, bad_request
from playground.world import World, now
from playground.writing import checked_text

_MOST = 50


def ask(world: World, user: StoredUser, query: str, chat_type: str = "sender", offset: str = "") -> str:
    """Somebody types; returns the query's id."""
    query_id = str(secrets.randbits(62))
    with world.state.atomic():
        world.state.save_callback(query_id, user.id, now())
        update = {"id": query_id, "from": user.body, "query": query[:256], "offset": offset, "chat_type": chat_type}
        world.tell("inline_query", update)
    return query_id


async def answer_inline_query(world: World, params: Params) -> bool:
    """At most 50 results, each with an id of its own."""
    results = params.json("results", "inline query results")
    if not isinstance(results, list):
        raise bad_request("expected an Array of InlineQueryResult")
    if len(results) > _MOST:
        raise bad_request("RESULTS_TOO_MUCH")
    results = [_result(result) for result in results]
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    answer = {"results": results, "next_offset": params.text("next_offset"), "text": "", "show_alert": False}
    world.answer_press(params.text("inline_query_id"), answer)
    return True


def _result(raw: object) -> Json:
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise bad_request("can't parse inline query result: Can't find field \"type\"")
    if not 1 <= len(str(raw.get("id", "")).encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    if raw["type"] == "article":
        if not raw.get("title"):
            raise bad_request("can't parse inline query result: Can't find field \"title\"")
        content_of(raw)  # refused at once, as Telegram does
    return raw | {"id": str(raw["id"])}


def content_of(result: Json) -> Json:
    """What stands in the chat when somebody chose it."""
    content = result.get("input_message_content") or {}
    if "message_text" in content:
        entities = json.dumps(content["entities"]) if content.get("entities") else ""
        text = checked_text(str(content["message_text"]), str(content.get("parse_mode") or ""), entities)
        return text.under("text", "entities")
    if "latitude" in content:
        return {"location": place(float(content["latitude"]), float(content["longitude"]))}
    if "phone_number" in content:
        return {"contact": {name: content[name] for name in ("phone_number", "first_name") if content.get(name)}}
    if result["type"] == "article":
        raise bad_request("can't parse inline query result: message content must be non-empty")
    words = str(result.get("caption") or result.get("title") or result["type"])
    return {"text": words}  # files of results are not looked up: the playground reaches no network


def send_chosen(
    world: World, user: StoredUser, query_id: str, result_id: str, chat_id: int, *, thread: int = 0
) -> StoredMessage:
    """Somebody chose a result: it is sent in their name, and the bot is told which."""
    found = world.state.callback(query_id)
    results = (found[2] or {}).get("results", []) if found else []
    result = next((one for one in results if one["id"] == result_id), None)
    if result is None:
        raise LookupError(f"there is no result {result_id!r}")
    markup = {"reply_markup": result["reply_markup"]} if result.get("reply_markup") else {}
    with world.state.atomic():
        world.tell("chosen_inline_result", {"result_id": result_id, "from": user.body, "query": ""})
        return world.post(user, chat_id, content_of(result) | markup | {"via_bot": world.bot}, thread=thread)


METHODS = {"answerInlineQuery": answer_inline_query}
