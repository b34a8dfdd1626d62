"""python -m vision train CONFIG | evaluate DIR | describe PATH… | catalogue build DIR | search CATALOGUE … | worker

and fit CONFIG, adapt PHOTOS, export CHECKPOINT: stages on frozen eyes, a shop's own products, graphs for ONNX Runtime.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from monitoring import logs, threads
from monitoring.arguments import address, box, epsilon, positive, share
from monitoring.plainly import told


def train(args: argparse.Namespace) -> int:
    from vision.training.dataset import RunConfig
    from vision.training.train import Trainer

    trainer = Trainer(RunConfig.load(args.config), f"python -m vision train {args.config}")
    folder = trainer.train()
    if trainer.processes.first:
        _graphs(folder)
    return 0


def fit(args: argparse.Namespace) -> int:
    from vision.model.stored import read_card
    from vision.training.stage import Stage, StageConfig

    config = StageConfig.load(args.config)
    folder = Stage(config, f"python -m vision fit {args.config}").run()
    if "parts" in read_card(folder):  # an add-on: its graphs are those of both
        _graphs(Path(config.start), folder)
    else:
        _graphs(folder)
    return 0


def export(args: argparse.Namespace) -> int:
    _graphs(args.checkpoint, args.add_on, int8=args.int8)
    return 0


def _graphs(folder: Path, add_on: Path | None = None, *, int8: bool = False) -> None:
    """What serving opens, beside the weights."""
    import onnx  # noqa: F401 - export.py asks for it late, when a network is loaded already

    from vision.model.export import MOST
    from vision.model.export import export as make

    found = make(folder, add_on, int8=int8)
    worst = max(found, key=lambda name: found[name])
    most = f"{found[worst]:.0e} at most ({worst}; {MOST:.0e} is allowed)"
    made = "graphs made, the eyes' in int8; as float they" if int8 else "graphs made; their numbers"
    print(f"{add_on or folder}: {made} are off torch's by {most}")


def _loaded(args: argparse.Namespace, **more: Any) -> Any:
    """The checkpoint that a command names, with VISION_ADD_ON and on VISION_RUNTIME: as the worker has it, so that a
    catalogue fits.
    """
    from storage.settings import read
    from vision.model.predictor import Predictor
    from vision.settings import VisionSettings

    settings = read(VisionSettings)
    runtime, threads = settings.runtime, settings.threads
    return Predictor.load(args.model, settings.beams, add_on=settings.add_on, name=runtime, threads=threads, **more)


def adapt(args: argparse.Namespace) -> int:
    from vision.training import shop

    request = shop.Request(
        args.photos, args.out, args.model, args.corrections, args.check, args.epsilon, args.may_forget
    )
    print("\n".join(shop.run(request, _loaded(args))))
    return 0


def federate_serve(args: argparse.Namespace) -> int:
    from vision.model.adapted import digest_of
    from vision.training import federation, flower

    flower.flower()  # where it is not installed that is said before anything else
    predictor = _loaded(args)
    names = federation.read_names(args.products, predictor.sets[federation.SET])
    terms = flower.Terms(names, len(predictor.centre), digest_of(args.model), args.rounds, args.shops)
    print(
        f"give each shop {args.certificates / flower.CA}; waiting for {args.shops} shops at {args.address}", flush=True
    )
    over = flower.serve(args.address, args.certificates, terms)
    print("\n".join(["all rounds are over", *over.said]))
    return 0


def federate_join(args: argparse.Namespace) -> int:
    from vision.training import adapt, federation, flower
    from vision.training.budget import Budget

    flower.flower()
    predictor = _loaded(args)
    budget = Budget(args.epsilon) if args.epsilon is not None else None
    part = federation.Part.of(args.photos, args.model, predictor, budget)
    flower.join(args.address, args.ca, flower.Shop(args.name, part.learn, part.done))
    print("\n".join(part.write(args.out, args.model, predictor, adapt.FORGETS)))
    return 0


def evaluate(args: argparse.Namespace) -> int:
    from vision.training.evaluate import draw
    from vision.training.evaluate import evaluate as score

    if args.plots:
        for picture in draw(_loaded(args), args.folder, args.plots, photos=not args.schematic):
            print(picture, file=sys.stderr)
    report = score(_loaded(args), args.folder, text_table=args.text_table)
    print(json.dumps(report, ensure_ascii=False) if args.json else json.dumps(report, indent=2, ensure_ascii=False))
    return 0


def describe(args: argparse.Namespace) -> int:
    from vision.describe import run

    return run(_loaded(args, catalogue=args.catalogue, adapted=args.adapted), args.paths, args.text, as_json=args.json)


def catalogue_build(args: argparse.Namespace) -> int:
    from vision.model import catalogue
    from vision.model.prototypes import FEW, build

    products = catalogue.read(args.folder)
    built = build(_loaded(args), products)
    out = args.out or args.folder / catalogue.FILE
    built.save(out)
    bare = [p.name for p in products if not p.pictures]
    print(f"{out}: {len(products)} products, {sum(len(p.pictures) for p in products)} pictures")
    if bare:
        print(f"found by words, or by a code with their number, for want of a picture: {', '.join(bare)}")
    if not built.left_out:
        print(f"nothing will be stated: that takes {FEW} products with two pictures or more")
    else:
        left = built.left_out
        print(f"pictures left out once each: {left['right']:.0%} found their product; {left['stated']:.0%} are stated,")
        print(
            f"{left['right_when_stated']:.0%} of these rightly; without their product, {left['stated_of_none']:.0%} are"
        )
    return 0


def _asked(args: argparse.Namespace) -> None:
    """Raises ValueError for a search that cannot be done, before a model is loaded."""
    from vision.model.catalogue import expect

    if args.words and not args.catalogue.exists() and Path(args.words).exists():
        raise ValueError(f"the catalogue comes first: search {args.words} {args.catalogue}")
    expect(args.catalogue)
    if bool(args.words) == bool(args.photo):
        raise ValueError('search takes either words, such as "red striped shirt", or --photo FILE')
    if args.part and not args.photo:
        raise ValueError("--part is of a photo: name it with --photo FILE")


def search(args: argparse.Namespace) -> int:
    from storage import gtin
    from vision.images import part_of
    from vision.model.catalogue import Catalogue
    from vision.worker.decode import Unreadable
    from vision.worker.sandbox import Sandbox

    _asked(args)
    data = args.photo.read_bytes() if args.photo else b""
    predictor = _loaded(args)
    products = Catalogue.load(args.catalogue, predictor.identity)
    if args.photo:
        with closing(Sandbox(predictor.size)) as sandbox:  # a customer's photo, perhaps: not in this process
            try:
                photo = sandbox.open(data).frames[0]
            except Unreadable as error:
                raise ValueError(f"{args.photo} cannot be read as a picture: {error}") from error
        pixels = part_of(photo.readable, args.part, predictor.size) if args.part else photo.pixels
        seen = predictor.see(pixels[None], [""])
        hits, found = products.by_photo(seen.looks[0], seen.vectors[0], args.count), products.label(seen.looks[0])
        stated: str | None = found.stated or "none of these, or not sure"
    else:
        vector = predictor.text_vectors([args.words.encode("utf-8", "replace").decode()])[0]
        numbered = products.by_numbers(gtin.named(args.words))
        hits, stated = products.by_words(vector, args.count), numbered.stated if numbered else None
    if args.json:
        found_as = [{"name": h.name, "score": h.score, "description": h.description} for h in hits]
        print(json.dumps(found_as, ensure_ascii=False))
        return 0
    for hit in hits:
        print(f"{hit.score:.2f}  {hit.name}")
    if stated:
        print(f"stated: {stated}")
    return 0


def worker(args: argparse.Namespace) -> int:
    if args.check:
        from monitoring.health import ask

        return ask(args.check)
    from monitoring.health import StatusError
    from storage.redis import StorageError
    from vision.worker.main import main as work

    try:
        return work(args.check is not None)
    except (StorageError, StatusError) as error:
        raise ValueError(str(error)) from error  # main() says it


def _shop_commands(commands: Any, model: argparse.ArgumentParser) -> None:
    command = commands.add_parser("adapt", parents=[model], help="learn a shop's own products from its pictures")
    command.add_argument("photos", type=Path, metavar="PHOTOS", help="a folder for each product, or a metadata.jsonl")
    command.add_argument("--out", type=Path, required=True, help="folder to write, for VISION_ADAPTED")
    command.add_argument("--corrections", type=Path, help="photos that customers let you keep, copied from the bot")
    command.add_argument("--check", type=Path, help="photos with labels that the model knows (default: its own memory)")
    command.add_argument("--epsilon", type=epsilon, help="learn with differential privacy, such as 3")
    command.add_argument("--may-forget", type=share, default=0.02, metavar="SHARE", help="of what it knew (0.02)")
    command.set_defaults(run=adapt)
    command = commands.add_parser("federate", help="learn together with other shops that show nobody their photos")
    actions = command.add_subparsers(dest="action", required=True)
    command = actions.add_parser("serve", parents=[model], help="hold the rounds; no photo is needed here")
    command.add_argument("products", type=Path, metavar="PRODUCTS", help="all shops' products, one a line")
    command.add_argument("--address", type=address, required=True, help="host:port, as the shops reach it")
    command.add_argument("--certificates", type=Path, required=True, help="folder; made where it is empty")
    command.add_argument("--shops", type=positive, default=2, help="that the first round waits for (default 2)")
    command.add_argument("--rounds", type=positive, default=20, help="of learning and averaging (default 20)")
    command.set_defaults(run=federate_serve)
    command = actions.add_parser("join", parents=[model], help="take part with one's own pictures")
    command.add_argument("photos", type=Path, metavar="PHOTOS", help="as of adapt")
    command.add_argument("--address", type=address, required=True, help="host:port of the server")
    command.add_argument("--ca", type=Path, required=True, help="the server's ca.pem")
    command.add_argument("--out", type=Path, required=True, help="folder to write, for VISION_ADAPTED")
    command.add_argument("--name", default="", help="how the server's log calls this shop")
    command.add_argument("--epsilon", type=epsilon, help="with differential privacy, over all rounds")
    command.set_defaults(run=federate_join)


def _parser() -> argparse.ArgumentParser:
    from vision.settings import SHIPPED

    parser = argparse.ArgumentParser(prog="python -m vision", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("--model", type=Path, default=SHIPPED, help="checkpoint folder (default: the shipped one)")
    command = commands.add_parser("train", help="train a model from a TOML file; resumes where it stopped")
    command.add_argument("config", type=Path)
    command.set_defaults(run=train)
    command = commands.add_parser("fit", help="fit heads, words, search or sentences on frozen eyes, from a TOML file")
    command.add_argument("config", type=Path)
    command.set_defaults(run=fit)
    _shop_commands(commands, model)
    command = commands.add_parser("export", help="write a checkpoint's graphs for ONNX Runtime into it, held to torch")
    command.add_argument("checkpoint", type=Path)
    command.add_argument("--add-on", type=Path, help="folder of more labels and sentences on it: graphs of both, there")
    command.add_argument("--int8", action="store_true", help="eyes that multiply bytes: less than half the time")
    command.set_defaults(run=export)
    command = commands.add_parser("evaluate", parents=[model], help="score a checkpoint on an imagefolder")
    command.add_argument("folder", type=Path)
    command.add_argument("--json", action="store_true", help="one line of JSON")
    command.add_argument(
        "--plots", type=Path, metavar="OUT", help="also: calibration, confusion and a contact sheet, into OUT"
    )
    command.add_argument("--schematic", action="store_true", help="with --plots: the contact sheet without any photo")
    command.add_argument("--text-table", action="store_true", help="also: how much the customer's words help")
    command.set_defaults(run=evaluate)
    command = commands.add_parser("describe", parents=[model], help="say what is in photos and videos")
    command.add_argument("paths", type=Path, nargs="+", help="files, or folders that are searched")
    command.add_argument("--text", default="", help="what the customer wrote with it")
    command.add_argument("--json", action="store_true", help="one JSON object a line")
    command.set_defaults(run=describe)
    command.add_argument("--catalogue", type=Path, help="the shop's own products (python -m vision catalogue build)")
    command.add_argument("--adapted", type=Path, help="the shop's own weights (python -m vision adapt)")
    command = commands.add_parser("catalogue", help="a shop's own products, without training")
    actions = command.add_subparsers(dest="action", required=True)
    command = actions.add_parser("build", parents=[model], help="make prototypes of DIR/metadata.jsonl's products")
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--out", type=Path, help="file to write (default: DIR/catalogue.json)")
    command.set_defaults(run=catalogue_build)
    command = commands.add_parser("search", parents=[model], help="rank a catalogue's products by words or by a photo")
    command.add_argument("catalogue", type=Path, metavar="CATALOGUE", help="catalogue.json, or its folder")
    command.add_argument("words", nargs="?", default="")
    command.add_argument("--photo", type=Path)
    shares = "of the photo alone, in shares of its sides: LEFT,TOP,RIGHT,BOTTOM, such as 0.5,0,1,0.5"
    command.add_argument("--part", type=box, help=shares)
    command.add_argument("-n", dest="count", type=positive, default=5, help="how many (default 5)")
    command.add_argument("--json", action="store_true", help="one JSON list")
    command.set_defaults(run=search)
    command = commands.add_parser("worker", help="describe the photos that the bot puts on the job stream")
    checked = "exit 0 when a worker is alive, or the one whose VISION_STATUS is ADDRESS is ready (for health checks)"
    command.add_argument("--check", nargs="?", const=False, type=address, metavar="ADDRESS", help=checked)
    command.set_defaults(run=worker)
    return parser


def main(argv: list[str] | None = None) -> int:
    threads.one_for_blas()
    args = _parser().parse_args(argv)
    logs.set_up()
    try:
        return int(args.run(args))
    except ModuleNotFoundError as error:
        needs = ".[train]" if args.run in (train, fit, export) else ".[vision,readers]"
        needs = ".[federated]" if error.name == "flwr" else needs
        needs = ".[private]" if error.name in ("torch", "opacus") and args.run is adapt else needs
        print(
            f"python -m vision: {args.command} needs {error.name}: pip install '{needs}' in Photodesk's folder",
            file=sys.stderr,
        )
        return 2
    except (ValueError, OSError, FloatingPointError) as error:
        # Our own errors say what to do next; a traceback would hide that.
        for line in told(error).splitlines():
            print(f"python -m vision: {line}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
