"""The numbers of docs/architecture.md, counted in the code: python docs/measure_house.py [--root FOLDER] [--print]

A module is a .py file with code in it; an arrow is one module of a package that imports another of the same package.
The parts of a package are what lies directly in it: files and folders.
Needs ruff (a development dependency) for the complexity of functions.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "vision", "dialogue", "storage", "monitoring", "playground")
PAGE, BEGIN, END = "docs/architecture.md", "<!-- measured: begin -->", "<!-- measured: end -->"
COMPLEX = 8  # branches of a function, as ruff's C901 counts them
# A turn's way, and what it asks of others: no `Any` should be needed here.
TURN = (
    "bot/ports.py",
    "bot/turn.py",
    "bot/looking.py",
    "bot/answering.py",
    "bot/relaying.py",
    "bot/customers.py",
    "bot/message.py",
    "bot/photos.py",
    "bot/policy.py",
    "bot/records.py",
    "bot/handover/handover.py",
    "bot/handover/ownership.py",
    "bot/telegram/outgoing.py",
    "storage/commit.py",
)


def modules(root: Path, package: str) -> dict[str, ast.Module]:
    """Dotted name → its tree. Folders' empty ``__init__.py`` are none."""
    found = {}
    for path in sorted((root / package).rglob("*.py")):
        if text := path.read_text(encoding="utf-8").strip():
            found[".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")] = ast.parse(text)
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """Every dotted name that could be a module: ``from a import b`` is a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows(trees: dict[str, ast.Module]) -> list[tuple[str, str]]:
    return [(name, other) for name, tree in trees.items() for other in set(imported(tree)) & set(trees) - {name}]


def part(module: str) -> str:
    """bot.telegram.inbox → bot.telegram"""
    return ".".join(module.split(".")[:2])


def broad_excepts(tree: ast.Module) -> int:
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    return sum(h.type is None or ast.unparse(h.type) in ("Exception", "BaseException") for h in handlers)


def uses_any(path: Path) -> bool:
    return any(name == "typing.Any" for name in imported(ast.parse(path.read_text(encoding="utf-8"))))


def longest(root: Path, package: str) -> tuple[int, str]:
    return max(
        (len(p.read_text("utf-8").splitlines()), str(p.relative_to(root))) for p in (root / package).rglob("*.py")
    )


def too_complex(root: Path) -> dict[str, int]:
    """Package → functions with more branches than COMPLEX."""
    options = ["--isolated", "--no-cache", "--select", "C901", "--config", f"lint.mccabe.max-complexity={COMPLEX}"]
    command = [sys.executable, "-m", "ruff", "check", *options, "--ignore-noqa", "--output-format", "json", *PACKAGES]
    present = [word for word in command if word not in PACKAGES or (root / word).is_dir()]
    done = subprocess.run(present, cwd=root, capture_output=True, text=True, check=False)
    places = [Path(row["filename"]).relative_to(root.resolve()).parts[0] for row in json.loads(done.stdout)]
    return {package: places.count(package) for package in PACKAGES}


def table(root: Path = ROOT) -> str:
    complicated = too_complex(root)
    lines = [
        "| package | modules | arrows | parts | arrows between parts | longest file, lines | broad excepts "
        f"| functions over complexity {COMPLEX} |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for package in PACKAGES:
        if (root / package).is_dir():
            trees = modules(root, package)
            length, where = longest(root, package)
            broad = sum(map(broad_excepts, trees.values()))
            inside, parts = arrows(trees), {part(name) for name in trees}
            between = {(part(one), part(other)) for one, other in inside if part(one) != part(other)}
            counts = (len(trees), len(inside), len(parts), len(between))
            row = (f"`{package}`", *counts, f"{length} (`{where}`)", broad, complicated[package])
            lines.append(f"| {' | '.join(map(str, row))} |")
    with_any = [name for name in TURN if (root / name).is_file() and uses_any(root / name)]
    named = ", ".join(f"`{name}`" for name in with_any) or "none"
    return "\n".join(
        [*lines, "", f"Modules on a turn's way that import `Any`: {len(with_any)} of {len(TURN)} ({named})."]
    )


def page(root: Path = ROOT) -> str:
    """docs/architecture.md with the table of now."""
    before, rest = (root / PAGE).read_text(encoding="utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{table(root)}\n{END}{rest.split(END)[1]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout, such as that of an earlier commit")
    parser.add_argument("--print", action="store_true", help="print the table, and change nothing")
    arguments = parser.parse_args()
    if arguments.print:
        print(table(arguments.root))
    else:
        (arguments.root / PAGE).write_text(page(arguments.root), encoding="utf-8")


if __name__ == "__main__":
    main()
