"""/metrics, /healthz and /readyz on a port of their own, and the question that a health check asks there.

Served by the process's own event loop, so that a loop that hangs does not answer. Nothing here reads a request's body,
and nothing that is answered says anything of a customer; still, the port is for the operator's network alone.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

log = logging.getLogger(__name__)

Problems = Callable[[], Awaitable[list[str]]]  # sentences for the operator; none: ready

LONGEST = 8192  # bytes of a request's head
PATIENCE_S = 5.0


class Heartbeat:
    """When something last went well: the ground that readiness stands on."""

    def __init__(self) -> None:
        self._last: float | None = None

    def beat(self) -> None:
        self._last = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the last beat; infinity when there was none."""
        return float("inf") if self._last is None else time.monotonic() - self._last


class StatusError(Exception):
    """The address cannot be used. The message says what to do."""


def split(address: str) -> tuple[str, int]:
    """``"0.0.0.0:9100"`` → host and port; ``"[::1]:9100"`` as well."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


@asynccontextmanager
async def serving(address: str | None, setting: str, problems: Problems) -> AsyncIterator[None]:
    """Answer on ``address`` until the block ends; None: answer nowhere. ``setting`` names it in errors."""
    if address is None:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await _response(head, problems))
                await writer.drain()
        writer.close()

    host, port = split(address)
    try:
        server = await asyncio.start_server(answer, host, port, limit=LONGEST)
    except OSError as error:
        raise StatusError(f"{setting}={address} cannot be listened on: {error.strerror or error}.") from error
    log.info("health and metrics on http://%s", address)
    async with server:
        yield


async def _response(head: bytes, problems: Problems) -> bytes:
    method, path, *_ = [*head.split(b"\r\n")[0].decode("latin-1").split(), "", ""]
    kind, status, body = "text/plain; charset=utf-8", "200 OK", b"ok\n"
    if method not in ("GET", "HEAD"):
        status, body = "405 Method Not Allowed", b"GET only\n"
    elif path == "/metrics":
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        kind, body = CONTENT_TYPE_LATEST, generate_latest()
    elif path == "/readyz":
        found = await problems()
        kind, body = "application/json", json.dumps({"ready": not found, "problems": found}).encode() + b"\n"
        status = "503 Service Unavailable" if found else status
    elif path != "/healthz":
        status, body = "404 Not Found", b"/metrics, /healthz, /readyz\n"
    headers = (
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(headers).encode() + (b"" if method == "HEAD" else body)


def ask(address: str) -> int:
    """Exit status of a health check: 0 when the process at ``address`` says that it is ready."""
    host, port = split(address)
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where it listens
    url = f"http://[{host}]:{port}/readyz" if ":" in host else f"http://{host}:{port}/readyz"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy of the operator's is not for this
    try:
        with direct.open(url, timeout=PATIENCE_S):
            return 0
    except urllib.error.HTTPError as error:
        with error, suppress(ValueError):
            print("; ".join(json.load(error)["problems"]), file=sys.stderr)  # noqa: T201 - a command's answer
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        said = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
        print(f"nobody answers on {address}: {said}", file=sys.stderr)  # noqa: T201
    return 1
