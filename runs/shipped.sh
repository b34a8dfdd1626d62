#!/usr/bin/env bash
# The exact commands behind weights/fifth: six stages, each from the weights of the one before, then half of each of the
# last two. ARCHIVES holds the sets' .tar and .npz files (docs/model-card.md, "Data"). Resumes where it stopped; on two
# cores about seven hours.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/shipped.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
[ -s .runs/data/objects64/cars/metadata.jsonl ] || "$python" runs/unpack.py "$archives" .runs/data
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/objects.toml
"$python" -m vision train runs/first.toml
before=first
for stage in second third fourth fifth; do
  mkdir -p ".runs/$stage"
  # What reads and writes words is taken only where both know the same words.
  [ -e ".runs/$stage/tokenizer.json" ] || cp ".runs/$before/model/tokenizer.json" ".runs/$stage/"
  "$python" -m vision train "runs/$stage.toml"
  before=$stage
done
PYTHONPATH=. "$python" runs/average.py runs/fourth.toml runs/fifth.toml 0.5 weights/fifth
