"""The dossier as a file."""

from __future__ import annotations

import io

from PIL import Image

from bot.intake.pdf import Page, Picture, _letters, made, marked


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "#4a7").save(out, "JPEG")
    return out.getvalue()


def page(**more: object) -> Page:
    given = {"title": "Return", "head": "Ana", "facts": [("Order", "4471")], "pictures": [], "talk_title": "Said",
             "talk": [], "letters": "Some letters are left out."}  # fmt: skip
    return Page(**{**given, **more})  # type: ignore[arg-type]


def test_it_is_a_pdf_with_its_photos_and_no_hostile_markup() -> None:
    file = made(page(facts=[("<b>Why", "<img src='file:///etc/passwd'/> & more")], pictures=[Picture("One", jpeg())]))
    assert file.startswith(b"%PDF-") and b"/DCTDecode" in file
    assert len(made(page(talk=[("Customer", "word " * 4000)]))) > 2000  # over several pages


def test_letters_of_many_scripts() -> None:
    letters = _letters()
    for text in ("Größe ş ğ € – „x“", "Заказ № 4471", "Ελληνικά"):
        assert marked(text, letters) == (text, [])
    assert marked("壊れた", letters)[0] == '<font name="HeiseiMin-W3">壊れた</font>'
    assert marked("坏了 <1>", letters)[0] == '<font name="STSong-Light">坏了</font> &lt;1&gt;'
    assert marked("ok 🙂", letters) == ("ok ", [])


def test_what_cannot_be_set_is_left_out_and_said() -> None:
    words, lost = marked("أريد 5", _letters())
    assert words.strip() == "5" and len(lost) == 4
    assert len(made(page(facts=[("Why", "أريد")]))) > len(made(page()))
