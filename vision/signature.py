"""What a file is by its first bytes, whatever its name or sender says. Decodes nothing, imports nothing heavy."""

from __future__ import annotations

from typing import Literal

Sort = Literal["still", "moving"]

# Brands of pictures in an MP4 box (ISO/IEC 23008-12 annex B, AVIF 1.2).
HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1")
AVIF = (b"avif", b"avis")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")


def container(data: bytes) -> str | None:
    """The video container that ``data`` says it is, of those we open."""
    if data[4:8] == b"ftyp":
        return None if data[8:12] in HEIF + AVIF else "mov"
    if data[:4] == b"RIFF":
        return "avi" if data[8:12] == b"AVI " else None
    return "matroska" if data[:4] == b"\x1a\x45\xdf\xa3" else None


def audio(data: bytes) -> str | None:
    """The container of sound that ``data`` says it is, of those we open; a video's may hold sound, too."""
    if data[:4] == b"OggS":
        return "ogg"
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[:3] == b"ID3" or (len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2):
        return "mp3"
    return "flac" if data[:4] == b"fLaC" else container(data)


def voice(data: bytes) -> bool:
    """Whether there is sound in it and nothing to see: M4A says so by its brand."""
    return data[4:11] == b"ftypM4A" or (audio(data) is not None and container(data) is None)


def heif(data: bytes) -> bool:
    """Whether it is a picture as iPhones store it."""
    return data[4:8] == b"ftyp" and data[8:12] in HEIF


def moving(data: bytes) -> bool:
    """Whether ``data`` is a video, or a picture that may hold several frames."""
    if container(data):
        return True
    if data[:4] == b"RIFF":  # https://developers.google.com/speed/webp/docs/riff_container: VP8X, animation flag
        return data[8:16] == b"WEBPVP8X" and len(data) > 20 and bool(data[20] & 2)
    if data[:8] == b"\x89PNG\r\n\x1a\n":  # an animated one says so before its first pixels
        return 0 < data.find(b"acTL", 8, 4096) < (data.find(b"IDAT", 8) & 0x7FFFFFFF)
    return data[:6] in (b"GIF87a", b"GIF89a")


def sort(data: bytes) -> Sort | None:
    """Whether there may be something to see in it, and whether it moves; None for any other file."""
    if moving(data):
        return "moving"
    picture = data.startswith(MAGIC) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data[4:8] == b"ftyp"
    return "still" if picture else None
