"""Article numbers in whatever a code holds them, as 14 digits (storage/gtin.py)."""

from __future__ import annotations

import re

from storage.gtin import normal, upc_a

# Codes that hold nothing but an article number. An ITF of 14 digits with a right check digit is one by use.
RETAIL = {"ean13", "ean8", "upca", "upce", "rss14", "rsslimited", "itf14"}
# "(01)09506000134352(17)271231(10)LOT42A": GS1-128, GS1 DataMatrix, GS1 QR and DataBar Expanded as they are printed.
PRINTED = re.compile(r"(?:\(\d{2,4}\)[^(]*)*?\(01\)(?P<gtin>\d{14})(?=\(|$)")
# The same as a scanner types it, with the symbology's name or FNC1 in front.
TYPED = re.compile(r"(?:\](?:C1|d2|Q3|e0|J1)|\x1d)01(?P<gtin>\d{14})")
# GS1 Digital Link 1.4: any host, then …/01/<gtin>/10/<lot>?17=…; "gtin" was the name of the key once.
LINK = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*?)?/(?:01|gtin)/(?P<gtin>\d{8,14})(?=[/?#]|$)", re.IGNORECASE)


def gtin(symbology: str, payload: str) -> str | None:
    """The trade item's number in 14 digits, when ``payload`` holds one and its check digit is right."""
    if symbology in RETAIL:
        return normal(upc_a(payload) if symbology == "upce" else payload)
    if symbology == "itf":
        return normal(payload) if len(payload) == 14 else None
    for form in (PRINTED, TYPED, LINK):
        if found := form.match(payload):
            return normal(found["gtin"])
    return None


def upc_e(expanded: str) -> str:
    """The eight digits that are printed under a UPC-E, from the twelve or thirteen that it stands for (GS1 5.2.2.4)."""
    digits = expanded[-12:]
    system, maker, product, check = digits[0], digits[1:6], digits[6:11], digits[11:]
    if maker[3:] == "00" and maker[2] in "012" and product[:2] == "00":
        return f"{system}{maker[:2]}{product[2:]}{maker[2]}{check}"
    if maker[3:] == "00" and product[:3] == "000":
        return f"{system}{maker[:3]}{product[3:]}3{check}"
    if maker[4:] == "0" and product[:4] == "0000":
        return f"{system}{maker[:4]}{product[4:]}4{check}"
    if product[:4] == "0000" and product[4] in "56789":
        return f"{system}{maker}{product[4]}{check}"
    return expanded
