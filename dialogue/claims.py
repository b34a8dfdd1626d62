"""Words by which grounding.py reads a chat model's draft: numbers, units, days, no, and who did or will do something.

In the languages that a shop of ours may answer in (English, German, French, Spanish). What is missing here lets nothing
through that has no word in common with the passages; it is the second line.
"""

# ruff: noqa: E501, SIM905 - lists of words are read as lines
from __future__ import annotations

import re

_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
_GERMAN = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig"
_FRENCH = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
_SPANISH = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
NUMBERS: dict[str, float] = {
    word: number
    for line in (_SPANISH, _FRENCH, _GERMAN, _ENGLISH)
    for number, word in enumerate(line.split())
    if word not in {"un", "once"}
}
NUMBERS |= dict(
    zip(
        "thirty forty fifty sixty seventy eighty ninety hundred thousand".split(),
        (30, 40, 50, 60, 70, 80, 90, 100, 1000),
        strict=True,
    )
)
NUMBERS |= dict(
    zip(
        "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend".split(),
        (30, 40, 50, 60, 70, 80, 90, 100, 1000),
        strict=True,
    )
)
NUMBERS |= {
    "vingt": 20,
    "trente": 30,
    "cent": 100,
    "mille": 1000,
    "veinte": 20,
    "treinta": 30,
    "cien": 100,
    "mil": 1000,
}
NUMBERS |= {
    "dozen": 12,
    "dutzend": 12,
    "half": 0.5,
    "halb": 0.5,
    "double": 2,
    "twice": 2,
    "triple": 3,
    "couple": 2,
    "fortnight": 14,
}

_UNITS = {
    "day": "day days tag tage tagen jour jours día días",
    "week": "week weeks woche wochen semaine semaines semana semanas",
    "month": "month months monat monate monaten mois mes meses",
    "year": "year years jahr jahre jahren an ans année années año años",
    "hour": "hour hours stunde stunden uhr heure heures hora horas",
    "minute": "minute minutes minuten minuto minutos",
    "percent": "percent % prozent pour-cent",
    "money": "€ $ £ eur euro euros usd dollar dollars gbp pound pounds cent cents chf",
    "degree": "degree degrees ° grad celsius",
}
UNITS = {word: name for name, words in _UNITS.items() for word in words.split()}

DAYS = frozenset(
    "today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday weekend christmas easter "
    "heute gestern montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "aujourd'hui demain hier lundi mardi mercredi jeudi vendredi samedi dimanche hoy mañana ayer lunes martes jueves "
    "viernes sábado domingo january february april june july august september october november december".split()
)
# What a sentence may hold without a passage: it says nothing of the shop.
STOP = frozenset(
    "a about above according after all also always an and any anything anyone anybody something someone are as at be "
    "because been before best both but by can "
    "could did do does either else enough etc even every few first for from get gets give go goes had has have he help her here his "
    "how i if in into is it it's its itself just keep kept know last least less let like long longer make makes many may maybe me means "
    "might more most much must my need needs of off on once only or other our out over own per please put rather same say "
    "says see should since so some still such sure take takes than that that's the their them then there these they they're "
    "thing things this those to too under until up us use used using usually very want was way we well were what when "
    "where which while who whole why will with within would yes you you're your yours article articles answer question "
    "generally normally typically simply again already around "
    "not no never none nothing nobody cannot neither nor without don't doesn't can't isn't won't aren't "
    "der die das den dem des ein eine einen einem einer und oder aber ist sind war im in am an auf aus bei bis für mit "
    "nach von vor zu zum zur sie es er wir ich ihr ihre ihren man kann können auch wie was wenn nur noch nicht kein keine "
    "le la les un une des du de et ou est sont dans sur pour par avec vous nous il elle on que qui ne pas ce cette se au aux "
    "el los las una y o es son en por para con usted que no se su sus lo al del como más "
    "的 了 在 是 我 您 你 们 可 以 会 和 等 也 就 把 将 请 到 为 被 里 而 或 与 对 吗 呢 吧 能 要 其 这 那 个".split()
) - {"keep", "kept", "first", "last", "use", "used"}  # fmt: skip
# Forms that share too few letters with their infinitive.
FORMS = {
    form: base
    for line in (
        "eat eaten ate; pay paid; keep kept; send sent; freeze frozen froze; take taken took; give given gave; "
        "buy bought; choose chosen chose; write written wrote; throw thrown threw; sell sold; tell told; find found; "
        "bring brought; leave left; lose lost; mean meant; make made; go goes gone went; break broken broke; drink drunk"
    ).split(";")
    for base, *forms in [line.split()]
    for form in forms
}
COURTESY = frozenset(
    "hello hi hear thank thanks welcom sorri happi glad hope enjoy great good okay ok cours feel free ask let shop sure pleas kind".split()
)
ASKING = frozenset(
    "mean tell order photo pictur name product item someth anyth look exact would like want know kind sort one piec "
    "question number detail descri show send clear closer short briefli interest wonder refer talk whether code error messag "
    "bestellung produkt meinen welch produit command quel pedido producto".split()
)
SECRETS = frozenset(
    "card cvc cvv pin password passcode iban account bank credit debit pay payment transfer login code-word passwort "
    "karte kartennummer konto kennwort zahlung bezahlen überweisen carte mot compte payer tarjeta contraseña cuenta pagar "
    "address birthday passport ssn otp wallet bitcoin".split()
)
ASKS = re.compile(
    r"(?:who|what|which|when|where|why|how|do|does|did|is|are|was|would|could|can|may|shall|should|have|has|or|"
    r"wer|was|welche\w*|wann|wo|warum|wie|ist|sind|haben|meinen|oder|qui|que|quel\w*|quand|où|comment|est-ce|qué|cuál|cómo)\b"
)
WANTS = re.compile(
    r"\b(?:tell|send|give|write|mail|text|enter|type|share|show|need)\b.*\b(?:us|me|here|i|we)\b"
    r"|\b(?:schicken|senden|geben|nennen|sagen) sie\b|\b(?:envoyez|donnez|dites|envíe|díganos|dé)\b"
)
FIRST = re.compile(
    r"\b(?:i|we)(?: have|'ve| had| will|'ll| am|'m| are|'re| just| already| can| shall| would|'d| do| did)\b"
    r"|\b(?:i|we) (?:\w+ly )?(?:\w+ed|sent|gave|paid|took|put|made|told|found|got|did|brought|saw|spoke|went)\b|\bi\b|\blet me\b|\b(?:ich|wir) (?:habe|haben|werde|werden|bin|sind)\b|\bich\b|\b(?:habe|haben|werde|werden) (?:ich|wir)\b"
    r"|\bj'ai\b|\bje\b|\bnous (?:avons|allons|sommes)\b|\bhe \w+ado\b|\b(?:hemos|vamos a|voy a)\b|\byo\b"
)
ACTORS = re.compile(
    r"\b(?:some(?:body|one)|a (?:real )?(?:person|human|colleague|member)|(?:an? |our |the )?(?:agent|manager|supervisor|"
    r"staff|team|support|representative|operator|specialist|driver|courier)s?)\b"
    r"|\b(?:mitarbeiter\w*|kolleg\w*|jemand|fahrer)\b|\b(?:un collègue|quelqu'un|une personne|alguien|una persona|un compañero)\b"
)
YOURS = re.compile(
    r"\b(?:your|the|this) (?:\w+ )?(?:order|parcel|package|delivery|refund|payment|invoice|account|money|complaint|case|request|ticket|voucher|"
    r"subscription|card)s?(?: \S+)? (?:is|was|has|have|were|are|will|had|got|arrives?|comes?)\b"
    r"|\b(?:ihre?|deine?) (?:bestellung|paket|erstattung|lieferung|zahlung|konto|geld)\w* (?:ist|wurde|wird|war|hat|kommt)\b"
    r"|\bvotre (?:commande|colis|remboursement|paiement|compte) (?:est|a|sera|était)\b|\bsu (?:pedido|paquete|reembolso|pago|cuenta) (?:es|está|ha|fue|será)\b"
)
