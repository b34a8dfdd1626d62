"""“Vision was wrong”: the right label or sentence from an agent, kept with its photo only with the customer's yes.

What is kept is an imagefolder that ``python -m vision train`` reads: pictures under random names and metadata.jsonl.
Telegram has re-encoded the pictures, so they carry no place and no camera; pictures sent as files are not offered,
nor are videos, of which no single picture is known to be the wrong one.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

from pydantic import BaseModel

from bot.photos import for_agents
from bot.records import Case, PhotoRecord, Records
from storage.commit import Commit

MOST = 1000  # photos of one customer
LABELS = 4  # of one photo that are offered


class PendingCorrection(BaseModel):
    """What an agent said, until the customer says whether we may keep it."""

    file_id: str
    labels: dict[str, str] = {}
    captions: list[str] = []


class Correction(BaseModel):
    """One kept photo."""

    file_name: str
    labels: dict[str, str] = {}
    captions: list[str] = []
    at: float = 0.0


class Corrections:
    def __init__(self, records: Records, folder: Path) -> None:
        self.records, self.folder = records, folder
        self.writing = asyncio.Lock()

    async def of(self, chat: int) -> list[Correction]:
        return await self.records.all(chat, "corrections", Correction)

    async def keep(self, name: str, pending: PendingCorrection, picture: bytes) -> Correction:
        """Writes the picture and its line, once for each ``name``. Queue ``record`` with what else happens."""
        name = f"{name}.jpg"
        one = Correction(file_name=name, labels=pending.labels, captions=pending.captions, at=time.time())
        async with self.writing:
            await asyncio.to_thread(self._write, name, picture, one)
        return one

    def record(self, commit: Commit, chat: int, one: Correction) -> None:
        self.records.push(commit, chat, "corrections", [one], MOST)

    async def forget(self, chat: int) -> None:
        names = {one.file_name for one in await self.of(chat)}
        if names:
            async with self.writing:
                await asyncio.to_thread(self._remove, names)

    def _write(self, name: str, picture: bytes, one: Correction) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(picture)
        path.chmod(0o600)
        line = {"file_name": name} | ({"labels": one.labels} if one.labels else {})
        line |= {"captions": one.captions} if one.captions else {}  # type: ignore[dict-item]
        metadata = self.folder / "metadata.jsonl"
        if metadata.is_file() and f'"{name}"' in metadata.read_text(encoding="utf-8"):
            return  # written before we were interrupted
        with metadata.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _remove(self, names: set[str]) -> None:
        metadata = self.folder / "metadata.jsonl"
        lines = metadata.read_text(encoding="utf-8").splitlines() if metadata.is_file() else []
        left = [line for line in lines if json.loads(line)["file_name"] not in names]
        draft = metadata.with_suffix(".draft")
        draft.write_text("".join(f"{line}\n" for line in left), encoding="utf-8")
        draft.replace(metadata)
        for name in names:
            (self.folder / name).unlink(missing_ok=True)


def offered(case: Case) -> list[tuple[int, PhotoRecord, list[tuple[str, str]]]]:
    """(number on the card, photo, [(set, label)]): what an agent can choose from, the likeliest first."""
    found = []
    for number, photo in enumerate(case.photos, 1):
        shown = for_agents(photo.file_id, photo.report, as_file=photo.as_file)
        if photo.report.film or shown != photo.file_id:  # what agents may not see is not kept, either
            continue
        ranked = [
            (label.probability * labels.applies, slot, label.name)
            for slot, labels in photo.report.labels.items()
            if slot != "kind"
            for label in labels.top
        ]
        names: dict[str, str] = {}
        for _, slot, name in sorted(ranked, reverse=True):
            names.setdefault(name, slot)  # two sets may say the same
        found.append((number, photo, [(slot, name) for name, slot in names.items()][:LABELS]))
    return found


def ask_later(records: Records, commit: Commit, chat: int, pending: PendingCorrection, name: str) -> None:
    """Queue: what an agent said waits for the customer's word. ``name``: its own, for the customer's buttons."""
    records.put(commit, chat, "wrong", pending, name)
