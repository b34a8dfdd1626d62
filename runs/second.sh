#!/usr/bin/env bash
# The exact commands behind weights/second, which starts from weights/first. ARCHIVES is the folder of the sets' tar and
# npz files (docs/model-card.md names the sets). Resumes where it stopped; about two hours on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/second.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
[ -f .runs/data/objects64/train/metadata.jsonl ] || "$python" runs/unpack.py "$archives" .runs/data
mkdir -p .runs/second
[ -f .runs/second/tokenizer.json ] || cp weights/first/tokenizer.json .runs/second/ # the same words, so that the decoder goes on
nice -n 19 "$python" -m vision train runs/second.toml
mkdir -p weights/second
cp .runs/second/model/{weights.safetensors,tokenizer.json,card.json} weights/second/
