#!/bin/sh
# A Docker engine of our own for `make docker-check`, on a Debian machine that has none running and reaches no image
# registry: dockerd, and stand-ins for the base images made of Debian's packages.
#   engine.sh start DIR   print `export …` lines for its clients       engine.sh stop DIR   undo all but DIR
# DIR (outside the repository) keeps images between runs. Root only: it makes a bridge, iptables rules and mounts.
set -eu
command=$1 dir=$2
export DOCKER_HOST="unix://$dir/docker.sock" DOCKER_CONFIG="$dir/cfg" DOCKER_BUILDKIT=1
docker=/usr/bin/docker # Debian's client: others may be too new for its engine

say() { echo "engine: $*" >&2; }
missing() { say "$*"; exit 3; }

mirror() { sed -n 's/^URIs: *//p; s/^deb [^h]*\(http[^ ]*\).*/\1/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1; }

plugins() {
  [ -x "$dir/cfg/cli-plugins/docker-compose" ] && return
  say "compose and buildx of Debian 13"
  apt="$dir/apt"
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$dir/cfg/cli-plugins"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) trixie main" > "$apt/sources"
  set -- -qq -o "Dir::State=$apt/state" -o Dir::State::status=/dev/null -o "Dir::Cache=$apt/cache" \
    -o "Dir::Etc::SourceList=$apt/sources" -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root
  apt-get "$@" update >&2
  (cd "$apt" && apt-get "$@" download docker-compose docker-buildx >&2 && for deb in *.deb; do dpkg -x "$deb" x; done)
  cp "$apt"/x/usr/libexec/docker/cli-plugins/* "$dir/cfg/cli-plugins/"
}

# The names that docker-compose.yml and the Dockerfile ask for.
images() {
  if ! $docker image inspect debian:bookworm-slim >/dev/null 2>&1; then
    say "a Debian base (two minutes)"
    rm -rf "$dir/rootfs"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$dir/rootfs" "$(mirror)" >&2
    tar -C "$dir/rootfs" -c . | $docker import - debian:bookworm-slim >&2
    rm -rf "$dir/rootfs"
  fi
  printf 'FROM debian:bookworm-slim\nRUN ln -sf python3 /usr/bin/python\n' \
    | $docker build -q -t "$(sed -n 's/^ARG BASE=//p' Dockerfile)" - >&2
  printf '%s\n' 'FROM debian:bookworm-slim' \
    'RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server' \
    'RUN mkdir -p /data && chown 999:1000 /data' \
    | $docker build -q --network host -t "$(sed -n 's/.*IMAGE_REDIS:-\(.*\)}/\1/p' docker-compose.yml)" - >&2
}

start() {
  [ "$(id -u)" = 0 ] || missing "only root can start a Docker engine here"
  for tool in dockerd debootstrap $docker; do
    command -v "$tool" >/dev/null || missing "$tool is not installed: apt-get install docker.io debootstrap"
  done
  mkdir -p "$dir/cfg"
  if ! $docker info >/dev/null 2>&1; then
    iptables-save > "$dir/iptables.before"
    setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" -H "$DOCKER_HOST" --pidfile "$dir/dockerd.pid" \
      > "$dir/dockerd.log" 2>&1 < /dev/null &
    for _ in $(seq 60); do
      $docker info >/dev/null 2>&1 && break
      sleep 0.5
    done
    $docker info >/dev/null 2>&1 || missing "dockerd does not start: $(tail -n 1 "$dir/dockerd.log")"
  fi
  plugins
  images
  # All containers together weigh as one process of this machine: whatever else runs here would be what is measured.
  shares=/sys/fs/cgroup/cpu/docker/cpu.shares
  [ ! -w $shares ] || echo 16384 > $shares
  echo "export DOCKER_HOST=$DOCKER_HOST DOCKER_CONFIG=$DOCKER_CONFIG"
}

stop() {
  [ -f "$dir/dockerd.pid" ] || exit 0
  pid=$(cat "$dir/dockerd.pid")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 60); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  # What dockerd leaves behind: bridges, rules, a mount.
  for link in $(ip -o link | sed -n 's/^[0-9]*: \(docker0\|br-[0-9a-f]*\):.*/\1/p'); do ip link del "$link"; done
  [ ! -f "$dir/iptables.before" ] || iptables-restore < "$dir/iptables.before"
  umount "$dir/exec/netns/default" 2>/dev/null || true
}

case "$command" in start) start ;; stop) stop ;; *) missing "start or stop" ;; esac
