"""python -m playground: a local Telegram to try the bot in, on http://127.0.0.1:8081/."""

import argparse
import asyncio
import logging
import re
import signal
from pathlib import Path

from playground.server import DEFAULT_TOKEN, Options, Server


def main() -> None:
    """Reads the command line and serves until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--port", type=_port, default=8081, help="on 127.0.0.1; 0 picks a free one (default: 8081)")
    parser.add_argument("--data", type=Path, default=Path(".playground"), help="where chats and files are kept")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the bot's token (default: %(default)s)")
    parser.add_argument(
        "--bot", action="append", default=[], metavar="TOKEN[=NAME]", help="another bot; may be repeated"
    )
    parser.add_argument("--group-title", default="Agents", help="name of the agents' group (default: %(default)s)")
    parser.add_argument("--bot-name", default="Photodesk", help="the bot's name (default: %(default)s)")
    parser.add_argument("--plain-group", action="store_true", help="the agents' group has no topics")
    parser.add_argument("--flood", action="store_true", help="enforce Telegram's sending limits")
    parser.add_argument("--verbose", action="store_true", help="log every error answered to the bot")
    args = parser.parse_args()
    others = tuple(
        (token, name or f"Bot {token.partition(':')[0]}") for token, _, name in (b.partition("=") for b in args.bot)
    )
    if not all(re.fullmatch(r"\d+:[\w-]+", token) for token in (args.token, *(token for token, _ in others))):
        parser.error("a token looks like 123456:demo")
    logging.basicConfig(level=logging.INFO if args.verbose else logging.WARNING, format="%(levelname)s %(message)s")
    options = Options(
        args.data,
        args.token,
        args.port,
        args.group_title,
        args.bot_name,
        flood=args.flood,
        forum=not args.plain_group,
        more_bots=others,
    )
    asyncio.run(_serve(options))


def _port(words: str) -> int:
    if not words.isdecimal() or int(words) > 65535:
        raise argparse.ArgumentTypeError(f"{words!r} is no port: a number up to 65535, 0 for a free one")
    return int(words)


async def _serve(options: Options) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        server = Server(options)
    except ValueError as error:
        raise SystemExit(f"--bot: {error}") from None
    for town in server.towns:
        town.people.settle()
    try:
        url = await server.start()
    except OSError as error:
        raise SystemExit(f"cannot listen on port {options.port}: {error.strerror or error}; try --port 0") from None
    tokens = " ".join(town.token for town in server.towns)
    print(f"Playground: {url}/   BOT_API_URL={url} BOT_TOKEN={tokens}", flush=True)
    try:
        await stopped.wait()
    finally:
        await server.stop()


if __name__ == "__main__":
    main()
