#!/usr/bin/env bash
# How well things that training never saw are told apart by five example photos; half an hour on two cores. ARCHIVES as
# for runs/shipped.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/held_back.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
[ -s .runs/data/objects64/cars/metadata.jsonl ] || "$python" runs/unpack.py "$archives" .runs/data
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/held_back.toml
PYTHONPATH=. "$python" benchmarks/held_back.py .runs/held_back/model runs/held_back.toml
