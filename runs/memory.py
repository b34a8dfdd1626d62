"""weights/shipped/memory.safetensors: what `python -m vision adapt` rehearses and checks. `python runs/memory.py DATA`

Groceries: what training left out is rehearsed, the validation folder checks. Clothes: every second photo of the
validation folder, by halves; they are what is no grocery. Features and labels, no pixels.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vision.images import read_folder
from vision.model.adapted import digest_of
from vision.model.predictor import Predictor
from vision.settings import SHIPPED
from vision.training import memory
from vision.training.dataset import last_of_each
from vision.training.memory import Memory

if __name__ == "__main__":
    data = Path(sys.argv[1])
    predictor = Predictor.load(SHIPPED)
    grocery = read_folder(data / "grocery/train")
    apart = sorted(last_of_each(grocery, 8))  # as in runs/shipped/heads.toml
    away = memory.halves(memory.look(predictor, read_folder(data / "clothing/validation")[::2]))
    rehearsed = memory.look(predictor, [grocery[row] for row in apart])
    check = memory.look(predictor, read_folder(data / "grocery/validation"))
    parts = memory.together(rehearsed, away.rehearsed), memory.together(check, away.check)
    made = Memory(*map(memory.asked, parts))
    memory.save(SHIPPED / memory.FILE, made, digest_of(SHIPPED))
    print(f"{len(made.rehearsed)} photos are rehearsed, {len(made.check)} check")
