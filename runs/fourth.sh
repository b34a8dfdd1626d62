#!/usr/bin/env bash
# The exact commands behind weights/fourth: the stages of runs/third.sh, then a fifth with stronger augmentation. ARCHIVES
# as there. Resumes where it stopped; on two cores about six hours in all.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/fourth.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
runs/third.sh "$archives"
mkdir -p .runs/fourth
[ -e .runs/fourth/tokenizer.json ] || cp .runs/third/model/tokenizer.json .runs/fourth/  # what reads and writes words is taken only where both know the same
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/fourth.toml
mkdir -p weights/fourth
cp .runs/fourth/model/{weights.safetensors,tokenizer.json,card.json} weights/fourth/
