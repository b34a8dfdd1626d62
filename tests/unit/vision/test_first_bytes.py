from __future__ import annotations

import pytest

from vision.worker.first_bytes import LOOKED, first_bytes


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive or an Office document"),
        (b"\x89PNG\r\n\x1a\n", "a PNG that is broken"),
        ("Liebe Händler,".encode(), "plain text"),
        (b"\xef\xbb\xbfname;price\n", "plain text"),
        (("x" * (LOOKED - 1) + "ä").encode(), "plain text"),  # the last letter is cut
        (b"\n<!DOCTYPE html><title>404</title>", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (bytes(1000), "nothing that we know"),
        (b"Gr\xfc\xdfe aus Berlin", "nothing that we know"),  # Latin-1
    ],
)
def test_what_a_file_says_that_it_is(data: bytes, said: str) -> None:
    assert first_bytes(data) == said
