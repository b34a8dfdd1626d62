"""parse_mode: what Telegram makes of it, and what it refuses, word for word."""

import pytest

from playground.entities import slice_utf16
from playground.parse_mode import parse
from playground.telegram import BotApiError


def marks(text: str, mode: str) -> list[tuple[str, str]]:
    """(kind, covered text) of each entity."""
    parsed = parse(text, mode)
    return [
        (entity["type"], slice_utf16(parsed.text, entity["offset"], entity["length"])) for entity in parsed.entities
    ]


def test_html_becomes_text_and_entities() -> None:
    parsed = parse('🍎 <b>bold <i>both</i></b> &lt;tag&gt; &#8364; <a href="https://a.b/?x=1&amp;y=2">here</a>', "HTML")
    assert parsed.text == "🍎 bold both <tag> € here"
    assert parsed.entities == [
        {"type": "bold", "offset": 3, "length": 9},
        {"type": "italic", "offset": 8, "length": 4},
        {"type": "text_link", "offset": 21, "length": 4, "url": "https://a.b/?x=1&y=2"},
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<u>a</u><ins>b</ins><s>c</s><del>d</del>", ["underline", "underline", "strikethrough", "strikethrough"]),
        ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', ["spoiler", "spoiler"]),
        ("<code>a</code> <pre>b</pre>", ["code", "pre"]),
        ("<blockquote>a</blockquote>\n<blockquote expandable>b</blockquote>", ["blockquote", "expandable_blockquote"]),
        ("<B>capitals</B > and <b></b> nothing", ["bold"]),
        ("see https://example.org/a. or /help@photodesk_bot or @someone or a@b.co #tag", [
            "url", "bot_command", "mention", "email", "hashtag"]),
        ("a/b &lt;/i&gt; 1/2", []),
        ("<code>/help https://example.org</code>", ["code"]),
        ("<a href='not an address'>words</a>", []),
    ],
)  # fmt: skip
def test_kinds(text: str, expected: list[str]) -> None:
    assert [kind for kind, _ in marks(text, "HTML")] == expected


def test_a_language_of_code() -> None:
    parsed = parse('<pre><code class="language-python">x = 1</code></pre>', "HTML")
    assert parsed.entities == [{"type": "pre", "offset": 0, "length": 5, "language": "python"}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a </b>", "Unexpected end tag at byte offset 2"),
        ("é<b>x</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
        ("<a =x>z</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_telegram_refuses(text: str, why: str) -> None:
    with pytest.raises(BotApiError) as refused:
        parse(text, "HTML")
    assert refused.value.description == f"Bad Request: can't parse entities: {why}"


def test_white_space_at_the_ends_goes_and_entities_move() -> None:
    parsed = parse("  <b> x </b> ", "HTML")
    assert (parsed.text, parsed.entities) == ("x", [{"type": "bold", "offset": 0, "length": 1}])


def test_markdown_becomes_text_and_entities() -> None:
    text = "*bold _both_* __under__ ~gone~ ||hid|| `a.b` [here](https://a.b) 1\\.5\n>quoted\n>more\nafter"
    assert marks(text, "MarkdownV2") == [
        ("bold", "bold both"),
        ("italic", "both"),
        ("underline", "under"),
        ("strikethrough", "gone"),
        ("spoiler", "hid"),
        ("code", "a.b"),
        ("text_link", "here"),
        ("blockquote", "quoted\nmore"),
    ]
    assert parse("```python\nx\n```", "MarkdownV2").entities[0]["language"] == "python"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a *b", "Can't find end of Bold entity at byte offset 2"),
        ("`b", "Can't find end of Code entity at byte offset 0"),
        ("[b](c", "Can't find end of TextUrl entity at byte offset 0"),
    ],
)
def test_markdown_that_telegram_refuses(text: str, why: str) -> None:
    with pytest.raises(BotApiError) as refused:
        parse(text, "MarkdownV2")
    assert refused.value.description == f"Bad Request: can't parse entities: {why}"


def test_the_first_markdown() -> None:
    text = "*bold* _it_ `a*b` [here](https://a.b) [me](tg://user?id=42) \\*as it is\\* 1.5! é *ü*"
    assert marks(text, "Markdown") == [
        ("bold", "bold"),
        ("italic", "it"),
        ("code", "a*b"),
        ("text_link", "here"),
        ("text_mention", "me"),
        ("bold", "ü"),
    ]
    assert parse(text, "markdown").text == "bold it a*b here me *as it is* 1.5! é ü"
    block = parse("```python\nx = 1\n```", "Markdown")
    assert (block.text, block.entities) == (
        "x = 1",
        [{"offset": 0, "length": 5, "type": "pre", "language": "python"}],
    )
    assert marks("*no _nesting_ here*", "Markdown") == [("bold", "no _nesting_ here")]


@pytest.mark.parametrize(("text", "offset"), [("a_b", 1), ("é *x", 3), ("```x``", 0), ("[x", 0)])
def test_the_first_markdown_that_telegram_refuses(text: str, offset: int) -> None:
    """snake_case is the trap: bots that answer in Markdown fell silent on it."""
    with pytest.raises(BotApiError) as refused:
        parse(text, "Markdown")
    why = f"can't parse entities: Can't find end of the entity starting at byte offset {offset}"
    assert refused.value.description == f"Bad Request: {why}"
