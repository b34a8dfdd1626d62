"""python -m bot: the bot on Telegram. playground: the same bot on this machine. evaluate: photo → article, scored."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitoring import health, logs, threads
from monitoring.arguments import address, port

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from storage.settings import StorageSettings

# Nothing heavy up here: a health check runs every few seconds, and aiogram alone takes three to import.
NO_TOKEN = "BOT_TOKEN is not set. @BotFather on Telegram gives you one"  # noqa: S105 - a sentence


def check(given: str | None) -> int:
    """Ask the bot that runs on this machine whether it is ready. An address that is given needs no settings."""
    if not given:
        from bot.settings import BotSettings
        from storage.settings import read

        given = read(BotSettings).status
    if not given:
        print("BOT_STATUS is not set: no bot says how it is.", file=sys.stderr)
        return 2
    return health.ask(given)


def serve(args: argparse.Namespace) -> int:
    if args.check is not None:
        return check(args.check)
    # A fifth of the start is looking for garbage among what was just imported, and after a kill somebody is waiting.
    gc.disable()
    from bot.telegram.types_on_demand import import_aiogram

    import_aiogram()
    from bot.app import serve as run
    from bot.settings import BotSettings
    from storage.settings import StorageSettings, read_both

    gc.freeze()
    gc.enable()
    settings, storage = read_both(BotSettings, StorageSettings)
    if settings.token is None:
        print(f"{NO_TOKEN}; or try `make demo`.", file=sys.stderr)
        return 2
    logs.set_up(settings.logs)
    return _with_store(storage, lambda store: run(settings, store))


def playground(args: argparse.Namespace) -> int:
    def say(line: str) -> None:
        print(line, flush=True)

    say("Starting the demo.")  # before the imports: they are most of the wait where the disk is cold
    from bot.telegram.types_on_demand import import_aiogram

    import_aiogram()
    from bot.admin.demo import demo
    from bot.settings import BotSettings
    from storage.settings import StorageSettings, read_both

    def ready(url: str, data: Path) -> None:
        print(f"\n  Open {url}/ and send a photo. Ctrl-C ends it; what was said is kept in {data}.\n", flush=True)

    settings, storage = read_both(BotSettings, StorageSettings)
    return _with_store(storage, lambda store: demo(settings, store, args.port, say=say, ready=ready))


def evaluate(args: argparse.Namespace) -> int:
    from bot.admin.evaluate import evaluate as score
    from bot.admin.evaluate import read_cases
    from storage.settings import StorageSettings

    cases = read_cases(args.file)

    async def run(storage: StorageSettings) -> None:
        report = await score(cases, storage, args.knowledge)
        print(json.dumps(report) if args.json else json.dumps(report, indent=2))

    # A store of its own: an evaluation leaves nothing behind.
    with tempfile.TemporaryDirectory(prefix="photodesk-") as folder:
        return _with_store(StorageSettings(data=Path(folder), redis_url=None), run)


def doctor(_: argparse.Namespace) -> int:
    """Says all that is wrong: neither a wrong setting nor a store that does not start hides the rest."""
    from bot.admin import commands
    from bot.settings import BotSettings
    from storage.redis import StorageError
    from storage.settings import StorageSettings, sound
    from vision.settings import VisionSettings

    (settings, wrong), (storage, more) = sound(BotSettings), sound(StorageSettings)
    more += sound(VisionSettings)[1]  # of the worker, which has the same environment where no containers part them
    away: StorageError | None = None
    with ExitStack() as open_things:
        try:
            storage = open_things.enter_context(_awake(storage))
        except StorageError as error:
            away = error
        return asyncio.run(commands.doctor(settings, storage, print, [*wrong, *more], away))


def groups(_: argparse.Namespace) -> int:
    from bot.admin import commands
    from bot.settings import BotSettings
    from storage.settings import read

    settings = read(BotSettings)
    if settings.token is None:
        print(f"{NO_TOKEN}.", file=sys.stderr)
        return 2
    return asyncio.run(commands.groups(settings, print))


def operate(args: argparse.Namespace) -> int:
    """dead-letters, backup, restore, keys: beside the running bot, or without one."""
    from bot.admin import commands
    from storage.settings import StorageSettings, read

    work: dict[str, Callable[[StorageSettings], Coroutine[Any, Any, int]]] = {
        "dead-letters": lambda storage: commands.given_up(storage, args.what, args.which, print),
        "backup": lambda storage: commands.save(storage, args.file, _aside),
        "restore": lambda storage: commands.load(storage, args.file, _aside),
        "keys": lambda storage: commands.seal_anew(storage, print),
    }
    if args.command == "dead-letters" and args.what != "list" and not args.which:
        print(f"Say which: python -m bot dead-letters {args.what} all, or ids that `list` shows.", file=sys.stderr)
        return 2
    storage = read(StorageSettings)
    if args.command == "keys" and args.what == "new":
        print(commands.another_key(storage))
        return 0
    with _awake(storage) as store:
        return asyncio.run(work[args.command](store))


def _aside(said: str) -> None:
    print(said, file=sys.stderr)  # standard output may be the backup


@contextmanager
def _awake(settings: StorageSettings) -> Iterator[StorageSettings]:
    """The store that is there; where the embedded one is asleep it is woken for as long as this takes."""
    from storage.server import running

    if settings.redis_url or running(settings.data):
        yield settings
        return
    from bot.admin.demo import store

    with store(settings) as storage:
        yield storage


def _with_store(settings: StorageSettings, run: Callable[[StorageSettings], Coroutine[Any, Any, None]]) -> int:
    # The server is started here, before there is a loop or a thread: it dies with the thread that started it.
    import uvloop

    from bot.admin.demo import store

    with store(settings) as storage:
        uvloop.run(run(storage))
    return 0


def main(argv: list[str] | None = None) -> int:
    threads.one_for_blas()
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    checked = "exit 0 when the bot that serves BOT_STATUS (or ADDRESS) is ready, for health checks"
    parser.add_argument("--check", nargs="?", const=False, type=address, metavar="ADDRESS", help=checked)
    parser.set_defaults(run=serve)
    commands = parser.add_subparsers()
    command = commands.add_parser("playground", help="bot, vision worker and a local Telegram with a web page")
    command.add_argument("--port", type=port, default=8080, help="of the page, on 127.0.0.1 (default: 8080)")
    command.set_defaults(run=playground)
    command = commands.add_parser("evaluate", help="photo + question → the right article cited?")
    command.add_argument("file", type=Path, help="JSON lines: photo, question, expected, label")
    command.add_argument("--knowledge", type=Path, required=True, help="folder of articles (*.md)")
    command.add_argument("--json", action="store_true", help="one line of JSON")
    command.set_defaults(run=evaluate)
    _operating(commands)
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
        for line in str(error).splitlines():
            print(f"python -m bot: {line}", file=sys.stderr)
        return 2


def _operating(commands: Any) -> None:
    command = commands.add_parser("doctor", help="look at everything a shop gets wrong, and say what to do")
    command.set_defaults(run=doctor)
    command = commands.add_parser("groups", help="chat ids of the groups that the bot was added to")
    command.set_defaults(run=groups)
    command = commands.add_parser(
        "dead-letters",
        aliases=["letters"],  # its name before; for one release
        help="what was given up: look at it, try it again, throw it away",
    )
    command.add_argument("what", choices=("list", "replay", "drop"))
    command.add_argument("which", nargs="*", default=[], help="ids of the list, or: all")
    command.set_defaults(run=operate, command="dead-letters")
    for name, said in (
        ("backup", "write all that is kept to a file"),
        ("restore", "read it back, into an empty store"),
    ):
        command = commands.add_parser(name, help=said)
        command.add_argument("file", type=Path, help="- for standard output or input")
        command.set_defaults(run=operate, command=name)
    command = commands.add_parser(
        "keys", help="new: print STORAGE_SEAL_KEYS with one more; rotate: seal all with the last"
    )
    command.add_argument("what", choices=("new", "rotate"))
    command.set_defaults(run=operate, command="keys")


def refusals() -> tuple[type[Exception], ...]:
    from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

    return TelegramUnauthorizedError, TelegramNotFound


def expected_errors() -> tuple[type[Exception], ...]:
    from bot.admin.demo import DemoError
    from bot.admin.evaluate import CasesError
    from bot.intake.forms import FormError
    from bot.policy import PolicyError
    from bot.startup import NoForumError
    from bot.telegram.raw import UnreadableError
    from dialogue.articles import KnowledgeError
    from dialogue.chat_models import ChatModelError
    from dialogue.encode import EncoderError
    from dialogue.find import CalibrationError
    from storage.redis import StorageError
    from storage.settings import SettingsError

    return (
        CalibrationError,
        CasesError,
        ChatModelError,
        DemoError,
        EncoderError,
        FormError,
        KnowledgeError,
        NoForumError,
        PolicyError,
        SettingsError,
        StorageError,
        UnreadableError,
        health.StatusError,
    )


if __name__ == "__main__":
    sys.exit(main())
