"""python -m bot: the bot on Telegram. playground: the same bot on this machine. evaluate: photo → article, scored."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from storage.settings import StorageSettings


def serve(_: argparse.Namespace) -> int:
    from bot.app import serve as run
    from bot.settings import BotSettings
    from storage.settings import StorageSettings

    settings = BotSettings()
    if settings.token is None:
        print("BOT_TOKEN is not set. @BotFather on Telegram gives you one; or try `make demo`.", file=sys.stderr)
        return 2
    return _with_store(StorageSettings(), lambda storage: run(settings, storage))


def playground(args: argparse.Namespace) -> int:
    from bot.household import demo
    from bot.settings import BotSettings
    from storage.settings import StorageSettings

    def ready(url: str, data: Path) -> None:
        print(f"\n  Open {url}/ and send a photo. Ctrl-C ends it; what was said is kept in {data}.\n", flush=True)

    settings = BotSettings()
    return _with_store(StorageSettings(), lambda storage: demo(settings, storage, args.port, ready))


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
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("aiogram.event").setLevel(logging.WARNING)  # a line an update says nothing
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except expected_errors() as error:  # these say what to do next; a traceback would hide it
        print(f"python -m bot: {error}", file=sys.stderr)
        return 2


def expected_errors() -> tuple[type[Exception], ...]:
    from aiogram.exceptions import TelegramUnauthorizedError
    from aiogram.utils.token import TokenValidationError

    from bot.evaluate import CasesError
    from bot.household import HouseholdError
    from dialogue.articles import KnowledgeError
    from dialogue.chat_models import ChatModelError
    from storage.redis import StorageError
    from storage.settings import SettingsError

    return (
        CasesError,
        ChatModelError,
        HouseholdError,
        KnowledgeError,
        SettingsError,
        StorageError,
        TelegramUnauthorizedError,
        TokenValidationError,
        ValueError,
    )


if __name__ == "__main__":
    sys.exit(main())
