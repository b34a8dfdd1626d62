"""The deployment's files, as far as they can be checked without an engine; `make docker-check` runs them."""

from __future__ import annotations

import json
import lzma
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from patience import PATIENCE
from prometheus_client import REGISTRY
from py3langid import langid
from repository import ROOT

from bot.settings import BotSettings
from monitoring import metrics  # noqa: F401 - registers the names
from storage.settings import StorageSettings
from vision.settings import VisionSettings

COMPOSE = ROOT / "docker-compose.yml"


def tool(name: str) -> str:
    """A linter of our own environment (requirements-dev.txt)."""
    return str(Path(sys.executable).parent / name)


def passes(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load(COMPOSE.read_text())
    assert isinstance(found, dict)
    return found


def test_linters() -> None:
    passes(tool("hadolint"), "Dockerfile")
    passes(tool("yamllint"), "-s", "-c", ".yamllint.yml", *sorted(ROOT.glob("*.yml")), ROOT / "deploy")
    files = (*sorted(ROOT.glob("docker-compose*.yml")), "deploy/check.yml", "deploy/tls.yml")
    passes(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", *files)
    for script in sorted((ROOT / "deploy").glob("*.sh")):
        passes("sh", "-n", script)


def test_prometheus_and_caddy_take_their_files(tmp_path: Path) -> None:
    promtool, caddy = shutil.which("promtool"), shutil.which("caddy")
    if not (promtool and caddy):
        pytest.skip("promtool or caddy is not installed (Debian packages prometheus and caddy)")
    passes(promtool, "check", "config", "deploy/prometheus.yml")
    passes("env", "DOMAIN=bot.example.com", f"HOME={tmp_path}", caddy, "validate", "--config", "deploy/Caddyfile",
           "--adapter", "caddyfile")  # fmt: skip


def test_every_service_is_locked_down(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("cap_add", []) in ([], ["NET_BIND_SERVICE"]), name
        assert re.search(r":[\w.-]*\d", str(service["image"])) or "build" in service, f"{name} is not pinned"
        for port in service.get("ports", []):
            assert name == "caddy" or port.startswith("127.0.0.1:"), f"{name} is open to the network"
    assert "ports" not in compose["services"]["redis"]
    assert compose["services"]["worker"]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_redis_keeps_what_it_acknowledged_and_has_a_bound(compose: dict[str, Any]) -> None:
    """Killed while its disk was busy, it had lost what it said it had; over TLS its memory had no bound."""
    over_tls = yaml.safe_load((ROOT / "deploy" / "tls.yml").read_text())
    for found in (compose, over_tls):
        command = " ".join(found["services"]["redis"]["command"])
        assert "--appendfsync always" in command
        assert "--maxmemory 640mb --maxmemory-policy noeviction" in command


def test_compose_passes_every_setting_on(compose: dict[str, Any]) -> None:
    """A setting that is missing here could not be set in .env, and nobody would say so."""
    secrets = {"BOT_TOKEN", "STORAGE_REDIS_URL", "STORAGE_SEAL_KEYS"}
    not_needed = {"STORAGE_DATA"}  # of the embedded server
    for service, kinds in {"bot": (BotSettings, StorageSettings), "worker": (VisionSettings, StorageSettings)}.items():
        found = compose["services"][service]
        known = {f"{k.model_config['env_prefix']}{n}".upper() for k in kinds for n in k.model_fields}
        files = {(s if isinstance(s, str) else s["target"]).upper() for s in found["secrets"]}
        assert set(found["environment"]) | files == known - not_needed
        assert files == secrets & known


def test_every_alert_has_its_runbook_and_every_name_in_it_exists() -> None:
    names = {metric.name for metric in REGISTRY.collect()}
    rules = yaml.safe_load((ROOT / "deploy/alerts.yml").read_text())["groups"][0]["rules"]
    operations = (ROOT / "docs/operations.md").read_text()
    for rule in rules:
        assert len(rule["annotations"]["runbook"]) > 40
        assert f"**{rule['alert']}**" in operations
    dashboard = json.loads((ROOT / "deploy/grafana/dashboards/photodesk.json").read_text())
    asked = [rule["expr"] for rule in rules] + [t["expr"] for p in dashboard["panels"] for t in p["targets"]]
    for used in re.findall(r"photodesk_\w+", " ".join(asked)):
        assert re.sub(r"_(total|bucket|sum|count)$", "", used) in names, used


def test_no_package_host_and_no_path_of_a_machine_is_named() -> None:
    files = [ROOT / "Dockerfile", ROOT / "Makefile", *ROOT.glob("docker-compose*.yml")]
    for file in [*files, *(f for f in (ROOT / "deploy").rglob("*") if f.is_file() and "__pycache__" not in f.parts)]:
        found = re.findall(r"https?://[\w.-]+", file.read_text())
        assert set(found) <= {"http://prometheus", "http://telegram", "http://127.0.0.1", "https://bot.example.com"}, (
            file
        )
        assert "/work/" not in file.read_text(), file


def megabytes(limit: str) -> float:
    return float(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]]


def test_the_bot_has_room_to_unpack_its_languages(compose: dict[str, Any]) -> None:
    """With 64 MB every bot of compose was out of disk: no article had a language, and every turn failed."""
    [line] = compose["services"]["bot"]["tmpfs"]
    [size] = re.findall(r"/tmp:size=(\d+[mg])\b", line)
    with lzma.open(Path(langid.__file__).parent / langid.MODEL_FILE) as packed:
        unpacked = sum(map(len, iter(lambda: packed.read(2**20), b""))) / 2**20
    assert unpacked <= megabytes(size) / 2
    assert megabytes(compose["services"]["bot"]["mem_limit"]) >= 1024, "the doctor was killed for memory beside the bot"


def test_each_overlay_builds_a_worker_that_the_dockerfile_has() -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for file in ROOT.glob("docker-compose.*.yml"):
        worker = yaml.safe_load(file.read_text())["services"]["worker"]
        assert worker["build"]["target"] in stages and worker["image"], file


def test_no_service_takes_the_machine_with_it(compose: dict[str, Any]) -> None:
    """Four albums took the memory that there was, and the kernel killed whom it liked."""
    for name, service in compose["services"].items():
        assert megabytes(service["mem_limit"]) <= 4096, name
        assert service["pids_limit"] <= 512, name
    assert compose["services"]["worker"]["cpu_shares"] < 1024, "words are answered before photos"
    redis = compose["services"]["redis"]
    assert "--maxmemory-policy noeviction" in redis["command"]
    [most] = [line.split()[1] for line in redis["command"] if line.startswith("--maxmemory ")]
    # Twice that while it writes its file anew.
    assert 2 * megabytes(most.removesuffix("b")) <= megabytes(redis["mem_limit"])


def test_what_an_operator_writes_by_hand_is_theirs_alone() -> None:
    """All seal keys were written to ./new, readable by everybody and one `git add` away."""
    said = (ROOT / "docs" / "operations.md").read_text()
    for block in re.findall(r"```sh\n(.*?)```", said, re.DOTALL):
        for line in block.splitlines():
            if re.search(r"> \S*(backup|new)\b", line) and "restore" not in line:
                assert "umask 077" in block, line
                assert "secrets/" in line or ".backup" in line, line
    assert {"secrets/", "*.backup"} <= set((ROOT / ".gitignore").read_text().split())
