#!/usr/bin/env bash
# The exact commands behind weights/sixth: seven stages, each from the weights of the one before (the last from the mean
# of two), then the mean of the last three, and heads of `kind` that fit it. ARCHIVES holds the sets' .tar and .npz files
# (docs/model-card.md, "Data"). Resumes where it stopped; on two cores about eight and a half hours. Needs `make .venv/.dev` and
# Debian's chromium, for pages.py. Titles became texts (runs/unpack.py) before the seventh stage: here all stages see them.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/shipped.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
[ -s .runs/data/objects64/cars/metadata.jsonl ] || "$python" runs/unpack.py "$archives" .runs/data
packages=(ant-doc apache2-doc autoconf-doc bash-doc debian-reference-en fp-docs-3.2.2 gimp-help-en git-doc gnome-user-docs
  gnuplot-doc kicad-doc-en libgtk-3-doc libreoffice-help-en-us maxima-doc octave-doc postgresql-doc-15 python-django-doc
  python-pandas-doc python3.11-doc r-doc-html sbcl-doc sqlite3-doc)
if [ ! -s .runs/data/pages/train/metadata.jsonl ]; then  # pages to tell screenshots from sheets of paper (Debian 12)
  mkdir -p .runs/packages
  for each in "${packages[@]}"; do
    (cd .runs && apt-get download -q "$each" && dpkg -x "$each"_*.deb "packages/$each" && rm "$each"_*.deb)
  done
  "$python" runs/pages.py .runs/packages .runs/data/pages/train --each 600
fi
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/log.md)
"$python" -m vision train runs/objects.toml
"$python" -m vision train runs/first.toml
before=first
stage() {  # NAME: on from $before
  mkdir -p ".runs/$1"
  # What reads and writes words is taken only where both know the same words.
  [ -e ".runs/$1/tokenizer.json" ] || cp ".runs/$before/model/tokenizer.json" ".runs/$1/"
  "$python" -m vision train "runs/$1.toml"
  before=$1
}
for each in second third fourth fifth; do stage "$each"; done
grep -qs says_scenes .runs/mean/card.json || PYTHONPATH=. "$python" runs/average.py .runs/mean runs/fourth.toml runs/fifth.toml
stage sixth
PYTHONPATH=. "$python" runs/average.py weights/sixth runs/fourth.toml runs/fifth.toml runs/sixth.toml
PYTHONPATH=. "$python" runs/kind.py weights/sixth runs/sixth.toml
