"""Importing does nothing: no file and no environment read, no socket, process or thread; and no module keeps state."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from repository import ROOT

PACKAGES = ("bot", "vision", "dialogue", "storage", "monitoring", "playground")
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
# What our own lines do while they are imported, by Python's audit events. The import system reads files, and libraries
# read theirs when they are imported: the first frame that is ours or the import system's says who it was.
QUIET = """
import importlib, json, os, sys
root, packages, names = sys.argv[1], tuple(sys.argv[2].split()), sys.argv[3].split()
ours = tuple(os.path.join(root, package) + os.sep for package in packages)
found = []
pydantic = f"{os.sep}pydantic{os.sep}"

def by_us():
    frame = sys._getframe(2)
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        if pydantic in frame.f_code.co_filename:  # it looks for its plugins when a class is made
            return None
        if frame.f_code.co_filename.startswith(ours):
            return f"{frame.f_code.co_filename[len(root) + 1:]}:{frame.f_lineno}"
        frame = frame.f_back

def hook(event, arguments):
    if event == "socket.connect":
        found.append(f"{by_us() or 'a library'}: {event}")
    elif event in ("socket.bind", "open", "os.listdir", "os.scandir", "subprocess.Popen", "os.fork", "socket.__new__"):
        if who := by_us():
            found.append(f"{who}: {event} {arguments[0]!r}")

def watched(name, whole):
    def method(self, *arguments):
        if who := by_us():
            found.append(f"{who}: environment {name}")
        return whole(self, *arguments)
    return method

for name in ("__getitem__", "__iter__", "__len__"):
    setattr(os._Environ, name, watched(name, getattr(os._Environ, name)))
sys.addaudithook(hook)
brought = []
for name in names:
    importlib.import_module(name)
    brought.append(sorted({m.split(".")[0] for m in sys.modules}))
import threading
found += [f"thread {thread.name}" for thread in threading.enumerate()[1:]]
print(json.dumps({"found": found, "brought": brought}))
"""
CHANGING = {
    *("append", "extend", "insert", "remove", "clear", "pop", "popitem", "update", "setdefault", "add", "discard"),
    *("appendleft", "popleft", "sort", "reverse", "put", "put_nowait"),
}


def imported(*modules: str) -> tuple[list[str], list[set[str]]]:
    """What importing them one after the other did, and the top-level packages that were there after each."""
    command = [sys.executable, "-c", QUIET, str(ROOT), " ".join(PACKAGES), " ".join(modules)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return said["found"], [set(names) for names in said["brought"]]


def test_what_reads_at_import_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "bot"
    package.mkdir()
    (package / "__init__.py").write_text("import os\nfrom pathlib import Path\n")
    (package / "reads.py").write_text("from pathlib import Path\nWORDS = Path(__file__).read_text()\n")
    (package / "asks.py").write_text("import os\nHOME = os.environ.get('HOME')\n")
    (package / "lists.py").write_text("from pathlib import Path\nALL = list(Path('.').iterdir())\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    did, _ = imported("bot.reads", "bot.asks", "bot.lists")
    assert [line.split()[0] for line in did] == ["bot/reads.py:2:", "bot/asks.py:2:", "bot/lists.py:2:"]


# One process a row: first the modules that must not bring something, the lightest first (what one of them brings, the
# next ones are seen with), then everything else of the row's packages.
ROWS: list[tuple[dict[str, set[str]], tuple[str, ...]]] = [
    (
        {
            "dialogue.turn": {"langchain_core", "redis", "torch", "pydantic"},
            # A health check imports it; and numpy comes after its threads were counted (monitoring/threads.py).
            "bot.__main__": {"aiogram", "redis", "pydantic", "prometheus_client", "numpy"},
            "vision.__main__": {"torch", "redis", "pydantic", "prometheus_client"},
            "vision.report": {"torch", "PIL", "numpy", "redis", "aiogram"},
            "storage.jobs": {"torch", "aiogram", "pydantic_settings"},
            "vision.client": {"torch", "PIL", "numpy", "aiogram"},
            "bot.ports": {"torch", "aiogram", "langchain_core"},
            "bot.turn": {"torch", "langchain_core"},
            # LangChain's models and prompts are 19 MB, and only where a model is configured.
            "bot.app": {"torch", "transformers", "torchvision", "PIL", "langchain", "langgraph", "langsmith"},
        },
        ("bot", "dialogue", "storage", "monitoring"),
    ),
    (
        {
            "vision.worker.worker": {"torch", "aiogram", "langchain_core"},
            "vision.model.predictor": {"aiogram", "langchain_core"},
        },
        ("vision",),
    ),
    ({"dialogue.chain": {"torch", "aiogram", "PIL", "openai"}}, ()),
    (
        {"playground.server": {"bot", "vision", "dialogue", "storage", "monitoring", "aiogram", "torch"}},
        ("playground",),
    ),
]


@pytest.mark.parametrize(("row", "packages"), ROWS, ids=[next(reversed(row)) for row, _ in ROWS])
def test_importing_does_nothing_and_brings_no_more_than_it_may(
    row: dict[str, set[str]], packages: tuple[str, ...]
) -> None:
    rest = [name for name in FILES if name.split(".")[0] in packages and name not in row]
    did, brought = imported(*row, *rest)
    assert did == []
    found = zip(row.items(), brought, strict=False)
    assert {module: there & never for (module, never), there in found} == {module: set() for module in row}


def test_every_package_is_imported() -> None:
    assert {package for _, packages in ROWS for package in packages} == set(PACKAGES)


def test_the_environment_is_read_in_settings_alone() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in FILES.values()
        if "os.environ" in (text := path.read_text(encoding="utf-8")) or "getenv(" in text
    ]
    assert readers == ["storage/settings.py", "monitoring/threads.py"]  # the latter sets, and reads nothing


def changed_globals(tree: ast.Module) -> Iterator[str]:
    """Names of the module that its functions assign, or whose contents they change."""
    own = {
        target.id
        for statement in tree.body
        for target in (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else []
        )
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        arguments = function.args
        local = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        inside = list(ast.walk(function))
        local |= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in inside:
            if isinstance(node, ast.Global):
                yield f"{node.lineno}: global {', '.join(node.names)}"
            changed = None
            if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                changed = node.value
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
                changed = node.func.value
            if isinstance(changed, ast.Name) and changed.id in own - local:
                yield f"{node.lineno}: {changed.id}"


def test_no_module_keeps_state() -> None:
    """RETENTION was changed by the first bot or worker of a process; a heart beat in a module's dictionary."""
    found = {
        name: changes
        for name, path in FILES.items()
        if (changes := list(changed_globals(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("_last = {}\ndef beat(what):\n    _last[what] = 1", ["3: _last"]),
        ("TABLE: dict = {}\ndef keep():\n    TABLE.update(x=1)", ["3: TABLE"]),
        ("N = 0\ndef count():\n    global N\n    N += 1", ["3: global N"]),
        ("ALL = []\ndef f(ALL):\n    ALL.append(1)", []),
        ("ALL = []\ndef f():\n    ALL = [1]\n    ALL.append(1)", []),
        ("ALL = {}\nALL['x'] = 1", []),  # while it is imported
    ],
)
def test_a_module_that_keeps_state_would_be_found(program: str, found: list[str]) -> None:
    assert list(changed_globals(ast.parse(program))) == found
