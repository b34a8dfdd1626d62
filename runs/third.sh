#!/usr/bin/env bash
# The first four stages of the shipped checkpoint: those of runs/second.sh, then a fourth. ARCHIVES as there. Resumes where
# it stopped; on two cores about five hours in all.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/third.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
runs/second.sh "$archives"
mkdir -p .runs/third
[ -e .runs/third/tokenizer.json ] || cp .runs/second/model/tokenizer.json .runs/third/  # what reads and writes words is taken only where both know the same
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/third.toml
