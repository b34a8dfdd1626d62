"""python -m bot: the bot on Telegram. playground: the same bot on this machine. evaluate: photo → article, scored."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from bot import logs
from storage.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from storage.settings import StorageSettings

S = TypeVar("S", bound=Settings)


def serve(_: argparse.Namespace) -> int:
    from bot.app import serve as run
    from bot.settings import BotSettings
    from storage.settings import StorageSettings

    settings = _read(BotSettings)
    if settings.token is None:
        print("BOT_TOKEN is not set. @BotFather on Telegram gives you one; or try `make demo`.", file=sys.stderr)
        return 2
    return _with_store(_read(StorageSettings), lambda storage: run(settings, storage))


def playground(args: argparse.Namespace) -> int:
    from bot.household import demo
    from bot.settings import BotSettings
    from storage.settings import StorageSettings

    def ready(url: str, data: Path) -> None:
        print(f"\n  Open {url}/ and send a photo. Ctrl-C ends it; what was said is kept in {data}.\n", flush=True)

    settings = _read(BotSettings)
    return _with_store(_read(StorageSettings), lambda storage: demo(settings, storage, args.port, ready))


def evaluate(args: argparse.Namespace) -> int:
    from bot.evaluate import evaluate as score
    from bot.evaluate import read_cases
    from storage.settings import StorageSettings

    cases = read_cases(args.file)

    async def run(storage: StorageSettings) -> None:
        report = await score(cases, storage, args.knowledge)
        print(json.dumps(report) if args.json else json.dumps(report, indent=2))

    # A store of its own: an evaluation leaves nothing behind.
    with tempfile.TemporaryDirectory(prefix="photodesk-") as folder:
        return _with_store(StorageSettings(data=Path(folder), redis_url=None), run)


def _read(kind: type[S]) -> S:
    """The settings; a wrong value is one sentence, which never holds the value."""
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"{kind.model_config['env_prefix']}{first['loc'][0]}".upper()
        raise SettingsError(f"{name}: {first['msg']}. See .env.example.") from None


def _with_store(settings: StorageSettings, run: Callable[[StorageSettings], Coroutine[Any, Any, None]]) -> int:
    # The server is started here, before there is a loop or a thread: it dies with the thread that started it.
    from bot.household import store

    with store(settings) as storage:
        asyncio.run(run(storage))
    return 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    parser.set_defaults(run=serve)
    commands = parser.add_subparsers()
    command = commands.add_parser("playground", help="bot, vision worker and a local Telegram with a web page")
    command.add_argument("--port", type=int, default=8080, help="of the page, on 127.0.0.1 (default: 8080)")
    command.set_defaults(run=playground)
    command = commands.add_parser("evaluate", help="photo + question → the right article cited?")
    command.add_argument("file", type=Path, help="JSON lines: photo, question, expected, label")
    command.add_argument("--knowledge", type=Path, required=True, help="folder of articles (*.md)")
    command.add_argument("--json", action="store_true", help="one line of JSON")
    command.set_defaults(run=evaluate)
    args = parser.parse_args(argv)
    logs.set_up()
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except refusals():
        print(
            "Telegram does not know this BOT_TOKEN. Copy it again from @BotFather, or mend BOT_API_URL.",
            file=sys.stderr,
        )
        return 2
    except expected_errors() as error:  # these say what to do next; a traceback would hide it
        print(f"python -m bot: {error}", file=sys.stderr)
        return 2


def refusals() -> tuple[type[Exception], ...]:
    from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

    return TelegramUnauthorizedError, TelegramNotFound


def expected_errors() -> tuple[type[Exception], ...]:
    from bot.app import NoForumError
    from bot.evaluate import CasesError
    from bot.household import HouseholdError
    from bot.policy import PolicyError
    from dialogue.articles import KnowledgeError
    from dialogue.chat_models import ChatModelError
    from storage.redis import StorageError

    return (
        CasesError,
        ChatModelError,
        HouseholdError,
        KnowledgeError,
        NoForumError,
        PolicyError,
        SettingsError,
        StorageError,
    )


if __name__ == "__main__":
    sys.exit(main())
