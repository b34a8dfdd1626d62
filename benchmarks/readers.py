"""Every figure about reading: receipts, codes, text, references, what must not be kept, the gate, EXIF, speed.

    python benchmarks/readers.py [--data .runs/data] [--each 20] [--only codes,receipts,…]

Pictures of the sets are looked for under ``--data`` (runs/unpack.py); what is missing is said and left out. Labels,
screens, cards and papers are drawn here (rendered.py), the same ones each time. One line of JSON a figure.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import rendered
import segno
from PIL import Image

from vision.readers import codes, quality
from vision.readers.dates import days
from vision.readers.ocr import Ocr
from vision.readers.read import Readers
from vision.readers.text_detector import TextDetector
from vision.report import PhotoReport
from vision.worker.sandbox import Sandbox

LONGEST_S = 60.0
PRODUCT_SETS = ("grocery", "clothing", "fashion")


class Bench:
    def __init__(self, data: Path, each: int) -> None:
        self.data, self.each = data, each
        self.children, self.readers = Sandbox(128, 20.0, 1), Readers(TextDetector(), Ocr(niceness=0))
        self.gate_misses = Counter[bool]()

    def close(self) -> None:
        self.children.close()
        self.readers.close()

    def read(self, data: bytes, *, has_text: bool | None = None) -> PhotoReport:
        """As the worker does it, but for the network. ``has_text``: known, for the gate's sake."""
        child = self.children.found_in(*self.children.open(data).frames)
        report = PhotoReport()
        wanted = bool(child.codes) or self.readers.has_text(report, child)
        if has_text is not None:
            self.gate_misses[wanted] += has_text
        done = self.readers.read(report, child, LONGEST_S) if wanted else self.readers.without_text(report, child)
        return done.report

    def rows(self, folder: str) -> list[dict[str, Any]]:
        file = self.data / folder / "metadata.jsonl"
        if not file.is_file():
            print(f"{file} is missing: see runs/unpack.py", file=sys.stderr)
            return []
        lines = file.read_text(encoding="utf-8").splitlines()
        return [
            json.loads(line) | {"data": (file.parent / json.loads(line)["file_name"]).read_bytes()} for line in lines
        ]

    # -- one method a figure ----------------------------------------------------------------------------------------
    def receipts(self) -> dict[str, Any]:
        right: Counter[str] = Counter()
        rows = self.rows("receipts/readable")
        for row in rows:
            report = self.read(row["data"], has_text=True)
            total = next((r.normal for r in report.references if r.type == "total"), None)
            date = next((r.normal for r in report.references if r.type == "date"), None)
            good_total = total == re.sub(r"[^\d.]", "", row["key"]["total"])
            good_date = date == next((day.isoformat() for day in days(row["key"]["date"])), "")
            right.update(total=good_total, date=good_date, both=good_total and good_date)
        return {name: _share(right[name], len(rows)) for name in ("both", "total", "date")} | {"receipts": len(rows)}

    def codes(self) -> dict[str, Any]:
        """``wrong``: all that the set does not name, even read right, as the second code of a book is."""
        rows, right, wrong, times = self.rows("codes/train"), Counter[str](), [], []
        of = Counter(row["symbology"] for row in rows)
        for row in rows:
            grey = quality.grey(np.asarray(Image.open(io.BytesIO(row["data"])).convert("RGB")))
            start = time.perf_counter()
            found = codes.read(grey) or []
            times.append(time.perf_counter() - start)
            right[row["symbology"]] += any(code.payload == row["payload"] for code in found)
            if others := [code.payload for code in found if code.payload != row["payload"]]:
                wrong.append([row["file_name"], *others])
        by_kind = {name: f"{right[name]}/{count}" for name, count in sorted(of.items())}
        return {"right": _share(right.total(), len(rows)), "wrong": wrong, "by symbology": by_kind, **_spread(times)}

    def codes_speed(self) -> dict[str, Any]:
        """Time of a core, on photos of 1,280 × 960, half of them with a code and half without."""
        times, chance = [], random.Random(5)
        for number in range(2 * self.each):
            image = rendered.photographed(rendered.draw(rendered.parcel(chance), chance), chance).resize((1280, 960))
            if number % 2:
                image.paste(_qr(f"https://example.com/{number}"), (chance.randint(0, 900), chance.randint(0, 600)))
            grey = quality.grey(np.asarray(image))
            start = time.process_time()
            codes.read(grey)
            times.append(time.process_time() - start)
        return _spread(times)

    def text(self) -> dict[str, Any]:
        """Character accuracy: 1 − edits ÷ characters, lines in order."""
        edits = characters = 0
        worst: list[tuple[float, str, list[str]]] = []
        for name, sheet, data in self.drawn(("parcel", "error screen", "device")):
            said = "\n".join(self.read(data, has_text=True).lines)
            told = "\n".join(line for line in sheet.lines if line)
            distance = _edits(told, said)
            edits, characters = edits + distance, characters + len(told)
            worst.append((distance / len(told), name, said.split("\n")))
        worst.sort(reverse=True, key=lambda found: found[0])
        return {"accuracy": round(1 - edits / characters, 4), "characters": characters, "worst": worst[:3]}

    def references(self) -> dict[str, Any]:
        score: Counter[str] = Counter()
        lost: list[Any] = []
        for _, sheet, data in self.drawn(("parcel", "error screen", "device", "receipt")):
            found = {(r.type, r.normal) for r in self.read(data, has_text=True).references}
            score.update(
                hit=len(found & sheet.references),
                missed=len(sheet.references - found),
                extra=len(found - sheet.references),
            )
            lost += (
                [sorted(sheet.references - found), sorted(found - sheet.references)]
                if found != sheet.references
                else []
            )
        f1 = 2 * score["hit"] / max(1, 2 * score["hit"] + score["missed"] + score["extra"])
        return {"f1": round(f1, 4), **score, "differences": lost[:12]}

    def sensitive(self) -> dict[str, Any]:
        found: dict[str, list[bool]] = {"card": [], "iban": [], "mrz": []}
        for name, sheet, data in self.drawn(tuple(found)):
            report = self.read(data, has_text=True)
            records = report.model_dump_json()
            hidden = any(f.type == sheet.sensitive for f in report.sensitive) and not any(
                s in records for s in sheet.secrets
            )
            found[name].append(hidden)
        recall = {name: _share(sum(hits), len(hits)) for name, hits in found.items()}
        return {"recall": recall}

    def false_alarms(self) -> dict[str, Any]:
        """Photos of products that are said to show something sensitive, and in how many text was found."""
        rows = [row for name in PRODUCT_SETS for part in ("validation", "train") for row in self.rows(f"{name}/{part}")]
        rows = random.Random(0).sample(rows, min(len(rows), 100 * self.each))
        reports = [self.read(row["data"]) for row in rows]
        alarms = [row["file_name"] for row, report in zip(rows, reports, strict=True) if report.sensitive]
        return {"alarms": alarms, "photos": len(rows), "read": sum(bool(report.lines) for report in reports)}

    def orientation(self) -> dict[str, Any]:
        """The same photo with each EXIF orientation must say the same."""
        chance = random.Random(3)
        sheet = rendered.parcel(chance)
        image = rendered.draw(sheet, chance, 30)
        image.paste(_qr("https://example.com/orientation", 150), (image.width - 170, image.height - 170))
        ways = {
            1: None,
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }
        said = []
        for number, way in ways.items():
            exif = Image.Exif()
            exif[0x0112], exif[0x010F] = number, "Camera"
            out = io.BytesIO()
            (image if way is None else image.transpose(way)).save(out, "PNG", exif=exif)
            report = self.read(out.getvalue())
            said.append((report.lines, tuple(code.payload for code in report.codes)))
        return {"same": f"{sum(one == said[0] and bool(one[0]) and bool(one[1]) for one in said)} of 8"}

    def gate(self) -> dict[str, Any]:
        """Counted over all pictures with text that this run has read."""
        asked = self.gate_misses.total()
        return {"not sent to OCR": _share(self.gate_misses[False], asked), "photos with text": asked}

    def text_speed(self) -> dict[str, Any]:
        times = []
        for _, _, data in self.drawn(("parcel", "error screen", "device", "receipt"), self.each // 4 + 1):
            child = self.children.found_in(*self.children.open(data).frames)
            start = time.perf_counter()
            self.readers.read(PhotoReport(), child, LONGEST_S)
            times.append(time.perf_counter() - start)
        servers = [p for p in psutil.Process().children(recursive=True) if "ocr_server" in " ".join(p.cmdline())]
        peak = [_peak_mb(p.pid) for p in servers]
        return {**_spread(times), "peak_mb": peak, "load": psutil.getloadavg()[0]}

    def drawn(self, names: tuple[str, ...], each: int = 0) -> Iterator[tuple[str, rendered.Sheet, bytes]]:
        for name in names:
            for number in range(each or self.each):
                chance = random.Random(f"{name} {number}")
                sheet = rendered.SHEETS[name](chance)
                yield name, sheet, rendered.encoded(rendered.photographed(rendered.draw(sheet, chance), chance))


def _qr(payload: str, size: int = 240) -> Image.Image:
    out = io.BytesIO()
    segno.make(payload).save(out, kind="png", scale=8, border=4)
    return Image.open(out).convert("RGB").resize((size, size), Image.Resampling.NEAREST)


def _edits(told: str, said: str) -> int:
    """Levenshtein's distance, row by row."""
    row = list(range(len(said) + 1))
    for at, letter in enumerate(told, 1):
        before, row[0] = row[0], at
        for column, other in enumerate(said, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (letter != other))
    return row[-1]


def _share(count: int, of: int) -> float:
    return round(count / of, 4) if of else float("nan")


def _spread(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
    return {"p50_ms": round(statistics.median(times) * 1000, 1), "p95_ms": round(p95 * 1000, 1)} if times else {}


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024  # type: ignore[index]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--each", type=int, default=20, help="drawn pictures of each sort")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    with closing(Bench(args.data, args.each)) as bench:
        figures: dict[str, Callable[[], dict[str, Any]]] = {
            "receipts": bench.receipts,
            "codes": bench.codes,
            "codes speed": bench.codes_speed,
            "text": bench.text,
            "references": bench.references,
            "sensitive": bench.sensitive,
            "false alarms": bench.false_alarms,
            "orientation": bench.orientation,
            "text speed": bench.text_speed,
            "gate": bench.gate,
        }
        for name, figure in figures.items():
            if not args.only or name in args.only.split(","):
                print(json.dumps({name: figure()}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
