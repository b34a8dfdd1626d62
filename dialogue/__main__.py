"""``python -m dialogue chat | index | evaluate``: try the dialogue, check the articles, score it."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialogue.articles import KnowledgeError, load

if TYPE_CHECKING:
    from dialogue.chain import Dialogue


SHOP = Path(__file__).resolve().parent.parent / "shop" / "articles"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 2 the input is not usable (one sentence on stderr)."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.ERROR)
    from dialogue.chat_models import ChatModelError
    from dialogue.evaluate import FileError

    try:
        run = {"index": _index, "evaluate": _evaluate, "chat": _chat}[arguments.command]
        return run(arguments)
    except (KnowledgeError, FileError, ChatModelError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dialogue", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    index = commands.add_parser("index", help="read a folder of articles and say what was found")
    index.add_argument("folder", type=Path)
    evaluate = commands.add_parser("evaluate", help="score answers on a file of questions (JSON lines)")
    evaluate.add_argument("file", type=Path)
    evaluate.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    chat = commands.add_parser("chat", help="talk to it; /quit or Ctrl-D ends")
    evaluate.add_argument("--knowledge", type=Path, required=True, help="folder of articles (*.md)")
    chat.add_argument("--knowledge", type=Path, default=SHOP, help="folder of articles (default: the demo shop's)")
    for command in (evaluate, chat):
        command.add_argument("--model", help="provider:name of a chat model; the built-in responder without")
    return parser


def _index(arguments: argparse.Namespace) -> int:
    folder = load(arguments.folder)
    for article in folder.articles:
        words = sum(len(passage.text.split()) for passage in article.passages)
        also = f"  (also: {', '.join(article.aliases)})" if article.aliases else ""
        print(f"{article.id}: {article.title}: {len(article.passages)} passages, {words} words{also}")
    for warning in folder.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    passages = sum(len(article.passages) for article in folder.articles)
    print(f"{len(folder.articles)} articles, {passages} passages, {len(folder.warnings)} warnings")
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    from dialogue.evaluate import NoHistory, evaluate, read_cases

    dialogue, articles = _dialogue(arguments, NoHistory())
    scores = asyncio.run(evaluate(dialogue, read_cases(arguments.file, articles)))
    if arguments.json:
        print(json.dumps(scores))
    else:
        print("\n".join(f"{name:18} {score:.4g}" for name, score in scores.items()))
    return 0


def _chat(arguments: argparse.Namespace) -> int:
    from dialogue.history import InMemory
    from dialogue.turn import Turn
    from storage.commit import Commit

    dialogue, _ = _dialogue(arguments, InMemory())
    print("Ask something. /quit ends.")
    for line in sys.stdin if not sys.stdin.isatty() else iter(_prompt, None):
        if line.strip() == "/quit":
            break
        turn = Turn(customer=0, text=line.strip())
        reply = asyncio.run(dialogue.reply(turn))
        dialogue.remember(Commit(), turn, reply)  # in memory: nothing is sent
        print(f"{reply.text}\n    ({_aside(reply.action, reply.reason, reply.confidence)})")
    return 0


def _prompt() -> str | None:
    try:
        return input("> ")
    except (EOFError, KeyboardInterrupt):
        return None


def _aside(action: str, reason: str | None, confidence: float) -> str:
    return f"{action}{f', {reason}' if reason else ''}, confidence {confidence:.2f}"


def _dialogue(arguments: argparse.Namespace, history: Any) -> tuple[Dialogue, list[str]]:
    from dialogue.chain import Dialogue
    from dialogue.chat_models import chat_model
    from dialogue.search import Knowledge

    knowledge = Knowledge.read(arguments.knowledge)
    model = chat_model(arguments.model) if arguments.model else None
    return Dialogue(knowledge, history, model), list(knowledge.articles)


if __name__ == "__main__":
    sys.exit(main())
