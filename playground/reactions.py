"""Reactions: an emoji of a bot's or a person's under a message."""

from playground.params import Params
from playground.state import StoredMessage, StoredUser
from playground.telegram import Json, bad_request
from playground.world import World, now

# https://core.telegram.org/bots/api#reactiontypeemoji
EMOJI = frozenset(
    (  # noqa: SIM905 - a list of 73 strings would be longer than what it says
        "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 "
        "💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ "
        "🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 "
        "👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 "
        "🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡 "
    ).split()
)


async def set_message_reaction(world: World, params: Params) -> bool:
    """The bot's one reaction to a message; none takes it back."""
    chat = world.open_chat(params.chat_id())
    message = world.state.message(chat["id"], params.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    given = params.json("reaction", "reaction types") or []
    if not isinstance(given, list):
        raise bad_request("expected an Array of ReactionType")
    emoji = [_emoji(one) for one in given]
    if len(emoji) > 1:  # "bots can't use more than one"
        raise bad_request("REACTIONS_TOO_MANY")
    world.state.opinions.react(message.chat_id, message.message_id, world.bot["id"], emoji)
    world.replace(message, message.body)
    return True


def _emoji(raw: object) -> str:
    if not isinstance(raw, dict) or raw.get("type") not in ("emoji", "custom_emoji", "paid"):
        raise bad_request("can't parse ReactionType: type must be emoji, custom_emoji or paid")
    emoji = str(raw.get("emoji", "")).replace("\N{VARIATION SELECTOR-16}", "")
    if raw["type"] != "emoji" or emoji not in EMOJI:
        raise bad_request("REACTION_INVALID")
    return emoji


def react(world: World, user: StoredUser, message: StoredMessage, emoji: str) -> None:
    """A person reacts, or takes it back with "". The bot is told when it asked for `message_reaction`."""
    opinions = world.state.opinions
    before = opinions.reactions(message.chat_id, message.message_id).get(user.id, [])
    after = [emoji] if emoji else []
    change = {"chat": world.state.chat(message.chat_id), "message_id": message.message_id, "user": user.body}
    with world.state.atomic():
        opinions.react(message.chat_id, message.message_id, user.id, after)
        world.tell(
            "message_reaction", change | {"date": now(), "old_reaction": _types(before), "new_reaction": _types(after)}
        )
        world.replace(message, message.body)


def _types(emoji: list[str]) -> list[Json]:
    return [{"type": "emoji", "emoji": one} for one in emoji]


METHODS = {"setMessageReaction": set_message_reaction}
