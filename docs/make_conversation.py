"""Makes docs/conversation.png: a real conversation with the real bot about a picture of our own, in headless Chromium.

    PYTHONPATH=. .venv/bin/python docs/make_conversation.py OUT.png [PHOTO]

Needs Debian's chromium. With PHOTO another picture is sent (for looking, not for the repository).
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
TALK = ("How long do these keep?", "And can I freeze them?", "My last delivery was broken, can I talk to a person?")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def bubbles(page: Page, count: int) -> None:
    """Wait until ``count`` messages stand on the customer's side."""
    await page.wait_for_function(
        "n => document.querySelectorAll('#customer .log .bubble').length >= n", arg=count, timeout=60_000
    )
    await asyncio.sleep(0.5)


async def shoot(url: str, photo: Path, out: Path) -> None:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 1280, "height": 1130}, device_scale_factor=1)
        await page.goto(url)
        await page.locator("#customer input[type=file]").set_input_files(str(photo))
        box = page.locator("#customer textarea")
        for turn, text in enumerate(TALK, 1):
            await box.fill(text)
            await box.press("Enter")
            await bubbles(page, 2 * turn)
        await page.wait_for_function("() => document.querySelector('#group .log .bubble')", timeout=20_000)
        await asyncio.sleep(1)
        await page.screenshot(path=str(out))
        for line in await page.locator(".log .bubble").all_inner_texts():
            print("-", " / ".join(line.split("\n")))
        await browser.close()


def main() -> None:
    out = Path(sys.argv[1])
    photo = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "apples.jpg"
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {"STORAGE_DATA": data}
        command = [sys.executable, "-m", "bot", "playground", "--port", str(port)]
        demo = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        try:
            assert demo.stdout
            while b"Open http" not in demo.stdout.readline():
                pass
            asyncio.run(shoot(f"http://127.0.0.1:{port}/", photo, out))
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(30)


if __name__ == "__main__":
    main()
