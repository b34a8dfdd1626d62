"""``python -m dialogue chat | index | evaluate | calibrate``: try the dialogue, check articles, score it, fit it."""

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
from monitoring.arguments import share
from monitoring.plainly import told

if TYPE_CHECKING:
    from dialogue.articles import Folder
    from dialogue.chain import Dialogue


SHOP = Path(__file__).resolve().parent.parent / "shop" / "articles"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 2 the input is not usable (one sentence on stderr)."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.ERROR)
    from dialogue.chat_models import ChatModelError
    from dialogue.encode import EncoderError
    from dialogue.evaluate import FileError
    from dialogue.find import CalibrationError

    try:
        run = {"index": _index, "evaluate": _evaluate, "calibrate": _calibrate, "chat": _chat}[arguments.command]
        return run(arguments)
    except (KnowledgeError, FileError, ChatModelError, EncoderError, CalibrationError, OSError) as error:
        print(f"python -m dialogue: {' '.join(told(error).split())}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dialogue", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    index = commands.add_parser("index", help="read a folder of articles and say what was found")
    index.add_argument("folder", type=Path)
    evaluate = commands.add_parser("evaluate", help="score answers on files of questions (JSON lines)")
    evaluate.add_argument("file", type=Path, nargs="?")
    evaluate.add_argument("--json", action="store_true", help="JSON instead of lines")
    calibrate = commands.add_parser("calibrate", help="fit the chances to your own questions and articles")
    calibrate.add_argument("--out", type=Path, help="file to write (default: the one that is read)")
    calibrate.add_argument(
        "--wrong",
        type=share,
        help="also choose from which chance on it answers: at most this share of wrong answers, 0.05 say",
    )
    chat = commands.add_parser("chat", help="talk to it; /quit or Ctrl-D ends")
    evaluate.add_argument("--knowledge", type=Path, help="folder of articles (*.md)")
    chat.add_argument("--knowledge", type=Path, default=SHOP, help="folder of articles (default: the demo shop's)")
    for command in (evaluate, calibrate):
        command.add_argument(
            "--pair",
            nargs=2,
            type=Path,
            action="append",
            default=[],
            metavar=("FILE", "KNOWLEDGE"),
            help="a file of questions and its folder of articles; several times for several shops",
        )
        command.add_argument(
            "--half",
            choices=("all", "dev", "held"),
            default="all",
            help="of the questions: a fixed half to fit on, or the other one to judge by",
        )
    for command in (evaluate, chat):
        command.add_argument("--model", help="provider:name of a chat model; the built-in replies without")
    for command in (evaluate, calibrate, chat):
        command.add_argument("--encoder", default="built-in", help="built-in, none, or provider:name of LangChain's")
        command.add_argument("--vectors", type=Path, help="folder that keeps the articles' vectors")
        command.add_argument("--calibration", type=Path, help="file of coefficients (default: the built-in one)")
    return parser


def _index(arguments: argparse.Namespace) -> int:
    folder = load(arguments.folder)
    for article in folder.articles:
        words = sum(len(passage.text.split()) for passage in article.passages)
        also = f"  (also: {', '.join(article.aliases)})" if article.aliases else ""
        spoken = f" [{article.language}]"
        print(f"{article.id}{spoken}: {article.title}: {len(article.passages)} passages, {words} words{also}")
    for warning in (*folder.warnings, *_translations(folder)):
        print(f"warning: {warning}", file=sys.stderr)
    passages = sum(len(article.passages) for article in folder.articles)
    print(f"{len(folder.articles)} articles, {passages} passages, {len(folder.warnings)} warnings")
    return 0


def _translations(folder: Folder) -> list[str]:
    """What is missing or outdated in the languages that the shop has begun to translate into."""
    own = {article.id: article for article in folder.own}
    shop = next(iter(own.values())).language
    others: dict[str, dict[str, Any]] = {}
    for article in folder.articles:
        if article.language != own[article.id].language:
            others.setdefault(article.language, {})[article.id] = article
    said = []
    for language, articles in sorted(others.items()):
        missing = sorted(name for name, article in own.items() if name not in articles and article.language == shop)
        if missing:
            said.append(f"{language}: not translated: {', '.join(missing)}")
        old = sorted(name for name, article in articles.items() if article.changed < own[name].changed)
        said += [f"{language}/{name}.md: older than {name}.md; is it still the same?" for name in old]
    return said


def _pairs(arguments: argparse.Namespace) -> list[tuple[Path, Path]]:
    from dialogue.evaluate import FileError

    pairs = [(file, folder) for file, folder in arguments.pair]
    if getattr(arguments, "file", None):
        if arguments.knowledge is None:
            raise FileError("Say where the articles are: --knowledge FOLDER")
        pairs.insert(0, (arguments.file, arguments.knowledge))
    if not pairs:
        raise FileError("Give a file of questions and its articles: --pair FILE KNOWLEDGE")
    return pairs


def _evaluate(arguments: argparse.Namespace) -> int:
    from dialogue.evaluate import NoHistory, evaluate, read_cases

    all_scores = {}
    for file, folder in _pairs(arguments):
        dialogue, articles = _dialogue(arguments, NoHistory(), folder)
        scores = asyncio.run(evaluate(dialogue, read_cases(file, articles, arguments.half)))
        all_scores[str(file)] = scores
    if arguments.json:
        print(json.dumps(all_scores if len(all_scores) > 1 else next(iter(all_scores.values()))))
        return 0
    for name, scores in all_scores.items():
        if len(all_scores) > 1:
            print(f"== {name}")
        for figure, score in scores.items():
            shown = (
                f"{score:.4g}" if not isinstance(score, dict) else " ".join(f"{k} {v:.2f}" for k, v in score.items())
            )
            print(f"{figure:18} {shown}")
    return 0


def _calibrate(arguments: argparse.Namespace) -> int:
    from dialogue.calibrate import samples, write
    from dialogue.encode import encoders
    from dialogue.evaluate import read_cases
    from dialogue.find import CALIBRATION

    made = encoders(arguments.encoder, arguments.vectors)
    sets, names = [], []
    for file, folder in _pairs(arguments):
        articles = {article.id for article in load(folder).articles}
        cases = read_cases(file, articles, arguments.half)
        sets.append(samples(cases, folder, made))
        names.append(f"{file.parent.name}/{file.name}: {len(cases)} questions ({arguments.half})")
        print(names[-1])
    before = arguments.calibration or CALIBRATION
    out = arguments.out or before
    write(out, sets, before, names, arguments.wrong)
    print(f"written: {out}")
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


def _dialogue(arguments: argparse.Namespace, history: Any, knowledge: Path | None = None) -> tuple[Dialogue, list[str]]:
    from dialogue.chain import Dialogue
    from dialogue.chat_models import chat_model
    from dialogue.encode import encoders
    from dialogue.find import CALIBRATION, Calibration, Finder

    made = encoders(arguments.encoder, arguments.vectors)
    calibration = Calibration.read(arguments.calibration or CALIBRATION)
    finder = Finder.read(knowledge or arguments.knowledge, made, calibration)
    model = chat_model(arguments.model) if arguments.model else None
    return Dialogue(finder, history, model), list(finder.knowledge.articles)


if __name__ == "__main__":
    sys.exit(main())
