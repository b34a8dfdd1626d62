"""What must not be kept. Every number here is a test number or made up."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont
from stdnum import ean

from storage.redact import masked_words
from vision.frame import Frame
from vision.readers import quality
from vision.readers.blur import blurred, safe_copy
from vision.readers.layout import Piece
from vision.readers.ocr import Read
from vision.readers.read import Reading, finished
from vision.report import Code, Finding, PhotoReport


def piece(text: str, row: int = 0, box: tuple[float, float, float, float] = (0.1, 0.1, 0.9, 0.2)) -> Piece:
    return Piece(text=text, confidence=0.98, box=box, height=24.0, row=row)


def child(codes: tuple[Code, ...] = ()) -> Frame:
    picture = np.random.default_rng(1).integers(0, 255, (200, 300, 3)).astype(np.uint8)
    return Frame(np.zeros((8, 8, 3), np.uint8), picture, codes, quality.measure(quality.grey(picture)))


def read(*texts: str, codes: tuple[Code, ...] = ()) -> Reading:
    """One row a text; "|" stands between the pieces of a row."""
    pieces = tuple(
        piece(part.strip(), n, (0.1, 0.1 * n, 0.9, 0.1 * n + 0.08))
        for n, text in enumerate(texts)
        for part in text.split("|")
    )
    return finished(PhotoReport(), child(codes), Read("read", pieces))


def kinds(reading: Reading) -> list[str]:
    return [finding.type for finding in reading.report.sensitive]


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1111",
        "5555-5555-5555-4444",
        "3782 822463 10005",
        "6011 1111 1111 1117",
        "2223 0031 2200 3222",
        "4539148803436467",
    ],
)
def test_cards(number: str) -> None:
    found = read("EXAMPLE BANK", number, "VALID THRU 09/28", "ANNA ERIKSSON")
    assert "card" in kinds(found)
    kept = found.report.model_dump_json()
    assert number not in kept and number[:9] not in kept and "09/28" not in kept
    assert found.safe_copy is not None


def test_a_misread_digit_does_not_uncover_a_card() -> None:
    assert "card" in kinds(read("VISA", "4111 1111 1111 1117", "VALID THRU 09/28"))
    assert "card" in kinds(read("VISA", "41l1 1111 1111 11ll"))


@pytest.mark.parametrize(
    "row",
    [
        "12345678 | 4111 1111 1111 1111 | VISA",
        "VISA 12345678 4111 1111 1111 1111 0170 1234567",
        "VISA 9876 4111 1111 11111111 0170 1234567",
        "5555 5555 5555 4444 | 4111 1111 1111 1111",
        "card no.4111111111111111",
        "my card number is,4111111111111111",
        "VISA 4111\u00a01111\u202f1111\u00a01111",
        "VISA 4111 1111 1111 1111 | 123",
    ],
)
def test_a_card_beside_other_numbers(row: str) -> None:
    """Nothing was found in these, and of two cards only the first: digits of a neighbour were taken for the card's."""
    found = read("EXAMPLE BANK", row)
    assert set(kinds(found)) == {"card"}
    shown = found.report.model_dump_json()
    assert "4111" not in shown and "5555" not in shown and "123" not in shown.replace("1234567", "")


def test_a_code_behind_a_card_is_not_its_end() -> None:
    """Nineteen digits that fit a card, too, would show the security code among the last four, which stay."""
    assert masked_words("visa 4111 1111 1111 1117 123") == "visa •••• •••• •••• 1117 •••"


def test_a_number_in_four_lines() -> None:
    four = [
        piece(part, n, (0.1, 0.1 * n, 0.2, 0.1 * n + 0.08)) for n, part in enumerate(("4539", "1488", "0343", "6467"))
    ]
    found = finished(PhotoReport(), child(), Read("read", tuple(four)))
    assert kinds(found) and "1488" not in found.report.model_dump_json()
    beside = piece("12/27", 1, (0.5, 0.1, 0.6, 0.18))
    assert "card" in kinds(finished(PhotoReport(), child(), Read("read", (*four[:2], beside, *four[2:]))))


@pytest.mark.parametrize(
    "text",
    [
        "IBAN DE89 3704 0044 0532 0130 00",
        "GB82 WEST 1234 5698 7654 32",
        "IBAN: FR1420041010050500013M02606",
        "DE89370400440532013000",
        "DE84 6753 6566 5175 0106 70",
    ],
)
def test_ibans(text: str) -> None:
    found = read("Please refund to", text)
    assert kinds(found) == ["iban"]  # also where sixteen of its digits would do for a card
    assert text.removeprefix("IBAN").strip(": ")[:9] not in found.report.lines[1]


@pytest.mark.parametrize(
    "text",
    [
        "My IBANs are DE89 3704 0044 0532 0130 00 and GB29 NWBK 6016 1331 9268 19",
        "DE89 3704 0044 0532 0130 00 GB29 NWBK 6016 1331 9268 19",
        "Ref AB12 C, then DE89 3704 0044 0532 0130 00, GB29\u00a0NWBK\u00a06016 1331 9268 19",
        "Grüße, de89 3704 0044 0532 0130 00 / gb29 nwbk 6016 1331 9268 19 (Straße)",
    ],
)
def test_all_ibans(text: str) -> None:
    """Only the first one was masked: the other one stayed readable, in rows, codes and typed words. Neither was found
    behind letters that might begin one, nor in small letters beside "ß".
    """
    in_code = read("pay to", codes=(Code(symbology="qrcode", payload=text),)).report.codes[0].payload
    for said in (masked_words(text), in_code, read(text).report.lines[0]):
        assert not any(part in said.upper() for part in ("3704", "NWBK", "6016")), said


def test_ibans_in_two_pieces_of_a_row() -> None:
    found = read("DE89 3704 0044 0532 0130 00 | GB29 NWBK 6016 1331 9268 19")
    assert kinds(found) == ["iban", "iban"]
    assert found.report.lines == ("•••• •••• •••• •••• ••30 00", "•••• •••• •••• •••• ••68 19")


@pytest.mark.parametrize(
    "text",
    [
        "Order no 1234567890123, my account is locked",
        "my bicycle has not come, order no 1234567890123",
        "tracking no 12345678901234, it says swift delivery",
    ],
)
def test_a_number_behind_no_is_not_in_norway(text: str) -> None:
    """Each was masked as an IBAN, since "bicycle" has "bic" in it."""
    assert masked_words(text) == text
    assert kinds(read(text)) == []


def test_a_misread_iban_that_is_called_one() -> None:
    assert kinds(read("IBAN: DE88 3704 0044 0532 0130 00")) == ["iban"]
    assert kinds(read("DE88 3704 0044 0532 0130 00")) == []


@pytest.mark.parametrize(
    "zone",
    [
        ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"],
        ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"],
        ["P«UTOERIKSSON««ANNA«MARIA«««««««««««", "L898902C36UTO7408122F1204159"],
        ["P(UTOERIKSSON((ANNA(MARIA(((((((((((", "L898902C36UTO7408122F1204159"],
    ],
)
def test_an_identity_paper_is_hidden_whole(zone: list[str]) -> None:
    found = read("UTOPIA", "Eriksson", "No. L898902C3", *zone)
    assert "mrz" in kinds(found)
    kept = found.report.model_dump_json()
    assert "ERIKSSON" not in kept.upper() and "L898902C3" not in kept
    assert found.report.references == ()


def test_codes_on_an_identity_paper_say_nothing() -> None:
    """The number of its bearer stayed in the payload of its QR code, and as the article number of a bar code."""
    codes = (
        Code(symbology="qrcode", payload="ID 231458907 ERIKSSON"),
        Code(symbology="ean13", payload="4006381333931", gtin="04006381333931"),
    )
    found = read("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", codes=codes)
    assert [(code.payload, code.gtin) for code in found.report.codes] == [("mrz:••••••••", None)] * 2
    assert found.report.references == ()


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ("CVV 123  EXP 12/26", "CVV •••  EXP ••/••"),
        ("CID 1234", "CID ••••"),
        ("Security code 123", "Security code •••"),
        ("123", "•••"),
        ("CVV | 123 | EXP 12/26", "CVV ••• EXP ••/••"),
        ("12/26 123", "••/•• •••"),
    ],
)
def test_what_buys_things_with_a_card(row: str, kept: str) -> None:
    """Security codes stayed readable wherever they were not alone in their piece."""
    assert " ".join(read("VISA 4111 1111 1111 1111", row).report.lines[1:]) == kept
    assert "card" not in kinds(read("HELLO", row))


@pytest.mark.parametrize(
    ("payload", "kind", "secret"),
    [
        ("WIFI:T:WPA;S:home;P:hunter22;;", "wifi", "hunter22"),
        ("otpauth://totp/Shop:ana?secret=JBSWY3DPEHPK3PXP&issuer=Shop", "otp", "JBSWY3DPEHPK3PXP"),
        ("otpauth-migration://offline?data=CjEKCkhlbGxv", "otp", "CjEKCkhlbGxv"),
        ("BCD\n002\n1\nSCT\nBIC\nAna\nDE89370400440532013000\nEUR12.00", "iban", "DE8937040044"),
        ("@\n\x1e\rANSI 636014040002DL00410278", "licence", "636014040002"),
    ],
)
def test_secrets_in_codes(payload: str, kind: str, secret: str) -> None:
    found = read("a label", codes=(Code(symbology="qrcode", payload=payload, box=(0.2, 0.2, 0.5, 0.5)),))
    assert kind in kinds(found)
    assert secret not in found.report.model_dump_json()
    assert len(found.report.codes) == 1


@pytest.mark.parametrize("symbology", ["qrcode", "datamatrix", "pdf417", "aztec"])
@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        ("VISA 4111 1111 1111 1111 exp 12/27 cvv 123", "VISA •••• •••• •••• 1111 exp ••/•• cvv •••"),
        ("Ana\n5555-5555-5555-4444\n", "Ana\n••••-••••-••••-4444\n"),
        (
            "DE89370400440532013000\nVISA 4111 1111 1111 1111",
            "••••••••••••••••••3000\nVISA •••• •••• •••• 1111",
        ),
    ],
)
def test_cards_in_codes(symbology: str, payload: str, kept: str) -> None:
    """They were kept and shown."""
    found = read("a label", codes=(Code(symbology=symbology, payload=payload),))
    assert found.report.codes[0].payload == kept
    assert kinds(found) == ["iban" if "DE89" in payload else "card"]


@pytest.mark.parametrize(
    "payload",
    ["CARD:4111111111111111;EXP:12/27;CVV:123", "https://pay.example/?card=4111111111111111&cvv=123&exp=12/27"],
)
def test_a_card_in_a_code_beside_what_buys_things_with_it(payload: str) -> None:
    """A number without groups was an order or an article, whatever stood beside it."""
    found = read("a label", codes=(Code(symbology="qrcode", payload=payload),))
    kept = found.report.codes[0].payload
    assert kinds(found)[0] == "card"
    assert "4111" not in kept and "123" not in kept and "12/27" not in kept


@pytest.mark.parametrize(
    "rows",
    [
        ("IBAN", "DE89 3704 0044", "0532 0130 00"),
        ("DE89 3704", "0044 0532", "0130 00", "thanks"),
    ],
)
def test_an_iban_in_several_rows(rows: tuple[str, ...]) -> None:
    found = read(*rows)
    assert set(kinds(found)) == {"iban"}
    assert "0532" not in " ".join(found.report.lines) and "DE89" not in " ".join(found.report.lines)


def test_rows_below_each_other_are_no_iban_without_its_check_digits() -> None:
    found = read("Invoice DE89 3704 0044", "0532 0130 01", "swift delivery")
    assert kinds(found) == []


@pytest.mark.parametrize("rows", [("3782 822463", "10005"), ("41111111", "11111111")])
def test_a_card_of_other_groups_in_two_rows(rows: tuple[str, ...]) -> None:
    found = read(*rows, "VALID THRU 12/27")
    assert set(kinds(found)) == {"card"} and not any(row in found.report.lines for row in rows)


@pytest.mark.parametrize(
    "payload",
    [
        "4539148803436467",
        "card 4539148803436467",
        "order 4539 1488 0343 6467",
        "https://shop.example/pay/4111111111111111?card=1",
        "(01)04006381333931(10)4539148803436467(17)271200",
        "01040063813339311045391488034364\x1d17271200",
        "00340434161094042557",
        "4111 1111 1111 1117",  # a wrong check digit: no code is misread
        "IMEI 490154203237518, +49 30 1234 5678 9012",
    ],
)
def test_long_numbers_in_codes_are_no_cards(payload: str) -> None:
    found = read("paid by credit card", codes=(Code(symbology="qrcode", payload=payload),))
    assert (kinds(found), found.report.codes[0].payload) == ([], payload)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("WIFI:T:WPA;S:home;P:secret12;;", "••••:•:•••;•:••••;•:••••••••;;"),
        ("wifi:S:my home;T:WPA;P:se\\;cret", "••••:•:•• ••••;•:•••;•:••\\;••••"),
        ("otpauth://totp/Shop?secret=JBSWY3DPEHPK3PXP", "•••••••://••••/••••?••••••=••••••••••••••••"),
        ("my wifi: it does not work; p: ok", None),
    ],
)
def test_secrets_of_codes_as_text(text: str, kept: str | None) -> None:
    """Only what was decoded from a code was hidden; printed below it or typed it stayed."""
    assert masked_words(f"It says\n{text}\nand ends") == f"It says\n{kept or text}\nand ends"
    found = read("a label", text)
    assert found.report.lines == ("a label", kept or text)
    assert len(kinds(found)) == bool(kept)


def test_a_driving_licence_as_text_is_hidden_whole() -> None:
    data = "ANSI 636014040002DL00410278"
    assert read("DRIVER", data).report.lines == ("••••••", f"•••• {'•' * 22}")
    assert masked_words(f"@\n{data}\nDCSERIKSSON") == f"@\n•••• {'•' * 22}\n•••••••••••"


def test_a_zone_that_is_typed() -> None:
    """It was kept as it was written."""
    zone = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    assert masked_words("\n".join(("mine:", *zone, "ok?"))) == f"mine:\n{'•' * 44}\n{'•' * 44}\nok?"
    assert masked_words(" and ".join(zone)) == f"{'•' * 44} and {'•' * 44}"
    assert "mrz" in kinds(read(f"Passport no. | {zone[1]}"))  # a piece of a row


@pytest.mark.parametrize(
    "text",
    [
        "Tracking 4539148803436467",
        "2018030610100080498",
        "BANK ACC MBB 5128 4851 2118",
        "4006381333931",
        "IMEI 490154203237518",
        "Tel +49 30 1234 5678 9012",
        "0000 0000 0000 0000",
        "https://example.com/4111",
        "GIB MIR 1234",
        "SN DE89370400440532013001",
        "<<< SALE >>> <<< 50 % OFF >>>",
        "GARDENIA BAKERIES (KL) SDN BHD (139386 X)",  # four receipts of 42 were hidden as identity papers
        "EXP 07/26 | 5901234123457",  # an article of Poland
        "EXP 07/26 | 5000112637922",  # of Great Britain
        "EXP 07/26 | 6901234567892",  # of China
    ],
)
def test_no_false_alarm(text: str) -> None:
    found = read("Corner & Co.", text, "Thank you")
    assert kinds(found) == [] and found.safe_copy is None
    assert " | ".join(found.report.lines[1:-1]) == text


@pytest.mark.parametrize("number", [f"59012341{n:04}" for n in range(100, 140)])
def test_an_article_is_no_card(number: str) -> None:
    """One in ten of the articles whose countries' numbers begin as Maestro's or Visa's was masked on any packet that
    says until when it keeps.
    """
    article = number + ean.calc_check_digit(number)
    assert kinds(read("EXP 07/26", article)) == []
    assert kinds(read("VISA", f"{article} 1 2.50")) == []


def test_what_its_bar_code_says_is_no_card() -> None:
    """A parcel's number was masked where the picture speaks of cards."""
    code = Code(symbology="code128", payload="4539148803436467")
    assert kinds(read("paid by credit card", "4539 1488 0343 6467")) == ["card"]
    assert kinds(read("paid by credit card", "4539 1488 0343 6467", codes=(code,))) == []


@pytest.mark.parametrize("symbology", ["code128", "qrcode"])
def test_a_payment_card_is_one_beside_its_own_bar_code(symbology: str) -> None:
    """Nothing was masked, the security code neither: what a bar code repeats was no card, whatever stood around it."""
    code = Code(symbology=symbology, payload="4111111111111111", box=(0.1, 0.6, 0.9, 0.8))
    found = read("VISA DEBIT", "4111 1111 1111 1111", "VALID THRU 12/27", "CVV 123", codes=(code,))
    assert found.report.lines == ("VISA DEBIT", "•••• •••• •••• 1111", "VALID THRU ••/••", "CVV •••")
    assert found.report.codes[0].payload == "••••••••••••1111"
    assert code.box in [finding.box for finding in found.report.sensitive if finding.type == "card"]


@pytest.mark.parametrize(
    ("number", "rows"),
    [
        ("6338001234567897", ["MEMBER CARD", "6338 0012 3456 7897", "VALID THRU 12/27"]),  # of no scheme
        ("4111111111111111", ["VISA ACCEPTED", "4111 1111 1111 1111"]),  # no expiry date
        ("4111111111111111", ["BEST BEFORE 12/27", "4111 1111 1111 1111"]),  # no card is spoken of
        ("4111111111111111", ["VISA 12/27", "4111111111111111"]),  # as parcels print it
    ],
)
def test_a_number_that_its_bar_code_repeats_stays(number: str, rows: list[str]) -> None:
    found = read(*rows, codes=(Code(symbology="code128", payload=number),))
    assert (kinds(found), found.report.lines, found.report.codes[0].payload) == ([], tuple(rows), number)


def test_a_long_number_is_searched_for_cards_only_where_they_are_spoken_of() -> None:
    """An account's number of 26 digits has many sixteens in it, and one of them has a card's check digit by chance."""
    number = "12 4111 1111 1111 1111 9012 3456"
    assert kinds(read("transfer to", number)) == []
    assert kinds(read("card", number)) == ["card"]


def test_nothing_is_found_in_nothing() -> None:
    assert kinds(read()) == []


class TestTheCopyThatIsShown:
    BOX = (0.25, 0.25, 0.75, 0.5)

    def test_the_region_holds_three_colours_and_the_rest_is_as_it_was(self) -> None:
        picture = child().readable
        out = blurred(picture, [Finding(type="card", box=self.BOX)])
        inside = out[60:90, 90:210].astype(int)
        assert np.abs(np.diff(inside, axis=0)).max() == 0  # nothing of the digits' rows is left
        assert np.abs(np.diff(inside, axis=1)).max() < 12
        assert (out[:30] == picture[:30]).all() and (out[150:] == picture[150:]).all()

    def test_it_has_no_metadata(self) -> None:
        data = safe_copy(child().readable, [Finding(type="mrz", box=(0.0, 0.0, 1.0, 1.0))])
        with Image.open(io.BytesIO(data)) as image:
            assert dict(image.getexif()) == {} and image.format == "JPEG"
            assert np.asarray(image.convert("L")).std() < 30


def test_what_a_customer_types() -> None:
    assert masked_words("my card is 4111 1111 1111 1111, please") == "my card is •••• •••• •••• 1111, please"
    assert masked_words("my card 4539148803436467") == "my card ••••••••••••6467"
    assert masked_words("order 4471-22, tel 030 1234567") == "order 4471-22, tel 030 1234567"
    assert masked_words("ship to ıßŞ DE89 3704 0044 0532 0130 00").endswith("00")
    assert masked_words("9" * 50_000) == "9" * 50_000
    assert masked_words("9 " * 5000) == "9 " * 5000
    assert masked_words("DE12 34 " * 1250) == "DE12 34 " * 1250


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("card 0170 1234567 4111 1111 1111 1111", "card 0170 1234567 •••• •••• •••• 1111"),
        ("card 4111 1111 1111 1111 exp 12/26 cvv 123", "card •••• •••• •••• 1111 exp ••/•• cvv •••"),
        ("4111111111111111, 12/26, 123", "••••••••••••1111, ••/••, •••"),
        ("4111 1111 1111 1111 valid until 1-2027\nmy cvv is 123", None),
        ("order 4471-22 of 12/26, room 123, cvv?", "order 4471-22 of 12/26, room 123, cvv?"),
    ],
)
def test_a_card_typed_with_all_that_belongs_to_it(typed: str, kept: str | None) -> None:
    """Beside a telephone number nothing was masked; expiry and security code never were."""
    kept = kept or "•••• •••• •••• 1111 valid until •-••••\nmy cvv is •••"
    assert masked_words(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (
            "Please refund my order. 4111 1111 1111 1111, exp 12/27, cvv 123",
            "Please refund my order. •••• •••• •••• 1111, exp ••/••, cvv •••",
        ),
        (
            "pay for my order 4111 1111 1111 1111 exp 12/27 cvv 123",
            "pay for my order •••• •••• •••• 1111 exp ••/•• cvv •••",
        ),
        ("Invoice 5555-5555-5555-4444 exp 01/29 cvc 987", "Invoice ••••-••••-••••-4444 exp ••/•• cvc •••"),
        ("order 4111111111111111 exp 12/27", "order ••••••••••••1111 exp ••/••"),
        ("I mean 4111 1111 1111 1111", "I mean •••• •••• •••• 1111"),
    ],
)
def test_a_card_behind_the_name_of_another_number(typed: str, kept: str) -> None:
    """Behind "order", "invoice" and even "mean" (it ends in "ean") neither number nor security code was masked."""
    assert masked_words(typed) == kept
    assert "card" in kinds(read("VALID THRU 09/28", "Order 4111 1111 1111 1111"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("please charge 4111111111111111 for it", "please charge ••••••••••••1111 for it"),
        ("Here is my number:\n4111111111111111\nthanks", "Here is my number:\n••••••••••••1111\nthanks"),
        ("4111\n1111\n1111\n1111", "••••\n••••\n••••\n1111"),
        ("card 4539 1488\n0343 6467", "card •••• ••••\n•••• 6467"),
        ("DE89 3704 0044\n0532 0130 00", "•••• •••• ••••\n•••• ••30 00"),
        ("Visa4539 1488 0343 6467", "Visa•••• •••• •••• 6467"),
        ("4111 1111 1111 1111exp 12/27", "•••• •••• •••• 1111exp ••/••"),
        ("4111 1111 1111 1111cvv 123", "•••• •••• •••• 1111cvv •••"),
        ("4111/1111/1111/1111", "••••/••••/••••/1111"),
        ("card 4111‑1111‑1111‑1111", "card ••••‑••••‑••••‑1111"),
        ("card ４１１１ １１１１ １１１１ １１１１", "card •••• •••• •••• １１１１"),
        ("card ٤١١١ ١١١١ ١١١١ ١١١١ exp ١٢/٢٧", "card •••• •••• •••• ١١١١ exp ••/••"),
        ("DE８９ ３７０４ ００４４ ０５３２ ０１３０ ００", "•••• •••• •••• •••• ••３０ ００"),
    ],
)
def test_other_ways_to_write_a_card(typed: str, kept: str) -> None:
    """None of these was masked."""
    assert masked_words(typed) == kept


@pytest.mark.parametrize(
    "rows", [["VISA4539 1488 0343 6467"], ["VISA", "4539/1488/0343/6467"], ["VISA", "4539 1488", "0343 6467"]]
)
def test_other_ways_to_print_a_card(rows: list[str]) -> None:
    found = read(*rows)
    assert set(kinds(found)) == {"card"} and "1488" not in found.report.model_dump_json()


@pytest.mark.parametrize(
    "typed",
    [
        "where is my order 4539148803436467 please",
        "my order number is 4539148803436467, it has not come",
        "Order number:\n4539148803436467\nwhere is it",
        "I paid by card, order no. 4539148803436467",
        "Sendungsnummer: 4539148803436467",
        "tracking 4539 1488 0343 6467",
        "look at https://shop.example/item/4111111111111111",
        "serial AB4539148803436467",
        "call me: 6222 1234\n6555 4326",  # eight digits a line, as in Singapore, which together would do for a card
        "do you have 5901234123457 in blue",
        "my parcel with 45391488034364 has not come",
    ],
)
def test_what_customers_type_that_is_no_card(typed: str) -> None:
    assert masked_words(typed) == typed


class TestKindAndQuality:
    def test_foreign_script_is_said_and_not_invented(self) -> None:
        odd = tuple(
            piece(text, n).model_copy(update={"confidence": 0.7}) for n, text in enumerate(("Homep 3aka3a", "ДocTaBka"))
        )
        report = finished(PhotoReport(), child(), Read("read", odd)).report
        assert (report.text, report.lines, report.unread) == ("foreign", (), 2)

    def test_lines_that_are_not_sure_are_counted_and_left_out(self) -> None:
        pieces = (piece("Order No: 4471-22"), piece("0rd...", 1).model_copy(update={"confidence": 0.6}))
        report = finished(PhotoReport(), child(), Read("read", pieces)).report
        assert (report.text, report.lines, report.unread) == ("partly", ("Order No: 4471-22",), 1)

    def test_text_that_was_seen_and_not_read_is_said(self) -> None:
        assert finished(PhotoReport(), child(), Read("late")).report.text == "late"
        assert finished(PhotoReport(), child(), Read("crashed")).report.text == "crashed"

    def test_a_receipt_by_what_it_says(self) -> None:
        assert read("SHOP", "Milk 2.40", "Bread 3.10", "TOTAL 5.50", "Cash 10.00").report.kind == "receipt"

    def test_a_child_that_ended_early_has_no_codes_and_says_so(self) -> None:
        alone = child()
        ended = Frame(alone.pixels, alone.readable, None, None)
        report = finished(PhotoReport(), ended, Read("none")).report
        assert (report.codes, report.codes_read, report.flaws) == ((), False, ())


class TestFlaws:
    """Each by what a camera does."""

    @staticmethod
    def flaws(change: object, pieces: tuple[Piece, ...] = ()) -> tuple[str, ...]:
        image = Image.new("RGB", (900, 600), "#f4f4f0")
        ImageDraw.Draw(image).text(
            (60, 60), "Order No: 4471-22\nTracking", fill="#111", font=ImageFont.load_default(60)
        )
        picture = np.asarray(change(image))  # type: ignore[operator]
        measured = quality.measure(quality.grey(picture))
        seen = Frame(np.zeros((8, 8, 3), np.uint8), picture, (), measured)
        return finished(PhotoReport(), seen, Read("read" if pieces else "none", pieces)).report.flaws

    def test_none(self) -> None:
        assert self.flaws(lambda image: image) == ()

    def test_dark_blurred_overexposed_small(self) -> None:
        assert self.flaws(lambda image: ImageEnhance.Brightness(image).enhance(0.08)) == ("dark",)
        assert self.flaws(lambda image: image.filter(ImageFilter.GaussianBlur(14))) == ("blurred",)
        assert self.flaws(lambda image: Image.eval(image, lambda v: min(255, v // 10 + 232))) == ("overexposed",)
        assert self.flaws(lambda image: image.resize((180, 120))) == ("too_small",)

    def test_cut_off_and_small_print(self) -> None:
        at_the_edge = tuple(piece(f"line {n} and", n, (0.2, 0.1 * n, 1.0, 0.1 * n + 0.05)) for n in range(4))
        assert self.flaws(lambda image: image, at_the_edge) == ("cut_off",)
        tiny = tuple(
            p.model_copy(update={"height": 6.0, "confidence": 0.6, "box": (0.2, 0.1, 0.5, 0.2)}) for p in at_the_edge
        )
        assert self.flaws(lambda image: image, tiny) == ("too_small",)


@pytest.mark.parametrize("text", ["AA00 A0 " * 512, "DE00 A0 " * 512, "GB29 NWBK " * 410, "4111 " * 820, "4 " * 2048])
def test_what_is_typed_costs_little(text: str) -> None:
    """Half a second of the bot's only loop a message: a country without accounts was tried in every length."""
    start = time.process_time()
    masked_words(text)
    assert time.process_time() - start < 0.25


def test_a_number_behind_ten_thousand_letters_is_masked() -> None:
    """An album's captions are up to 40,000 letters, and the rest was not looked at."""
    for before in (5_000, 10_000, 39_000):
        told = masked_words("apples and pears " * (before // 17) + "4539 1488 0343 6467 is my card")
        assert "4539" not in told and told.endswith("6467 is my card")


def test_a_number_is_not_cut_in_two() -> None:
    for shift in range(24):
        assert "4539" not in masked_words("x" * (4096 - shift) + " 4539 1488 0343 6467 " + "y" * 50)


def test_an_account_of_another_country_is_known() -> None:
    assert "0009 7950" not in masked_words("it is BR15 0000 0000 0000 1093 2840 814P 2, thanks")
