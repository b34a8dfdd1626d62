"""The page in a real browser, with a small bot that answers."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from playground import Playground

pytest.importorskip("playwright", reason="needs playwright (pip install playwright)")
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Page


async def write(page: "Page", text: str, side: str = "customer") -> None:
    """Types and sends."""
    await page.locator(f"#{side} textarea").fill(text)
    await page.locator(f"#{side} textarea").press("Enter")


async def test_a_conversation(
    town: Playground, page: "Page", answering: None, picture: Callable[..., bytes], tmp_path: Path
) -> None:
    await page.goto(f"{town.url}/")
    await expect(page.get_by_text("How long does this keep?")).to_be_visible()
    await write(page, "hello <i>& goodbye</i>")
    log = page.locator("#customer .log")
    await expect(log.locator("strong")).to_have_text("hello <i>& goodbye</i>")
    await expect(log.locator(".own .ticks.seen")).to_have_count(1)

    await page.locator("#customer").get_by_role("button", name="Press me").click()
    await expect(log).to_contain_text("you pressed it")
    await expect(page.locator("#toasts")).to_contain_text("noted")
    await expect(log.get_by_role("button", name="Press me")).to_have_count(0)

    (tmp_path / "apple.png").write_bytes(picture(900, 600, "PNG"))
    await page.locator("#customer input[type=file]").set_input_files(tmp_path / "apple.png")
    await write(page, "what is this?")
    await expect(log).to_contain_text("bytes: what is this?")
    await expect(log.locator(".reply")).to_contain_text("what is this?")
    await expect(page.locator("#group .log")).to_contain_text("what is this?")
    assert await log.locator(".photo img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    await log.locator(".photo").click()
    await expect(page.locator("#viewer img")).to_be_visible()
    await page.keyboard.press("Escape")

    await page.reload()
    await expect(log.locator(".message")).to_have_count(4)
    await expect(log).to_contain_text("you pressed it")


DROP = """pane => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["%PDF-1.7"], "bill.pdf", { type: "application/pdf" }));
    pane.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


async def test_what_is_no_photo_goes_as_a_file(town: Playground, page: "Page") -> None:
    town.server.people.settle()
    await page.goto(f"{town.url}/")
    await page.locator("#customer").evaluate(DROP)
    await page.get_by_role("button", name="Send", exact=True).first.click()
    await expect(page.locator("#ask")).to_contain_text("this cannot be sent as a photo; send it as a file?")
    await page.get_by_role("button", name="Send as file").click()
    await expect(page.locator("#customer .log .document")).to_contain_text("bill.pdf")
    assert town.customer(42).messages()[0].raw["document"]["mime_type"] == "application/pdf"


async def test_agents_and_customers(town: Playground, page: "Page") -> None:
    town.server.people.settle()
    group = town.group
    await page.goto(f"{town.url}/")
    await write(page, "who takes this?", "group")
    await page.locator("#group .as select").select_option("new")
    await expect(page.locator("#group .as select option:checked")).to_have_text("Agent Alex")
    await page.locator("#group .message").hover()
    await page.get_by_role("button", name="Reply to Kim: who takes this?").click()
    await write(page, "I do", "group")
    await expect(page.locator("#group .own")).to_contain_text("I do")
    said = [(message.raw["from"]["first_name"], message.text, message.reply_to) for message in group.messages()]
    assert said == [("Kim", "who takes this?", None), ("Alex", "I do", 1)]

    await page.get_by_role("button", name="New customer").click()
    await expect(page).to_have_url(f"{town.url}/?customer=43")
    await write(page, "I am new")
    await expect(page.locator("#customer .own")).to_contain_text("I am new")
    await town.customer(42).say("from elsewhere")
    await page.goto(f"{town.url}/?customer=42")
    await expect(page.locator("#customer .log")).to_contain_text("from elsewhere")


async def test_it_comes_back_after_a_restart(tmp_path: Path, page: "Page") -> None:
    async with Playground(tmp_path / "kept") as town:
        town.server.people.settle()
        await page.goto(f"{town.url}/")
        await expect(page.locator("#link")).to_have_text("Live")
    await expect(page.locator("#link")).to_have_text("The playground is restarting…")
    async with Playground(tmp_path / "kept", port=int(town.url.rpartition(":")[2])) as again:
        await again.customer(42).say("while you were away")
        await expect(page.locator("#customer .log")).to_contain_text("while you were away")
        await expect(page.locator("#link")).to_have_text("Live")


async def test_it_goes_away_in_the_middle_of_coming_back(tmp_path: Path, page: "Page") -> None:
    """It used to call itself live, and its script failed: the stream had opened, and nothing else was answered."""
    async with Playground(tmp_path / "kept") as town:
        town.server.people.settle()
        await page.goto(f"{town.url}/")
        await expect(page.locator("#link")).to_have_text("Live")
        await page.route("**/playground/state", lambda route: route.abort())
    async with Playground(tmp_path / "kept", port=int(town.url.rpartition(":")[2])):
        async with page.expect_request("**/playground/state"):
            pass
        await page.get_by_role("button", name="New customer").click()
        await expect(page.locator("#toasts")).to_contain_text("does not answer")
        await expect(page.locator("#link")).to_have_text("The playground is restarting…")
        await page.unroute("**/playground/state")
        await expect(page.locator("#link")).to_have_text("Live")


async def test_a_phone(town: Playground, page: "Page") -> None:
    town.server.people.settle()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{town.url}/")
    await expect(page.locator("#group")).to_be_hidden()
    await page.get_by_role("tab", name="Agents").click()
    await expect(page.locator("#group")).to_be_visible()
    await expect(page.locator("#customer")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
