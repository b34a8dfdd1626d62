"""Who may talk to the playground, and what its files may do."""

import aiohttp
import pytest

from playground import Playground
from playground.telegram import BotApiError


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 200),
        ("/", {"Host": "localhost:8081"}, 200),
        ("/", {"Host": "evil.example"}, 403),
        ("/", {"Host": "127.0.0.1.evil.example:80"}, 403),
        ("/playground/state", {"Origin": "http://evil.example"}, 403),
        ("/playground/state", {"Origin": "null"}, 403),
        ("/playground/state", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("/playground/state", {"Sec-Fetch-Site": "same-site"}, 403),
        ("/playground/state", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ("/bot123456:demo/getMe", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("/bot123456:demo/getMe", {}, 200),
    ],
)
async def test_strangers_are_refused(town: Playground, path: str, headers: dict, status: int) -> None:
    async with aiohttp.ClientSession() as session, session.get(town.url + path, headers=headers) as answer:
        assert answer.status == status


async def test_the_page_runs_only_its_own_script(town: Playground) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/page.css", "/main.js"):
            async with session.get(town.url + path) as answer:
                text = await answer.text()
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "https://" not in text.replace("https://${text}", "")
                assert "innerHTML" not in text


async def test_only_our_own_jpegs_are_shown(town: Playground, picture: object) -> None:
    customer = town.customer(42)
    page = await customer.send_document(b"<script>alert(1)</script>", 'a"b\r\n<i>.html', "text/html")
    photo = await customer.send_photo(picture())
    broken = await customer.send_photo(b"<script>", raw=True)
    expected = (
        (page.raw["document"], "application/octet-stream", "attachment; filename*=UTF-8''a%22b__%3Ci%3E.html"),
        (photo.raw["photo"][0], "image/jpeg", "inline"),
        (broken.raw["photo"][0], "application/octet-stream", "attachment; filename*=UTF-8''file"),
    )
    async with aiohttp.ClientSession() as session:
        for file, kind, disposition in expected:
            async with session.get(f"{town.url}/playground/files/{file['file_id']}") as answer:
                assert (answer.status, answer.content_type) == (200, kind)
                assert answer.headers["Content-Disposition"] == disposition
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
        async with session.get(f"{town.url}/playground/files/nothing") as answer:
            assert answer.status == 404


async def test_nobody_writes_where_they_are_not(town: Playground) -> None:
    town.customer(42)
    town.group.agent("Kim")
    async with aiohttp.ClientSession() as session:
        for fields in ({"user": "42", "chat": "43"}, {"user": "42", "chat": "-1001000000001"},
                       {"user": "5000001", "chat": "42"}, {"user": "42", "chat": "42", "text": " "}):  # fmt: skip
            async with session.post(f"{town.url}/playground/send", data={"text": "x"} | fields) as answer:
                assert answer.status == 400
        async with session.post(f"{town.url}/playground/send", data={"user": "7", "chat": "7"}) as answer:
            assert answer.status == 404


@pytest.mark.parametrize("path", ["/playground/people", "/bot123456:demo/sendMessage"])
@pytest.mark.parametrize("number", ["1e400", str(2**63), "[" * 100_000])
async def test_json_that_cannot_be_meant_is_a_bad_request(town: Playground, path: str, number: str) -> None:
    """Deep nesting and large numbers were 500s."""
    kind, body = {"Content-Type": "application/json"}, f'{{"id": {number}, "chat_id": {number}}}'
    async with aiohttp.ClientSession() as session, session.post(town.url + path, data=body, headers=kind) as answer:
        assert answer.status == 400


async def test_uploads_have_a_bound_in_sum(town: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.files.MOST", 100)
    await town.customer(42).send_document(b"x" * 60)
    with pytest.raises(BotApiError, match="no room for more"):
        await town.customer(42).send_document(b"x" * 60)
