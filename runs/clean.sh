#!/usr/bin/env bash
# A checkpoint of the MIT and CC0 sets alone, from nothing; an hour on two cores. ARCHIVES as for runs/shipped.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/clean.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
[ -s .runs/data/objects64/cars/metadata.jsonl ] || "$python" runs/unpack.py "$archives" .runs/data
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/clean.toml
for set in grocery clothing vehicle-damage; do
  "$python" -m vision evaluate ".runs/data/$set/validation" --model .runs/clean/model --json
done
