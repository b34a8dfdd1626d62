#!/bin/sh
# with-mirror COMMAND…: run a package installer with the builder's own certificate and index settings, if there are any.
# They come as build secrets, so that they are in no layer: `ca` is a PEM bundle, `env` a file of NAME=value lines
# (PIP_INDEX_URL=…, UV_DEFAULT_INDEX=…).
set -eu
if [ -s /run/secrets/ca ]; then
  export SSL_CERT_FILE=/run/secrets/ca PIP_CERT=/run/secrets/ca
fi
if [ -s /run/secrets/env ]; then
  set -a
  . /run/secrets/env
  set +a
fi
exec "$@"
