"""What a file that is no picture is, as far as its first bytes say: so that people are not told that it is broken."""

from __future__ import annotations

SIGNS = (
    (b"\xff\xd8\xff", "a JPEG that is broken"),
    (b"\x89PNG", "a PNG that is broken"),
    (b"GIF8", "a GIF that is broken"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an older Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "PostScript"),
    (b"8BPS", "a Photoshop document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"ID3", "MP3 sound"),
    (b"OggS", "Ogg sound or video"),
    (b"RIFF", "sound or video"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
)
LOOKED = 512  # bytes


def first_bytes(data: bytes) -> str:
    """``"a PDF"``, ``"plain text"``, or ``"nothing that we know"``."""
    for sign, name in SIGNS:
        if data.startswith(sign):
            return name
    try:
        text = data[:LOOKED].decode("utf-8-sig").lstrip().lower()
    except UnicodeDecodeError as error:
        if error.start < LOOKED - 4 or error.reason != "unexpected end of data":  # else a letter that was cut
            return "nothing that we know"
        text = data[: error.start].decode("utf-8-sig").lstrip().lower()
    if "\0" in text:
        return "nothing that we know"
    if text.startswith(("<!doctype html", "<html")):
        return "a web page"
    return "an SVG drawing" if "<svg" in text else "plain text"
