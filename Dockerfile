# Two images from one file: `--target bot` (no torch) and `--target worker` (torch, the checkpoint).
#   docker compose build                 both
#   TORCH=cpu docker compose build       a worker without CUDA, 5 GB smaller (from PyTorch's own index)
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

# TORCH=cuda: the locked build, which runs on CPUs as well. TORCH=cpu: the same versions from PyTorch's index of CPU
# builds, whose files (and so hashes) are others; everything else stays locked.
FROM build AS build-worker
ARG TORCH=cuda
COPY deploy/worker.txt /worker.txt
RUN --mount=type=secret,id=ca --mount=type=secret,id=env \
    uv_pip="sh /usr/local/bin/with-mirror /uv/bin/uv pip install -q --no-cache --python /venv/bin/python"; \
    case "${TORCH}" in \
      cuda) ${uv_pip} --require-hashes -r /worker.txt ;; \
      cpu) awk '/^[a-z]/ { torch = /^(torch|torchvision|triton|nvidia-|cuda-)/ } !torch' /worker.txt > /rest.txt; \
           ${uv_pip} --require-hashes -r /rest.txt; \
           grep -oE '^torch(vision)?==[0-9.]+' /worker.txt > /torch.txt; \
           ${uv_pip} --torch-backend cpu -r /torch.txt ;; \
      *) echo "TORCH is cuda or cpu, not ${TORCH}" >&2; exit 1 ;; \
    esac

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
RUN python -m compileall -q . && install -d -o photodesk -g photodesk /corrections
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "--check"]
ENTRYPOINT ["python", "-m", "bot"]

FROM runtime AS worker
COPY --from=build-worker /venv /venv
COPY weights weights
COPY monitoring monitoring
COPY storage storage
COPY vision vision
RUN python -m compileall -q .
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=120s --retries=3 CMD ["python", "-m", "vision", "worker", "--check"]
ENTRYPOINT ["python", "-m", "vision", "worker"]
