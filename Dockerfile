# Images from one file: `--target bot`, `--target worker` (ONNX Runtime and the checkpoint; no torch in either),
# `--target worker-voice` (hears; docker-compose.voice.yml) and `--target worker-gpu` (hears, and has torch with CUDA;
# docker-compose.gpu.yml).
# Behind a proxy or a mirror: BUILD_CA and BUILD_ENV of docker-compose.yml; no package host is named here.
ARG BASE=python:3.11.14-slim-bookworm

# -- what both builds start from: uv, and nothing that reaches an image --------------------------------------------
FROM ${BASE} AS build
SHELL ["/bin/sh", "-euc"]
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1
COPY deploy/with-mirror.sh /usr/local/bin/with-mirror
RUN --mount=type=secret,id=ca --mount=type=secret,id=env \
    python3 -m venv /uv && sh /usr/local/bin/with-mirror /uv/bin/pip install --no-cache-dir -q uv==0.13.9 \
    && /uv/bin/uv venv -q --python "$(command -v python3)" /venv

FROM build AS build-bot
COPY deploy/bot.txt /bot.txt
RUN --mount=type=secret,id=ca --mount=type=secret,id=env \
    sh /usr/local/bin/with-mirror /uv/bin/uv pip install -q --no-cache --python /venv/bin/python --require-hashes -r /bot.txt

FROM build AS build-worker
COPY deploy/worker.txt /worker.txt
RUN --mount=type=secret,id=ca --mount=type=secret,id=env \
    sh /usr/local/bin/with-mirror /uv/bin/uv pip install -q --no-cache --python /venv/bin/python --require-hashes -r /worker.txt

FROM build AS build-worker-voice
COPY deploy/worker-voice.txt /worker.txt
RUN --mount=type=secret,id=ca --mount=type=secret,id=env \
    sh /usr/local/bin/with-mirror /uv/bin/uv pip install -q --no-cache --python /venv/bin/python --require-hashes -r /worker.txt

FROM build AS build-worker-gpu
COPY deploy/worker-gpu.txt /worker.txt
RUN --mount=type=secret,id=ca --mount=type=secret,id=env \
    sh /usr/local/bin/with-mirror /uv/bin/uv pip install -q --no-cache --python /venv/bin/python --require-hashes -r /worker.txt

# -- what runs: Python, a user who owns nothing, the environment, the code -----------------------------------------
FROM ${BASE} AS runtime
RUN groupadd --gid 10001 photodesk && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp photodesk
ENV PATH=/venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

FROM runtime AS bot
COPY --from=build-bot /venv /venv
COPY monitoring monitoring
COPY storage storage
COPY vision vision
COPY dialogue dialogue
COPY bot bot
COPY shop shop
RUN python -m compileall -q . && install -d -o photodesk -g photodesk /corrections /vectors
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "--check"]
ENTRYPOINT ["python", "-m", "bot"]

FROM runtime AS worker-code
COPY weights weights
COPY monitoring monitoring
COPY storage storage
COPY vision vision
RUN python -m compileall -q .
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "vision", "worker", "--check"]
ENTRYPOINT ["python", "-m", "vision", "worker"]

FROM worker-code AS worker-voice
COPY --from=build-worker-voice /venv /venv

FROM worker-code AS worker-gpu
COPY --from=build-worker-gpu /venv /venv
ENV VISION_RUNTIME=torch

FROM worker-code AS worker
COPY --from=build-worker /venv /venv
