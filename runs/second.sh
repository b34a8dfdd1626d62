#!/usr/bin/env bash
# The exact commands behind weights/second: runs/first.sh's two stages, then two more. ARCHIVES as there. Resumes where it
# stopped; on two cores about four hours in all.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/second.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
runs/first.sh "$archives"
for stage in second words; do
    # The words of the stage before: what reads and writes words is taken only where both know the same.
    mkdir -p ".runs/$stage"
    cp -n weights/first/tokenizer.json ".runs/$stage/"
    "$python" -m vision train "runs/$stage.toml"
done
mkdir -p weights/second
cp .runs/words/model/{weights.safetensors,tokenizer.json,card.json} weights/second/
