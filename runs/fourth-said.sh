#!/usr/bin/env bash
# After runs/shipped.sh: the decoder of its fifth stage (fourth.toml) alone, trained on how much people's sentences agree
# with its own (self-critical).
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
[ -s .runs/fourth/model/card.json ] || { echo "no .runs/fourth: run runs/shipped.sh ARCHIVES first" >&2; exit 1; }
mkdir -p .runs/fourth-said
[ -e .runs/fourth-said/tokenizer.json ] || cp .runs/fourth/model/tokenizer.json .runs/fourth-said/  # what does not train is taken only where words are the same
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/fourth-said.toml
for model in fourth fourth-said; do
  "$python" -m vision evaluate .runs/data/flickr8k/validation --model ".runs/$model/model" --json
done
