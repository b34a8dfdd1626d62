#!/usr/bin/env bash
# The exact commands behind weights/shipped and weights/scenes: pages are drawn, the shop's branch is tuned, heads are
# fitted on frozen eyes, and the add-on beside them. ARCHIVES holds the sets' .tar files (docs/model-card.md, "Data").
# Resumes where it stopped; on two cores about two hours. Needs `make .venv/.dev` and Debian's chromium, for pages.py.
set -euo pipefail
cd "$(dirname "$0")/.."
archives=${1:?usage: runs/shipped.sh ARCHIVES}
python=${PYTHON:-.venv/bin/python}
[ -s .runs/data/grocery/train/metadata.jsonl ] || "$python" runs/unpack.py "$archives" .runs/data
packages=(ant-doc apache2-doc autoconf-doc bash-doc debian-reference-en fp-docs-3.2.2 gimp-help-en git-doc gnome-user-docs
  gnuplot-doc kicad-doc-en libgtk-3-doc libreoffice-help-en-us maxima-doc octave-doc postgresql-doc-15 python-django-doc
  python-pandas-doc python3.11-doc r-doc-html sbcl-doc sqlite3-doc)
if [ ! -s .runs/data/pages/train/metadata.jsonl ]; then  # pages to tell screenshots, sheets and receipts (Debian 12)
  mkdir -p .runs/packages
  for each in "${packages[@]}"; do
    (cd .runs && apt-get download -q "$each" && dpkg -x "$each"_*.deb "packages/$each" && rm "$each"_*.deb)
  done
  "$python" runs/pages.py .runs/packages .runs/data/pages/train --each 300
fi
export THP_MEM_ALLOC_ENABLE=1  # huge pages: a sixth faster (docs/research/log.md)
"$python" -m vision train runs/shipped/shop.toml
"$python" -m vision fit runs/shipped/heads.toml
"$python" -m vision fit runs/shipped/scenes.toml
"$python" -m vision fit runs/shipped/sentences.toml
cp -r .runs/heads/model/. weights/shipped
cp -r .runs/sentences/model/. weights/scenes
"$python" -m vision export weights/shipped --int8
"$python" -m vision export weights/shipped --add-on weights/scenes --int8
