"""Polls: what a bot or a person asks, and what people choose."""

import secrets

from playground.params import Params
from playground.parse_mode import parse
from playground.state import StoredMessage, StoredUser
from playground.telegram import Json, bad_request
from playground.world import World, now
from playground.writing import post, read_target

QUESTION, OPTION, MOST_OPTIONS = 300, 100, 12


async def send_poll(world: World, params: Params) -> Json:
    """A question with two to twelve answers; a quiz has right ones. After `open_period` or `close_date`
    nobody can vote any more."""
    target = read_target(world, params)
    question = parse(params.text("question"), params.text("question_parse_mode"), params.text("question_entities"))
    poll = made(question.text, _options(params), anonymous=_default_yes(params, "is_anonymous"))
    poll |= {"question_entities": question.entities} if question.entities else {}
    poll |= {"type": "quiz"} if params.text("type") == "quiz" else {}
    poll |= {"is_closed": params.yes("is_closed"), "allows_multiple_answers": params.yes("allows_multiple_answers")}
    poll["allows_revoting"] = poll["type"] == "regular" and _default_yes(params, "allows_revoting")
    return post(world, target, {"poll": poll | _quiz(params, poll) | _until(params)})


def _options(params: Params) -> list[str]:
    options = params.json("options", "options")
    if not isinstance(options, list):
        raise bad_request("can't parse options: expected an Array of InputPollOption")
    return [_option(option) for option in options]


def _option(raw: object) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, dict) and isinstance(raw.get("text"), str):
        return parse(raw["text"], str(raw.get("text_parse_mode") or "")).text
    raise bad_request("can't parse poll option: Can't find field \"text\"")


def _default_yes(params: Params, name: str) -> bool:
    return params.yes(name) if params.text(name) else True


def _quiz(params: Params, poll: Json) -> Json:
    if poll["type"] != "quiz":
        return {}
    right = params.json("correct_option_ids", "correct_option_ids")
    right = right if isinstance(right, list) else [params.integer("correct_option_id", -1)]
    if not right or not all(isinstance(one, int) and 0 <= one < len(poll["options"]) for one in right):
        raise bad_request("quiz must have a correct option")
    explained = parse(params.text("explanation"), params.text("explanation_parse_mode"))
    explanation = explained.under("explanation", "explanation_entities")
    return {"correct_option_ids": right, "correct_option_id": right[0]} | explanation


def _until(params: Params) -> Json:
    if seconds := params.integer("open_period"):
        return {"open_period": seconds, "close_date": now() + seconds}
    return {"close_date": params.integer("close_date")} if params.integer("close_date") else {}


def made(question: str, options: list[str], *, anonymous: bool = True) -> Json:
    """A new poll, checked as Telegram checks it."""
    if not question.strip():
        raise bad_request("poll question must be non-empty")
    if len(question) > QUESTION:
        raise bad_request(f"poll question length must not exceed {QUESTION}")
    if not 1 <= len(options) <= MOST_OPTIONS:
        raise bad_request(
            "poll must have at least 1 option" if not options else f"poll can't have more than {MOST_OPTIONS} options"
        )
    if any(not option.strip() for option in options):
        raise bad_request("poll options must be non-empty")
    if any(len(option) > OPTION for option in options):
        raise bad_request(f"poll options length must not exceed {OPTION}")
    stored = [{"persistent_id": str(at), "text": option, "voter_count": 0} for at, option in enumerate(options)]
    flags = {"is_closed": False, "is_anonymous": anonymous, "type": "regular", "allows_multiple_answers": False}
    flags |= {"allows_revoting": True, "members_only": False}
    return {"id": _number(), "question": question, "options": stored, "total_voter_count": 0} | flags


def blank(poll: Json) -> Json:
    """The same poll anew, with nobody's votes."""
    options = [option | {"voter_count": 0} for option in poll["options"]]
    return poll | {"id": _number(), "options": options, "total_voter_count": 0, "is_closed": False}


def _number() -> str:
    return str(secrets.randbits(62) | 1 << 61)


def choose(world: World, user: StoredUser, message: StoredMessage, options: list[int]) -> None:
    """A person votes, or takes the vote back with no options. The bot is told who chose what when the poll is not
    anonymous, and the new counts when the poll is its own. Raises ValueError with what a person would be told."""
    poll = message.body.get("poll")
    if poll is None:
        raise LookupError("there is no poll in this message")
    chosen = sorted(set(options))
    if poll["is_closed"] or poll.get("close_date", now() + 1) <= now():
        raise ValueError("this poll is closed")
    if any(not 0 <= one < len(poll["options"]) for one in chosen):
        raise ValueError("this poll has no such answer")
    if len(chosen) > 1 and not poll["allows_multiple_answers"]:
        raise ValueError("choose one answer")
    if user.id in world.state.opinions.votes(poll["id"]) and not poll["allows_revoting"]:
        raise ValueError("a vote in this poll cannot be changed")
    with world.state.atomic():
        world.state.opinions.vote(poll["id"], user.id, chosen)
        counted = _counted(world, poll)
        if not poll["is_anonymous"]:
            answer = {"poll_id": poll["id"], "user": user.body, "option_ids": chosen}
            world.tell("poll_answer", answer | {"option_persistent_ids": [str(one) for one in chosen]})
        if message.body["from"]["id"] == world.bot["id"]:
            world.tell("poll", counted)
        world.replace(message, message.body | {"poll": counted})


def _counted(world: World, poll: Json) -> Json:
    votes = list(world.state.opinions.votes(poll["id"]).values())
    options = [
        option | {"voter_count": sum(at in chosen for chosen in votes)} for at, option in enumerate(poll["options"])
    ]
    return poll | {"options": options, "total_voter_count": len(votes)}


async def stop_poll(world: World, params: Params) -> Json:
    """No more votes; returns the poll with its last counts."""
    chat = world.open_chat(params.chat_id())
    message = world.state.message(chat["id"], params.integer("message_id"))
    if message is None or "poll" not in message.body:
        raise bad_request("message with poll to stop not found")
    if message.body["from"]["id"] != world.bot["id"]:
        raise bad_request("poll can't be stopped")
    if message.body["poll"]["is_closed"]:
        raise bad_request("poll has already been closed")
    poll: Json = message.body["poll"] | {"is_closed": True}
    with world.state.atomic():
        world.tell("poll", poll)
        world.replace(message, message.body | {"poll": poll})
    return poll


METHODS = {"sendPoll": send_poll, "stopPoll": stop_poll}
