"""Total and date of receipts of twelve countries, drawn here: language, money, dates and rows as they are there.

    python benchmarks/receipts_of_the_world.py [--seeds 0:200] [--text]

Odd seeds are never looked at while the reader is built (``--seeds 1:200:2``). ``--text`` leaves drawing and OCR out and
reads the lines as they were written. One line of JSON a figure, by country and together, and what was wrong.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import rendered
from readers import Bench

from vision.readers.layout import Piece, rows_of
from vision.readers.references import references
from vision.report import Reference

Names = tuple[str, ...]


@dataclass(frozen=True)
class Country:
    """How a till there prints. ``{}`` in a date is day, month, year or the month's name."""

    currency: str  # that the report should say
    sign: str  # beside the total: "R$ {}", "{} kr", "{}"
    money: str  # thousands, decimals: ".," → 1.234,50
    title: Names
    goods: Names
    sub: Names
    tax: Names
    total: Names
    paid: Names
    change: Names
    dates: Names
    months: Names = ()
    foot: Names = ("",)
    whole: bool = False  # no cents
    refunds: Names = ("RETURN",)


WORLD: dict[str, Country] = {
    "Brazil": Country(
        "BRL", "R$ {}", ".,", ("MERCADO SAO JORGE LTDA", "PADARIA DO BAIRRO"),
        ("ARROZ 5KG", "FEIJAO PRETO", "CAFE 500G", "LEITE INTEGRAL", "PAO FRANCES"),
        ("Subtotal", "Valor dos produtos"), ("Trib. aprox.", "Desconto"),
        ("TOTAL", "VALOR TOTAL", "Valor a pagar", "TOTAL A PAGAR"), ("Dinheiro", "Cartão de Débito", "PIX"),
        ("Troco",), ("Data: {d:02}/{m:02}/{y}", "Emissão {d:02}/{m:02}/{y} 14:32", "{d} de {n} de {y}"),
        ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
         "novembro", "dezembro"), ("Obrigado, volte sempre",), refunds=("DEVOLUÇÃO",),
    ),
    "Hong Kong": Country(
        "HKD", "HK${}", ",.", ("GOLDEN BAKERY LTD", "KOWLOON NOODLE SHOP"),
        ("MILK TEA", "EGG TART", "WONTON NOODLE", "PINEAPPLE BUN"), ("Sub-total",), ("Discount", "Service Charge 10%"),
        ("TOTAL", "Total Amount", "AMOUNT DUE", "Grand Total"), ("OCTOPUS", "Cash", "VISA"), ("Change",),
        ("Date: {d:02}/{m:02}/{y}", "{d:02}-{n}-{y} 18:20", "{y}-{m:02}-{d:02}"),
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), ("Thank you",),
    ),
    "Australia": Country(
        "AUD", "A${}", ",.", ("CORNER HARDWARE PTY LTD", "HARBOUR CAFE"),
        ("FLAT WHITE", "PAINT 4L", "SCREWS 100", "BANANA BREAD"), ("Subtotal",), ("GST included", "Incl. GST 10%"),
        ("TOTAL", "Total (inc GST)", "Amount Due", "TOTAL PAID"), ("EFTPOS", "Cash", "VISA"), ("Change",),
        ("{d:02}/{m:02}/{y} 09:14", "Date {d} {n} {y}"),
        ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
         "December"), ("ABN 12 345 678 901",),
    ),
    "Canada": Country(
        "CAD", "CA${}", ",.", ("MAPLE GROCERY", "DEPANNEUR DU COIN"),
        ("MAPLE SYRUP", "CHEESE CURDS", "BAGELS 6", "COFFEE BEANS"), ("Subtotal", "Sous-total"),
        ("HST 13%", "TPS 5%", "TVQ 9.975%"), ("TOTAL", "Total due", "Montant total"), ("INTERAC", "Cash", "Comptant"),
        ("Change", "Monnaie"), ("{y}-{m:02}-{d:02}", "Date: {n} {d}, {y}"),
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), ("Merci / Thank you",),
    ),
    "Sweden": Country(
        "SEK", "{} kr", " ,", ("ICA NARA BYN", "JARNHANDEL AB"), ("MJÖLK 3%", "KNÄCKEBRÖD", "KAFFE 450G", "SMÖR"),
        ("Delsumma",), ("Varav moms 12%", "Rabatt"), ("ATT BETALA", "Totalt", "SUMMA", "Att betala SEK"),
        ("Kontokort", "Kontant", "Swish"), ("Tillbaka", "Växel"),
        ("Datum {y}-{m:02}-{d:02} 17:03", "{d} {n} {y}"),
        ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
         "december"), ("Org.nr 556000-0000 Spara kvittot",), refunds=("RETUR",),
    ),
    "Denmark": Country(
        "DKK", "{} kr.", ".,", ("BYENS BAGERI", "KØBMAND HANSEN"), ("RUGBRØD", "SMØR 200G", "KAFFE", "ÆBLER"),
        ("Subtotal",), ("Heraf moms", "Rabat"), ("I ALT", "TOTAL", "At betale", "Total DKK"),
        ("Dankort", "Kontant", "MobilePay"), ("Byttepenge", "Retur"),
        ("Dato: {d:02}-{m:02}-{y}", "{d:02}.{m:02}.{y} 11:42", "{d}. {n} {y}"),
        ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november",
         "december"), ("CVR 12345678 Tak for besøget",), refunds=("RETURBON",),
    ),
    "Poland": Country(
        "PLN", "{} zł", " ,", ("SKLEP SPOŻYWCZY", "PIEKARNIA POD LIPĄ"),
        ("CHLEB ŻYTNI", "MASŁO 82%", "KAWA MIELONA", "JABŁKA 1KG"), ("Podsuma", "Sprzedaż opodatk. A"),
        ("PTU A 23%", "SUMA PTU", "Rabat"), ("SUMA PLN", "RAZEM", "DO ZAPŁATY", "Suma"),
        ("Gotówka", "Karta", "BLIK"), ("Reszta",), ("{y}-{m:02}-{d:02}", "Data: {d:02}.{m:02}.{y}", "{d} {n} {y}"),
        ("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
         "listopada", "grudnia"), ("NIP 123-45-67-890 PARAGON FISKALNY",), refunds=("ZWROT",),
    ),
    "Czechia": Country(
        "CZK", "{} Kč", " ,", ("POTRAVINY NOVÁK", "PEKÁRNA U MOSTU"), ("CHLÉB", "MÁSLO", "KÁVA 250G", "ROHLÍK 10"),
        ("Mezisoučet", "Základ DPH 15%"), ("DPH 15%", "Sleva"), ("CELKEM", "K ÚHRADĚ", "Celkem k úhradě", "Celkem CZK"),
        ("Hotově", "Karta", "Platba kartou"), ("Vráceno",),
        ("Datum: {d}.{m}.{y}", "{d}. {n} {y}", "{d:02}.{m:02}.{y} 8:55"),
        ("ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu",
         "prosince"), ("DIČ CZ12345678 Děkujeme",), refunds=("VRATKA",),
    ),
    "India": Country(
        "INR", "Rs {}", "lakh", ("SRI LAKSHMI STORES", "ANAND ELECTRONICS"),
        ("BASMATI RICE", "REFRIGERATOR 300L", "STEEL PLATE SET", "MIXER GRINDER"), ("Sub Total", "Taxable value"),
        ("CGST 9%", "SGST 9%", "Discount"), ("Grand Total", "TOTAL", "Net Amount", "Bill Amount Payable: Total"),
        ("CASH", "UPI", "Card"), ("Change",), ("Date: {d:02}-{m:02}-{y}", "{d:02}/{m:02}/{y} 19:10", "{d} {n} {y}"),
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        ("GSTIN 29ABCDE1234F1Z5",),
    ),
    "Turkey": Country(
        "TRY", "{} TL", ".,", ("ŞEN MARKET LTD ŞTİ", "DENİZ KIRTASİYE"), ("EKMEK", "PEYNİR 500G", "ÇAY 1KG", "DEFTER"),
        ("Ara Toplam",), ("TOPKDV", "KDV %8"), ("TOPLAM", "GENEL TOPLAM", "Ödenecek Tutar"),
        ("NAKİT", "KREDİ KARTI"), ("PARA ÜSTÜ",),
        ("TARİH: {d:02}/{m:02}/{y}", "{d:02}.{m:02}.{y} SAAT 12:05", "{d} {n} {y}"),
        ("Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"),
        ("FİŞ NO: 0042 TEŞEKKÜR EDERİZ",), refunds=("İADE",),
    ),
    "Italy": Country(
        "EUR", "{}", ".,", ("ALIMENTARI ROSSI SRL", "BAR CENTRALE"), ("PANE", "PARMIGIANO", "CAFFÈ", "OLIO EVO 1L"),
        ("Subtotale", "Imponibile"), ("di cui IVA", "Sconto"),
        ("TOTALE COMPLESSIVO", "TOTALE EURO", "Totale da pagare", "TOTALE €"), ("Contante", "Pagamento elettronico"),
        ("Resto",), ("{d:02}-{m:02}-{y} 13:20", "Data {d:02}/{m:02}/{y}", "{d} {n} {y}"),
        ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
         "novembre", "dicembre"), ("DOCUMENTO COMMERCIALE",), refunds=("RESO MERCE",),
    ),
    "Netherlands": Country(
        "EUR", "€ {}", ".,", ("BAKKERIJ DE MOLEN", "FIETSWINKEL JANSEN"),
        ("VOLKOREN BROOD", "BINNENBAND", "KAAS JONG", "STROOPWAFELS"), ("Subtotaal",), ("BTW 9%", "Korting"),
        ("TOTAAL", "Te betalen", "Totaalbedrag", "TOTAAL EUR"), ("PIN", "Contant", "Bancontact"), ("Wisselgeld",),
        ("Datum: {d:02}-{m:02}-{y}", "{d} {n} {y}", "{d:02}/{m:02}/{y} 10:31"),
        ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
         "december"), ("Bedankt en tot ziens",), refunds=("RETOUR",),
    ),
}  # fmt: skip


def written(cents: int, country: Country) -> str:
    whole, part = divmod(abs(cents), 100)
    thousands, point = country.money[0], country.money[-1]
    digits = str(whole)
    if country.money == "lakh":
        head, tail = digits[:-3], digits[-3:]
        groups = [head[max(0, at - 2) : at] for at in range(len(head), 0, -2)][::-1]
        grouped, point = ",".join([*groups, tail]), "."
    else:
        grouped = f"{whole:,}".replace(",", thousands)
    return f"{'-' if cents < 0 else ''}{grouped}{point}{part:02}"


def receipt(chance: random.Random, country: Country) -> tuple[rendered.Sheet, str, str]:
    """The sheet, its total and its date."""
    pick = chance.choice
    largest = 6_000_000 if country.money == "lakh" else 90_000 if country.currency in ("CZK", "INR") else 9_000
    goods = [(pick(country.goods), chance.randint(120, largest)) for _ in range(chance.randint(2, 6))]
    refund = chance.random() < 0.12
    total = sum(cents for _, cents in goods) * (-1 if refund else 1)
    tax = round(abs(total) * 0.1)
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(2021, 2026)
    month_names = country.months
    date = pick(country.dates).format(d=day, m=month, y=year, n=month_names[month - 1] if month_names else "")
    sign = country.sign.format
    lines = [pick(country.title), pick(rendered.STREETS), date, *((pick(country.refunds),) if refund else ())]
    lines += [f"{name}\t{written(-cents if refund else cents, country)}" for name, cents in goods]
    if chance.random() < 0.6:
        lines.append(f"{pick(country.sub)}\t{written(total - (tax if total > 0 else -tax), country)}")
    if chance.random() < 0.5:
        lines.append(f"{pick(country.tax)}\t{written(tax, country)}")
    printed = sign(written(total, country))
    label = pick(country.total)
    lines.append(f"{label}\t{printed}")
    if not refund and chance.random() < 0.7:
        given = (total // 10_000 + 1) * 10_000
        cash = chance.random() < 0.5
        lines.append(f"{country.paid[0 if not cash else -1]}\t{sign(written(given if cash else total, country))}")
        if cash:
            lines.append(f"{pick(country.change)}\t{written(given - total, country)}")
    lines.append(pick(country.foot))
    iso = f"{year}-{month:02}-{day:02}"
    return rendered.Sheet(lines, mono=chance.random() < 0.5, wide=True), f"{total / 100:.2f}", iso


def as_written(sheet: rendered.Sheet) -> tuple[Reference, ...]:
    pieces = [
        Piece(text=part, confidence=0.99, box=(0.1, 0.1, 0.9, 0.2), height=20.0, row=number)
        for number, line in enumerate(sheet.lines)
        for part in line.split("\t")
        if part
    ]
    return references(rows_of(pieces))


def measured(seeds: range, read: Callable[[rendered.Sheet, random.Random], tuple[Reference, ...]]) -> None:
    right, of, wrong = Counter[str](), Counter[str](), []
    names = list(WORLD)
    for seed in seeds:
        name = names[seed // 2 % len(names)]
        chance = random.Random(f"world {seed}")
        sheet, total, date = receipt(chance, WORLD[name])
        found = read(sheet, chance)
        paid = next((one for one in found if one.type == "total"), None)
        day = next((one.normal for one in found if one.type == "date"), None)
        good = {
            "total": paid is not None and paid.normal == total,
            "date": day == date,
            "currency": paid is not None and paid.detail in (WORLD[name].currency, "", "Rs"),
        }
        good["both"] = good["total"] and good["date"]
        of[name] += 1
        right[name] += good["both"]
        right.update(key for key, value in good.items() if value)
        if not all(good.values()):
            wrong.append([seed, name, total, date, paid and f"{paid.detail} {paid.normal}", day])
    count = max(1, len(seeds))
    shares = {key: round(right[key] / count, 4) for key in ("both", "total", "date", "currency")}
    by_country = {name: f"{right[name]}/{count}" for name, count in of.items()}
    print(json.dumps({"receipts": len(seeds), **shares, "by country": by_country}, ensure_ascii=False))
    for line in wrong:
        print(json.dumps(line, ensure_ascii=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0:200", help="first:end[:step]")
    parser.add_argument("--text", action="store_true", help="without drawing and reading")
    args = parser.parse_args()
    seeds = range(*(int(part) for part in args.seeds.split(":")))
    if args.text:
        measured(seeds, lambda sheet, _: as_written(sheet))
        return
    with closing(Bench(Path(), 0)) as bench:

        def read(sheet: rendered.Sheet, chance: random.Random) -> tuple[Reference, ...]:
            image = rendered.photographed(rendered.draw(sheet, chance), chance, turn=4.0, blur=0.8)
            return bench.read(rendered.encoded(image), has_text=True).references

        measured(seeds, read)


if __name__ == "__main__":
    main()
