#!/usr/bin/env bash
# After runs/shipped.sh: the decoder of its fifth stage (fourth.toml) alone, trained on how much people's sentences agree
# with its own (self-critical). ARCHIVES as there.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/fourth-said.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
runs/shipped.sh "$archives"
mkdir -p .runs/fourth-said
[ -e .runs/fourth-said/tokenizer.json ] || cp .runs/fourth/model/tokenizer.json .runs/fourth-said/  # what does not train is taken only where words are the same
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/fourth-said.toml
for model in fourth fourth-said; do
  "$python" -m vision evaluate .runs/data/flickr8k/validation --model ".runs/$model/model" --json
done
