"""What a case can be found by, in rows of text as they are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from babel import Locale

from vision.readers import receipt_words
from vision.readers.checks import luhn, parcel, s10, sscc, ups, usps
from vision.readers.dates import days
from vision.readers.layout import Piece, Row, rows_of
from vision.readers.references import PatternError, patterns, references


def rows(*texts: str) -> list[Row]:
    """One row a text; "|" stands between the pieces of a row."""
    pieces = [
        Piece(text=part.strip(), confidence=0.99, box=(0.1, 0.1, 0.9, 0.2), height=20.0, row=number)
        for number, text in enumerate(texts)
        for part in text.split("|")
    ]
    return rows_of(pieces)


def found(*texts: str) -> set[tuple[str, str]]:
    return {(reference.type, reference.normal) for reference in references(rows(*texts))}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Order No: 4471-22", ("order", "4471-22")),
        ("ORDER #100-2334455", ("order", "100-2334455")),
        ("Order number | AB-99812", ("order", "AB-99812")),
        ("Bestellnummer: 20931", ("order", "20931")),
        ("Tracking: RR 473 124 829 GB", ("tracking", "RR473124829GB")),
        ("RR473124829GB", ("tracking", "RR473124829GB")),
        ("1Z 999 AA1 01 2345 6784", ("tracking", "1Z999AA10123456784")),
        ("Tracking number 1234 5678 9012", ("tracking", "123456789012")),
        ("TRK# 7712 3456 7890", ("tracking", "771234567890")),
        ("Paketscheinnummer 01905123456789", ("tracking", "01905123456789")),
        ("Sendungsnummer: 00340434161094042557", ("tracking", "00340434161094042557")),
        ("S/N: FT3517929", ("serial", "FT3517929")),
        ("Serial No. C02-XK81-22", ("serial", "C02-XK81-22")),
        ("IMEI 490154203237518", ("imei", "490154203237518")),
        ("IMEI: 49-015420-323751-8", ("imei", "490154203237518")),
        ("Order #12", ("order", "12")),
        # Order 100 was stated as a fact; a block of letters, or two, was none.
        ("Order number: 100 023 417", ("order", "100023417")),
        ("Order no 4471 0023 4175  Total 12.00", ("order", "447100234175")),
        ("Order no. AA/1234/5678/9012", ("order", "AA/1234/5678/9012")),
        ("Order: #SO-AB1234", ("order", "SO-AB1234")),
        ("Order ABCDEF-123456", ("order", "ABCDEF-123456")),
        ("Pedido nº 778-1020", ("order", "778-1020")),
        ("Auftragsnummer 2026/00417", ("order", "2026/00417")),
        ("Ordine n° 100 023", ("order", "100023")),
        ("Sipariş no: 88213", ("order", "88213")),
        ("Invoice no. INV/2026/0012", ("invoice", "INV/2026/0012")),
        ("Rechnungsnr.: 100 023 417", ("invoice", "100023417")),
        ("order 4471-22", ("order", "4471-22")),
        ("Order 2026-1234", ("order", "2026-1234")),
        ("Error E-204", ("error_code", "E-204")),
        ("Error E 204", ("error_code", "E204")),
        ("Error 504", ("error_code", "504")),
        ("Fault code 3", ("error_code", "3")),
        ("Fault no. 3", ("error_code", "3")),
        ("Error code: E-204", ("error_code", "E-204")),
        ("Error 0x80070057", ("error_code", "0X80070057")),
        ("ERR_CONNECTION_RESET", ("error_code", "ERR_CONNECTION_RESET")),
        ("Fehler F21", ("error_code", "F21")),
        ("HTTP error 404", ("error_code", "404")),
        ("E-15", ("error_code", "E-15")),
        ("E15", ("error_code", "E15")),
        ("the display says E-204.", ("error_code", "E-204")),
        ("Code: E15", ("error_code", "E15")),
        ("Tracking no 12345678 Weight 3 kg", ("tracking", "12345678")),
        ("Parcel 12345678 arrives Monday", ("tracking", "12345678")),
        ("Tracking no 12345678 24.11.2026", ("tracking", "12345678")),
        ("Tracking: JD0002 2510 AB12", ("tracking", "JD00022510AB12")),
        ("Tel: +49 30 1234567", ("phone", "+49301234567")),
        ("Hotline 0800 123 4567", ("phone", "08001234567")),
        ("write to Help@Example.com", ("email", "help@example.com")),
        ("see https://example.com/a?b=1", ("url", "https://example.com/a?b=1")),
        ("Invoice No: 01-148409", ("invoice", "01-148409")),
        ("Date: 24.11.2026", ("date", "2026-11-24")),
    ],
)
def test_typed_right(text: str, what: tuple[str, str]) -> None:
    assert what in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "RR473124828GB",  # a wrong check digit and no label
        "1Z999AA10123456785",
        "IMEI 490154203237519",
        "220-240V 50Hz 1450W",
        "Best apples of 2024",
        "Order number: 100 023 41",  # in part it would be another one
        "Order no: 12 345 6789",
        "Order number: please wait",
        "100 % cotton, 40 x 60 cm",
        "Weight 2.5 kg",
        "Open 8:00 - 20:00",
        # Any number behind the word was an order's, or an error's code.
        "Order 24/7 online",
        "Order 2 get 1 free",
        "Order 10-15 pieces",
        "Please order 3 days before",
        "Pre-order 2026",
        "Pre-order | 2026.",
        "Alarm 7:00",
        "Alarm | 7:00 am",
        "Alarm at 7:00",
        "Fault 3 of 4",
        "Error 12 of 14",
        "Track your parcel 24 hours a day",
        # What food is made of, and codes of nothing that is broken, were an error's.
        "Emulsifier E471, colour E150",
        "E471, E150, E330",
        "Discount code: VIP20",
        "Discount code | VIP20",
        "Promo-code AB12",
        "Postal code D02",
        "Postcode D02",
        "Product code AB12",
    ],
)
def test_what_is_none(text: str) -> None:
    assert found(text) == set()


def test_additives_on_a_packet() -> None:
    assert found("Ingredients: wheat, E-330, emulsifier", "E471") == set()


def test_a_label_above_its_value() -> None:
    assert ("order", "4471-22") in found("Order number", "4471-22")
    assert ("order", "4471-22") not in found("Order within 5 days", "4471-22")


def test_each_thing_once_with_its_line() -> None:
    twice = references(rows("Order No: 4471-22", "thanks", "Order No: 4471-22"))
    assert [(r.type, r.line) for r in twice] == [("order", 0)]


def test_of_too_many_things_date_and_total_stay() -> None:
    """Forty addresses were kept and nothing else."""
    addresses = [f"https://example.com/{n}" for n in range(44)]
    said = references(rows(*addresses, "Date: 24.11.2026", "Printed 25.11.2026", "TOTAL | 5.83"))
    assert [r.normal for r in said] == [*addresses[:38], "2026-11-24", "5.83"]


class TestReceipts:
    def test_the_total_is_what_was_paid(self) -> None:
        said = found(
            "Milk | 2.40",
            "Bread | 3.10",
            "Subtotal | 5.50",
            "GST 6% | 0.33",
            "TOTAL RM | 5.83",
            "CASH | 10.00",
            "CHANGE | 4.17",
        )
        assert ("total", "5.83") in said

    def test_rounded_to_five_cents(self) -> None:
        said = found(
            "Total Sales RM | 13.58",
            "Rounding Adj RM | 0.02",
            "Rounding RM | 13.60",
            "CASH RM | 14.00",
            "CHANGE | 0.40",
        )
        assert ("total", "13.60") in said

    def test_currency_and_commas(self) -> None:
        [total] = [r for r in references(rows("Summe EUR | 1.234,50")) if r.type == "total"]
        assert (total.normal, total.detail) == ("1234.50", "EUR")

    @pytest.mark.parametrize(
        ("row", "amount", "currency"),
        [
            ("Total £1,234", "1234.00", "GBP"),
            ("Total: ¥1,250", "1250.00", "¥"),
            ("TOTAL 1.234 EUR", "1234.00", "EUR"),
            ("Total 18.9 €", "18.90", "EUR"),
            ("Total £12.", "12.00", "GBP"),
            ("Total zł 12,50", "12.50", "PLN"),
            ("Total 3 items £12", "12.00", "GBP"),
        ],
    )
    def test_without_cents_or_with_another_sign(self, row: str, amount: str, currency: str) -> None:
        [total] = [r for r in references(rows(row)) if r.type == "total"]
        assert (total.normal, total.detail) == (amount, currency)

    @pytest.mark.parametrize(
        ("row", "amount", "currency"),
        [
            ("TOTAL | R$ 45,30", "45.30", "BRL"),  # "$45.30"
            ("TOTAL R$45,30", "45.30", "BRL"),
            ("Total Amount | HK$1,234.50", "1234.50", "HKD"),
            ("TOTAL | A$12.00", "12.00", "AUD"),
            ("Total due | CA$ 12.00", "12.00", "CAD"),
            ("TOTAL | NT$ 120.00", "120.00", "TWD"),
            ("Total | $12.00", "12.00", "$"),
            ("DO ZAPŁATY | 1 234,50 zł", "1234.50", "PLN"),
            ("Celkem | 249,00 Kč", "249.00", "CZK"),
            ("GENEL TOPLAM | 1.234,50 TL", "1234.50", "TRY"),
            ("Totalt | 125,00 kr", "125.00", "kr"),
            ("Att betala | 125,00 kr", "125.00", "SEK"),
            ("I ALT | 125,00 kr.", "125.00", "DKK"),
            ("Å betale | 125,00 kr", "125.00", "NOK"),
            ("Att betala | 125,-", "125.00", "SEK"),
            ("合計 | ¥1,250", "1250.00", "JPY"),
            ("お買上合計 1,250円", "1250.00", "JPY"),
            ("Grand Total Rs 1,23,456.00", "123456.00", "Rs"),
            ("Total ₹ 12,34,567", "1234567.00", "INR"),
            ("TOTALE COMPLESSIVO | 18,20", "18.20", ""),
            ("Te betalen | € 18,20", "18.20", "EUR"),
            ("Total TTC | 18,20 €", "18.20", "EUR"),
            ("Net à payer | 18,20 €", "18.20", "EUR"),
            ("SUMA PLN | 18,20", "18.20", "PLN"),
            ("Yhteensä | 18,20 €", "18.20", "EUR"),
            ("Fizetendő | 4 990 Ft", "4990.00", "HUF"),
            ("TOTAL BELANJA | Rp 45.000", "45000.00", "IDR"),
        ],
    )
    def test_rows_and_money_of_the_world(self, row: str, amount: str, currency: str) -> None:
        [total] = [r for r in references(rows(row)) if r.type == "total"]
        assert (total.normal, total.detail) == (amount, currency)

    @pytest.mark.parametrize(
        ("sign", "page", "currency"),
        [
            ("$", "ABN 12 345 678 901", "AUD"),
            ("$", "Mongkok, Kowloon", "HKD"),
            ("$", "HST 13% 1.56", "CAD"),
            ("kr", "mva 25%", "NOK"),
            ("kr", "CVR 12345678", "DKK"),
            ("¥", "小计", "CNY"),
            ("Rs", "GSTIN 29ABCDE1234F1Z5", "INR"),
            ("Rs", "Lahore", "Rs"),
            ("$", "ABN 12 345 678 901, Hong Kong", "$"),  # two countries' words
        ],
    )
    def test_what_several_countries_write_alike_is_the_pages(self, sign: str, page: str, currency: str) -> None:
        [total] = [r for r in references(rows(page, f"Total {sign} 12.00")) if r.type == "total"]
        assert total.detail == currency

    @pytest.mark.parametrize(
        ("texts", "amount"),
        [
            (("ZWROT", "CHLEB | -8,20", "SUMA | -8,20 zł"), "-8.20"),
            (("Refund", "TOTAL | -$12.50"), "-12.50"),
            (("TOTAL | $-12.50",), "-12.50"),
            (("TOTAL | (12.50)",), "-12.50"),
            (("SUMME EUR | 12,50-",), "-12.50"),
            (("Milk | 12.50", "Discount | -2.00", "TOTAL | 10.50"), "10.50"),
            (("Subtotal | 12.50", "Total savings | -2.00", "TOTAL | 10.50"), "10.50"),
            (("TOTAL - 12.50",), "12.50"),  # a dash between words and number
            (("Total (12 items) | 12.50",), "12.50"),
        ],
    )
    def test_what_was_given_back_is_negative(self, texts: tuple[str, ...], amount: str) -> None:
        [total] = [r for r in references(rows(*texts)) if r.type == "total"]
        assert total.normal == amount

    @pytest.mark.parametrize(
        "texts",
        [
            (
                "Subtotale | 10,00",
                "di cui IVA | 1,82",
                "TOTALE COMPLESSIVO | 11,82",
                "Contante | 20,00",
                "Resto | 8,18",
            ),
            ("Subtotaal | 10,00", "BTW 9% | 1,82", "TOTAAL | 11,82", "PIN | 11,82"),
            ("Mellansumma | 10,00", "Varav moms | 1,82", "Totalt | 11,82", "Kontant | 20,00", "Växel | 8,18"),
            ("Podsuma | 10,00", "SUMA PTU | 1,82", "SUMA PLN | 11,82", "Gotówka | 20,00", "Reszta | 8,18"),
            ("Mezisoučet | 10,00", "DPH 15% | 1,82", "CELKEM | 11,82", "Hotově | 20,00", "Vráceno | 8,18"),
            ("ARA TOPLAM | 10,00", "TOPKDV | 1,82", "TOPLAM | 11,82", "NAKİT | 20,00", "PARA ÜSTÜ | 8,18"),
            (
                "Sous-total | 10,00",
                "Total HT | 10,00",
                "TVA | 1,82",
                "TOTAL | 11,82",
                "Espèces | 20,00",
                "Rendu | 8,18",
            ),
            ("Zwischensumme | 10,00", "MwSt | 1,82", "SUMME | 11,82", "Bar | 20,00", "Rückgeld | 8,18"),
            ("小計 ¥10.00", "消費税 ¥1.82", "合計 ¥11.82", "お預り ¥20.00", "お釣り ¥8.18"),
        ],
    )
    def test_sums_of_parts_taxes_and_change_are_none(self, texts: tuple[str, ...]) -> None:
        assert ("total", "11.82") in found(*texts)

    def test_a_number_of_things_is_no_total(self) -> None:
        assert not {what for what, _ in found("Total 12 pieces", "Total 1.234", "Total qty 3.5")} & {"total"}

    def test_a_summary_of_taxes_is_no_total(self) -> None:
        assert ("total", "12.00") in found(
            "Total | 12.00", "GST Summary | Amount | Tax", "SR | 11.32 | 0.68", "Total | 11.32 | 0.68"
        )

    def test_no_label_no_total(self) -> None:
        assert not {what for what, _ in found("Milk | 2.40", "Bread | 3.10")} & {"total"}

    def test_the_day_of_the_purchase_before_other_days(self) -> None:
        said = references(rows("Valid until 01/12/2027", "Date: 24/11/2026 18:20"))
        assert [r.normal for r in said if r.type == "date"] == ["2026-11-24", "2027-12-01"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24/11/2026", date(2026, 11, 24)),
        ("24-11-26", date(2026, 11, 24)),
        ("2026-11-24T10:00", date(2026, 11, 24)),
        ("24 Nov 2026", date(2026, 11, 24)),
        ("25/FEB/2017", date(2017, 2, 25)),
        ("November 24, 2026", date(2026, 11, 24)),
        ("11/24/2026", date(2026, 11, 24)),
        ("14-01-2018(Sun)16:02", date(2018, 1, 14)),
        ("04/05/20177:19:43", date(2017, 5, 4)),
        ("18:1524/05/18", date(2018, 5, 24)),
        ("24112026", date(2026, 11, 24)),
        ("Date24.11.2026", date(2026, 11, 24)),
        ("5.3.2026", date(2026, 3, 5)),
        ("12/05/95", date(1995, 5, 12)),
        ("Best before 24/05/33", date(2033, 5, 24)),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert days(text) == [day]


@pytest.mark.parametrize("text", ["99/99/2026", "1.2.3", "12345678", "192.168.10.24", "31/02/2026", "10.11.12.13"])
def test_no_dates(text: str) -> None:
    assert days(text) == []


def test_a_year_long_ago_is_not_to_come() -> None:
    """It was 2085."""
    assert days("12/05/85") == []


@pytest.mark.parametrize(
    "text",
    [
        "Firmware 2.4.12",
        "App version 5.12.20",
        "Software 3.1.24",
        "v 10.11.12",
        "Version: 12.05.20",
        "PyCharm 2023.1.2",
    ],
)
def test_versions_are_no_dates(text: str) -> None:
    assert days(text) == []


def test_a_day_that_may_be_two_is_not_said() -> None:
    """Where prices are in dollars, 04/05 was the fourth of May all the same."""
    assert "date" not in dict(found("Total $12.50", "04/05/2026"))
    assert "order" not in dict(found("Total $12.50", "Order 04/05/2026"))
    assert ("date", "2026-05-04") in found("Total S$12.50", "04/05/2026")
    assert ("date", "2026-05-04") in found("Total RM12.50", "Change $0.00", "04/05/2026")
    assert ("date", "2026-04-25") in found("Total $12.50", "04/25/2026")
    assert ("date", "2026-05-05") in found("Total $12.50", "05/5/2026")


def test_check_digits() -> None:
    assert s10("RR473124829GB") and not s10("RR473124820GB") and not s10("RR47312482")
    assert (
        ups("1Z999AA10123456784") and ups("1Z5R89390357567127") and not ups("1Z999AA10123456783") and not ups("1Zäöü")
    )
    assert usps("9400111899223818218407"[:22]) == usps("9400111899223818218407")
    assert parcel("12345678") and not parcel("1234567") and not parcel("12345WEIGHT")
    assert sscc("00340434161094042557") and sscc("340434161094042557") and not sscc("340434161094042558")
    assert luhn("490154203237518") and not luhn("49015420323751x")


class TestPatternsOfTheShop:
    def test_one_more_entry_is_all_it_takes(self, tmp_path: Path) -> None:
        file = tmp_path / "own.yaml"
        file.write_text("- {type: order, upper: true, pattern: '\\b(?P<value>CC\\d{6})\\b'}\n", encoding="utf-8")
        said = references(rows("your order cc123456 left"), file)
        assert [(r.type, r.normal) for r in said] == [("order", "CC123456")]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("type: x", "list of patterns"),
            ("- {type: x}", "entry 1: needs type and pattern"),
            ("- {type: x, pattern: 'a'}", "group"),
            ("- {type: x, pattern: '(?P<value>['}", "entry 1"),
            ("- {type: x, pattern: '(?P<value>a)', unless: '['}", "entry 1"),
            ("- {type: x, pattern: '(?P<value>a)', check: nope}", "no check named 'nope'"),
            ("- {type: x, pattern: '(?P<value>a)', colour: red}", "may have"),
            ("- [", "own.yaml"),
        ],
    )
    def test_a_bad_one_is_refused_with_its_place(self, tmp_path: Path, text: str, why: str) -> None:
        file = tmp_path / "own.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(PatternError, match=why):
            patterns(file)

    def test_long_rows_do_not_take_long(self) -> None:
        assert found("1" * 5000, "A-" * 3000, "9 " * 3000, "order " * 1000) is not None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("19. Dez. 2025", date(2025, 12, 19)),
        ("7 enero 2026", date(2026, 1, 7)),
        ("7 de enero de 2026", date(2026, 1, 7)),
        ("14 gennaio 2026", date(2026, 1, 14)),
        ("13 maart 2026", date(2026, 3, 13)),
        ("15 Mai 2026", date(2026, 5, 15)),
        ("1er août 2026", date(2026, 8, 1)),
        ("1 aout 2026", date(2026, 8, 1)),  # print and readers lose accents
        ("3 września 2025", date(2025, 9, 3)),
        ("30. června 2025", date(2025, 6, 30)),
        ("30. července 2025", date(2025, 7, 30)),
        ("5 Ağustos 2025", date(2025, 8, 5)),
        ("2 de março de 2026", date(2026, 3, 2)),
        ("24. desember 2025", date(2025, 12, 24)),
        ("6 juni 2025", date(2025, 6, 6)),
        ("2. marts 2026", date(2026, 3, 2)),
        ("2026年1月14日", date(2026, 1, 14)),
        ("令和8年1月14日", date(2026, 1, 14)),
        ("2026. 01. 14.", date(2026, 1, 14)),
    ],
)
def test_months_of_the_world(text: str, day: date) -> None:
    assert days(text) == [day]


@pytest.mark.parametrize("text", ["12 apples 2024", "I alt 2 12", "31 febbraio 2026", "Room 12 Main 2024"])
def test_words_that_are_no_months(text: str) -> None:
    assert days(text) == []


def test_no_two_languages_call_different_months_alike() -> None:
    names: dict[str, set[int]] = {}
    for language in receipt_words.LANGUAGES:
        for context in Locale(language).months.values():
            for number, name in (*context.get("wide", {}).items(), *context.get("abbreviated", {}).items()):
                names.setdefault(receipt_words.folded(name).strip(". "), set()).add(number)
    assert {name: found for name, found in names.items() if len(found) > 1} == {}


def test_folded_keeps_places() -> None:
    text = "İADE Ödenecek ZAPŁATY ﬁ ǅ 合計"
    assert len(receipt_words.folded(text)) == len(text)
    assert receipt_words.folded("İADE Ödenecek ZAPŁATY") == "iade odenecek zaplaty"
