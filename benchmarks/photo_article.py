"""The product's own number on the development set: grocery validation photos, 81 product articles and 25 others.

    python benchmarks/photo_article.py DATA

DATA holds grocery/validation (imagefolder), products/ and support/knowledge/ (Markdown). Questions are ours and name no
product. Skips, with the reason, where DATA is absent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = (
    "how long does this keep?",
    "what is this?",
    "how should I store it?",
    "is this good for baking?",
    "where does it come from?",
    "can you tell me more about this product?",
    "what does it taste like?",
    "is it organic?",
    "what can I cook with it?",
    "how do I know that it is ripe?",
)


def article(name: str) -> str:
    return name.lower().replace("&", "and").replace(" ", "-")


def main(data: Path) -> int:
    photos = data / "grocery" / "validation"
    if not (photos / "metadata.jsonl").is_file():
        print(f"skipped: no {photos}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        knowledge = Path(folder) / "knowledge"
        knowledge.mkdir()
        for source in [*(data / "products").glob("*.md"), *(data / "support" / "knowledge").glob("*.md")]:
            (knowledge / source.name).write_bytes(source.read_bytes())
        cases = Path(folder) / "cases.jsonl"
        with cases.open("w") as out:
            for n, line in enumerate((photos / "metadata.jsonl").read_text().splitlines()):
                entry = json.loads(line)
                label = entry["labels"]["product"]
                photo = os.path.relpath(photos / entry["file_name"], folder)
                case = {"photo": photo, "question": QUESTIONS[n % len(QUESTIONS)], "expected": article(label)}
                out.write(json.dumps({**case, "label": label}) + "\n")
        command = [sys.executable, "-m", "bot", "evaluate", str(cases), "--knowledge", str(knowledge), "--json"]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".runs" / "data"))
