"""What a thousand customers take in the store: memory and disk, with the real history, reports and seals.

    python benchmarks/capacity.py [--customers 1000] [--turns 20] [--photos 4]

Every customer has said `turns` things and sent `photos` photos within the time that they are kept (30 days); the words
are the demo shop's questions and answers, the reports those of the shipped checkpoint. No conversation keeps more than
dialogue.history.KEEP messages, however long it is.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bot.app import answers
from bot.settings import BotSettings
from dialogue.encode import encoders
from dialogue.history import KEEP, History
from dialogue.turn import Turn
from storage.backup import backup
from storage.keys import RETENTION, customer
from storage.redis import connect
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.model.predictor import Predictor

QUESTIONS = ("how long do bananas keep?", "when do you deliver?", "can I freeze milk?", "what does delivery cost?")


def reports(count: int) -> list[bytes]:
    eyes = Predictor.load()
    size = (eyes.size, eyes.size)
    noise = [np.asarray(Image.effect_noise(size, 40 + n).convert("RGB")) for n in range(count)]
    return [report.model_dump_json().encode() for report in eyes.describe(np.stack(noise), [""] * count)]


async def fill(url: str, data: Path, customers: int, turns: int, photos: list[bytes]) -> dict[str, Any]:
    redis: Any = await connect(url)
    storage = StorageSettings(data=data)
    sealer = storage.sealer()
    dialogue = answers(BotSettings(), History(redis, sealer, retention=storage.retention()), encoders(), None)
    said = [(Turn(1, q), await dialogue.reply(Turn(1, q))) for q in QUESTIONS]
    before = (await redis.info("memory"))["used_memory"]
    for one in range(1, customers + 1):
        async with redis.pipeline(transaction=True) as pipe:
            for n in range(turns):
                asked, reply = said[n % len(said)]
                dialogue.remember(pipe, Turn(one, asked.text), reply)
            for n, report in enumerate(photos):
                key = customer(one, "report", f"{n:032x}")
                pipe.set(key, sealer.seal(key, report), ex=RETENTION["report"])
            pipe.hset(customer(one, "owner"), mapping={"state": "bot", "version": 3})
            await pipe.execute()
    used = (await redis.info("memory"))["used_memory"] - before
    await backup(redis, file := io.BytesIO())
    await redis.bgrewriteaof()
    while (await redis.info("persistence"))["aof_rewrite_in_progress"]:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    disk = (await redis.info("persistence"))["aof_current_size"]
    per = {"memory_mb": used, "append_only_file_mb": disk, "backup_mb": len(file.getvalue())}
    await redis.aclose()
    return {name: round(size / 1e6 * 1000 / customers, 1) for name, size in per.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--photos", type=int, default=4)
    args = parser.parse_args()
    seen = reports(args.photos)
    with tempfile.TemporaryDirectory() as data, EmbeddedServer(Path(data)) as server:
        per = asyncio.run(fill(server.url, Path(data), args.customers, args.turns, seen))
    each = {"turns": args.turns, "photos": args.photos, "report_bytes": len(seen[0]), "most_messages_kept": KEEP}
    print(json.dumps({"each customer": each, "per 1,000 customers": per}, indent=2))


if __name__ == "__main__":
    main()
