"""What a bot says about itself: its commands, its name, its descriptions."""

import json

from playground.params import Params
from playground.telegram import Json, bad_request
from playground.world import World


async def set_my_commands(world: World, params: Params) -> bool:
    """Keeps the command list, which the page offers when it is everybody's."""
    commands = params.json("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    for command in commands:
        if not isinstance(command, dict) or not isinstance(command.get("command"), str):
            raise bad_request("can't parse BotCommand: Can't find field \"command\"")
        name = command["command"].removeprefix("/")
        if not (0 < len(name) <= 32 and name.isascii() and name.lower() == name and name.replace("_", "a").isalnum()):
            raise bad_request("BOT_COMMAND_INVALID")
    menu = [{"command": c["command"].removeprefix("/"), "description": c.get("description", "")} for c in commands]
    world.state.set(_list_of(params), json.dumps(menu))
    world.hub.publish({"type": "people"})
    return True


async def get_my_commands(world: World, params: Params) -> list[Json]:
    """The list of exactly this scope and language, as on Telegram."""
    found: list[Json] = json.loads(world.state.setting(_list_of(params)) or "[]")
    return found


async def delete_my_commands(world: World, params: Params) -> bool:
    """The list of exactly this scope and language is gone."""
    world.state.set(_list_of(params), "[]")
    world.hub.publish({"type": "people"})
    return True


def _list_of(params: Params) -> str:
    scope = params.object("scope", "BotCommandScope")
    if scope.get("type", "default") == "default" and not params.text("language_code"):
        return "commands"
    whose = " ".join(str(scope.get(name, "")) for name in ("type", "chat_id", "user_id"))
    return f"commands {whose} {params.text('language_code')}"


class _Said:
    """One thing that is said and read back: set_… and get_… of it."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def set(self, world: World, params: Params) -> bool:
        """Kept, and shown nowhere."""
        world.state.set(f"{self.name} {params.text('language_code')}", params.text(self.name))
        return True

    async def get(self, world: World, params: Params) -> Json:
        """In the language asked for, else in the one for everybody."""
        asked = world.state.setting(f"{self.name} {params.text('language_code')}")
        said = asked or world.state.setting(f"{self.name} ") or (world.bot["first_name"] if self.name == "name" else "")
        return {self.name: said}


async def set_chat_menu_button(world: World, params: Params) -> bool:
    """Kept; the page shows the commands whatever it is."""
    world.state.set("menu button", json.dumps(params.object("menu_button", "menu button") or {"type": "default"}))
    return True


async def get_chat_menu_button(world: World, _: Params) -> Json:
    """What was set last."""
    found: Json = json.loads(world.state.setting("menu button") or '{"type": "commands"}')
    return found


_NAME, _DESCRIPTION, _SHORT = _Said("name"), _Said("description"), _Said("short_description")
METHODS = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _NAME.set,
    "getMyName": _NAME.get,
    "setMyDescription": _DESCRIPTION.set,
    "getMyDescription": _DESCRIPTION.get,
    "setMyShortDescription": _SHORT.set,
    "getMyShortDescription": _SHORT.get,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
