"""A worker on another machine: TLS, a user of the ACL, and the commands of docs/operations.md that make both."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from repository import ROOT

from storage.jobs import JobStream
from storage.keys import VISION_JOBS
from storage.redis import StorageError, connect
from storage.server import find_binary
from tests.system.deploy.test_secrets import write


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """secrets/ with a certificate, and the port of a server that is started as deploy/tls.yml says."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    write(secrets := tmp_path / "secrets")
    said = re.search(r"openssl req .*?&& chmod 444 redis_\*", (ROOT / "docs/operations.md").read_text(), re.DOTALL)
    assert said
    command = said[0].replace("10.0.0.5", "127.0.0.1").replace("\\\n", "")
    subprocess.run(["sh", "-euc", command], cwd=secrets, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program, *options = yaml.safe_load((ROOT / "deploy/tls.yml").read_text())["services"]["redis"]["command"]
    assert program == "redis-server"
    places = {"/run/secrets": str(secrets), "/data": str(tmp_path), "6380": str(port)}
    arguments = [word.strip('"') for option in options for word in option.split(" ")]
    for old, new in places.items():
        arguments = [word.replace(old, new) for word in arguments]
    command_line = [find_binary(), *arguments, "--port", "0"]
    server = subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert server.stdout
    try:
        for line in server.stdout:
            if "Failed to configure TLS" in line or "Bad directive" in line:
                pytest.skip(f"this Redis knows no TLS: {line.strip()}")
            if "Ready to accept connections" in line:
                break
        yield secrets, port
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


async def test_a_worker_reaches_redis_over_tls(secured: tuple[Path, int]) -> None:
    secrets, port = secured
    password = (secrets / "worker_redis_url").read_text().split(":")[2].split("@")[0]
    where = f"127.0.0.1:{port}/0?ssl_ca_certs={secrets}/redis_ca"
    worker = await connect(f"rediss://worker:{password}@{where}")
    await JobStream(worker, VISION_JOBS).prepare()
    assert await JobStream(worker, VISION_JOBS).take("w", 1, block_ms=10) == []
    await worker.aclose()
    for wrong in (
        f"rediss://worker:wrong@{where}",
        f"rediss://worker:{password}@127.0.0.1:{port}/0",  # a certificate that nobody vouches for
        f"redis://worker:{password}@127.0.0.1:{port}/0",
    ):
        with pytest.raises(StorageError) as error:
            await connect(wrong)
        assert password not in str(error.value)
