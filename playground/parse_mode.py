"""What the bot sent → what people read."""

from playground.entities import Formatted, given_entities, trimmed, with_found
from playground.parse_html import parse_html
from playground.parse_markdown import parse_markdown
from playground.parse_old_markdown import parse_old_markdown
from playground.telegram import bad_request


def parse(text: str, parse_mode: str = "", entities: str = "") -> Formatted:
    """Text with its entities; `entities` is the parameter's JSON, used when there is no parse mode."""
    match parse_mode.lower():
        case "":
            formatted = Formatted(text, given_entities(text, entities))
        case "html":
            formatted = parse_html(text)
        case "markdown":
            formatted = parse_old_markdown(text)
        case "markdownv2":
            formatted = parse_markdown(text)
        case _:
            raise bad_request("unsupported parse_mode")
    return with_found(trimmed(formatted))
