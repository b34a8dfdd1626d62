#!/usr/bin/env bash
# The first three stages of the shipped checkpoint: the two of runs/first.sh, then a third. ARCHIVES as there. Resumes where
# it stopped; on two cores about three and a half hours in all.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/second.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
runs/first.sh "$archives"
mkdir -p .runs/second
[ -e .runs/second/tokenizer.json ] || cp .runs/first/model/tokenizer.json .runs/second/  # what reads and writes words is taken only where both know the same
"$python" -m vision train runs/second.toml
