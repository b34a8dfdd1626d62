"""The whole hand-over in the playground's page: a photo handed over, answered by a person, given back."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from house import GREEN, House, picture
from patience import PATIENCE

try:
    from playwright.async_api import async_playwright, expect
except ImportError:
    pytest.skip("needs playwright (pip install playwright)", allow_module_level=True)
if TYPE_CHECKING:
    from playwright.async_api import Page

CHROMIUM = "/usr/bin/chromium"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which(CHROMIUM), reason=f"needs Debian's package chromium ({CHROMIUM} is missing)"),
]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser page whose script may not complain."""
    complaints: list[str] = []
    expect.set_options(timeout=PATIENCE * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        await browser.close()
    assert complaints == []


async def test_a_photo_is_handed_over_answered_and_given_back(
    live: House, page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    live.playground.server.people.settle()
    shots = tmp_path
    await page.goto(f"{live.playground.url}/")
    (tmp_path / "apple.jpg").write_bytes(picture(GREEN, (900, 600)))
    customer, group = page.locator("#customer"), page.locator("#group")
    await customer.locator("input[type=file]").set_input_files(tmp_path / "apple.jpg")
    await customer.locator("textarea").fill("how long does this keep?")
    await customer.locator("textarea").press("Enter")
    await expect(customer.locator(".log")).to_contain_text("four weeks")
    await customer.locator("textarea").fill("I want to talk to a person")
    await customer.locator("textarea").press("Enter")
    await expect(customer.locator(".log")).to_contain_text("passing you on")

    # The topic opens by itself: the card, pinned, and the photo.
    await expect(group.locator(".chip.topic[aria-current=true]")).to_contain_text("Ana")
    log = group.locator(".log")
    await expect(log).to_contain_text("Waiting since")
    await expect(log).to_contain_text("Granny Smith 93%")
    await expect(log.locator(".photo")).to_have_count(1)
    await expect(group.locator(".pinned")).to_contain_text("Ana")
    await page.screenshot(path=shots / "1-card.png")

    await log.get_by_role("button", name="Claim").click()
    await expect(page.locator("#toasts")).to_contain_text("It's yours")
    await expect(log).to_contain_text("Kim has it")
    await group.locator("textarea").fill("They are Granny Smith: four weeks in the fridge.")
    await group.locator("textarea").press("Enter")
    await expect(customer.locator(".log")).to_contain_text("Kim: They are Granny Smith")
    await page.screenshot(path=shots / "2-answered.png")

    await log.get_by_role("button", name="Back to bot").click()
    await expect(customer.locator(".log")).to_contain_text("I'm back")
    await expect(log).to_contain_text("With the bot")
    await customer.locator("textarea").fill("when do you deliver?")
    await customer.locator("textarea").press("Enter")
    await expect(customer.locator(".log")).to_contain_text("two working days")
    await page.screenshot(path=shots / "3-back.png")
    await page.get_by_role("button", name="Trouble").click()
    await page.get_by_role("button", name="Message thread not found").click()
    await expect(page.locator("#trouble-waiting")).to_contain_text("1 × sendMessage 400")
    await page.screenshot(path=shots / "4-trouble.png")
    await page.locator("#trouble-clear").click()
    await expect(page.locator("#trouble-waiting")).to_have_text("All is well.")
    await page.get_by_role("button", name="Close", exact=True).last.click()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("tab", name="Agents").click()
    await page.screenshot(path=shots / "5-phone.png")
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
