"""python -m vision describe: what a worker would say of files, printed."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from monitoring.plainly import why
from vision.frame import Frame
from vision.model.predictor import Predictor
from vision.readers.ocr import Ocr
from vision.readers.read import Readers, Reading
from vision.readers.text_detector import TextDetector
from vision.report import PhotoReport, shown
from vision.worker.decode import MOST_BYTES, Unreadable
from vision.worker.sandbox import Sandbox
from vision.worker.timeline import FrameReport, merged

# What a picture or a video is called; one of another name is known by its first bytes.
NAMES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif"),
    *(".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".3gp"),
)
READ_S = 60.0  # for the text of one photo, the first one's loading of the models included


def run(predictor: Predictor, paths: Sequence[Path], text: str, *, as_json: bool) -> int:
    """Some lines a picture, in order; exit 1 when one could not be read, or there is none. Files of a folder that are
    no pictures are passed over and counted."""
    text = text.encode("utf-8", "replace").decode()  # an argument may hold any bytes, a tokenizer may not
    unread, pictures = 0, 0
    made = Readers(TextDetector(), Ocr(), predictor.catalogue)
    with closing(Sandbox(predictor.size)) as sandbox, closing(made) as readers:
        for path in paths:
            others = 0
            for file in files(path):
                if isinstance(file, OSError):
                    found = {"path": str(file.filename), "error": "missing", "reason": why(file)}
                else:
                    found = {"path": str(file), **_describe(predictor, sandbox, readers, file, text)}
                if file != path and _is_none(found):
                    others += 1
                    continue
                unread, pictures = unread + ("error" in found), pictures + 1
                _say(found, as_json=as_json)
            if others:
                said = "file that is" if others == 1 else "files that are"
                print(f"{path}: passed over {others} {said} no picture or video", file=sys.stderr)
    if not pictures:
        print(f"no picture in {', '.join(map(str, paths))}", file=sys.stderr)
    return int(unread > 0 or not pictures)


def _is_none(found: dict[str, Any]) -> bool:
    """Whether neither its first bytes nor its name say that it is a picture or a video."""
    return found.get("error") in ("not_an_image", "empty", "too_large") and not found["path"].lower().endswith(NAMES)


def files(path: Path) -> Iterator[Path | OSError]:
    """Every regular file at or below ``path``, whatever its name, in a stable order; what cannot be looked into."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield error
        return
    if stat.S_ISREG(mode):
        yield path
    elif stat.S_ISDIR(mode):
        closed: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=closed.append):
            folders.sort()
            yield from (Path(folder) / name for name in sorted(names) if _is_file(folder, name))
        yield from closed
    else:
        yield OSError(errno.EINVAL, "neither a file nor a folder", str(path))


def _is_file(folder: str, name: str) -> bool:
    try:
        return (Path(folder) / name).is_file()
    except OSError:  # a folder that may be listed but not entered: opening it will say why
        return True


def _describe(predictor: Predictor, sandbox: Sandbox, readers: Readers, file: Path, text: str) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            looked = sandbox.open(stream.read(MOST_BYTES + 1))
    except Unreadable as error:
        report = PhotoReport.failed(error.trouble, error.reason)
    except OSError as error:
        report = PhotoReport.failed("unreadable", f"the file cannot be opened: {why(error)}")
    else:
        children = [sandbox.found_in(frame, film=bool(looked.film)) for frame in looked.frames]
        frames = [FrameReport(child, _read(predictor, readers, child, text)) for child in children]
        report = merged(looked.film, frames).report if looked.film else frames[0].report
    found: dict[str, Any] = report.model_dump() | {"tags": list(report.tags)}
    return found if report.error else {k: v for k, v in found.items() if k not in ("error", "reason")}


def _read(predictor: Predictor, readers: Readers, child: Frame, text: str) -> Reading:
    report = predictor.describe(child.pixels[None], [text])[0]
    return readers.look(report, child, READ_S)


def _say(found: dict[str, Any], *, as_json: bool) -> None:
    # A file name may hold bytes that are not UTF-8: escaped, so that one odd name does not end the listing.
    path = found["path"].encode("utf-8", "backslashreplace").decode()
    if as_json:
        print(json.dumps(found | {"path": path}, ensure_ascii=False), flush=True)
    elif "error" in found:
        print(f"{path}\n  cannot be read ({found['error']}): {found['reason']}")
    else:
        print(f"{path}\n  {found.get('caption') or _perhaps(found['labels'])}")
        for name, answer in found["labels"].items():
            sure = "" if answer.get("stated") else "  (not sure)"
            if answer["applies"] >= 0.5 and answer["top"]:
                best = answer["top"][0]
                print(f"  {name}: {best['name']} {best['probability']:.0%}{sure}")
        _say_read(found)


def _say_read(found: dict[str, Any]) -> None:
    for code in found["codes"]:
        print(f"  {code['symbology']}: {shown(code['payload'])}")
    for reference in found["references"]:
        print(f"  {reference['type']}: {' '.join(filter(None, (reference['detail'], shown(reference['value']))))}")
    for line in found["lines"]:
        print(f"  | {shown(line)}")
    if found["unread"]:
        print(f"  {found['unread']} pieces of text could not be read for sure")
    for finding in found["sensitive"]:
        print(f"  hidden: {finding['type']}")
    if found["flaws"]:
        print(f"  {', '.join(found['flaws'])}")
    if found["film"]:
        _say_moments(found["film"])


def _say_moments(film: dict[str, Any]) -> None:
    print(f"  {'all' if film['whole'] else 'not all'} of its first {film['looked']:.0f} s was looked at:")
    for moment in film["timeline"]:
        guesses = [f"{label['name']} {label['probability']:.0%}" for label in moment["labels"].values()]
        print(f"  {moment['at']:5.1f} s  {' · '.join([*guesses, *(shown(line) for line in moment['lines'])])}")


def _perhaps(labels: dict[str, Any]) -> str:
    """The likeliest guess of what it is, below what the model is ready to state."""
    names = [
        n for n in ("product", "item", "article") if n in labels and labels[n]["applies"] >= 0.5 and labels[n]["top"]
    ]
    best = max((labels[name]["top"][0] for name in names), key=lambda top: top["probability"], default=None)
    return f"not sure; perhaps {best['name']} ({best['probability']:.0%})" if best else "not sure what this is"
