#!/usr/bin/env bash
# The first two stages of the shipped checkpoint. ARCHIVES is the folder of the sets' tar and npz files (docs/model-card.md
# names the sets). Resumes where it stopped; on two cores about two hours.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/first.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
[ -s .runs/data/objects64/cars/metadata.jsonl ] || "$python" runs/unpack.py "$archives" .runs/data
nice -n 19 "$python" -m vision train runs/objects.toml
nice -n 19 "$python" -m vision train runs/first.toml
