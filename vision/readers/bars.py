"""EAN-13 and UPC-A out of focus: the most likely thirteen digits for what a row of pixels looks like.

zxing-cpp measures where bars begin and end, which blur takes away first. Here the whole row is explained at once: the
95 modules, blurred as the picture is, must look like the row, and because a digit's blur reaches into its neighbours'
the twelve are chosen together (Viterbi). Light that falls unevenly and a bent pack are part of what is fitted. What
several rows read alike, with a check digit that is right, is believed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

# Seven modules of each digit, 1 is black (GS1 General Specifications 5.2.1.2); G is R backwards.
L = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
R = tuple("".join("10"[int(module)] for module in code) for code in L)
G = tuple(code[::-1] for code in R)
PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")
GUARDS = {0: "101", 45: "01010", 92: "101"}
PLACES = tuple(3 + 7 * n for n in range(6)) + tuple(50 + 7 * n for n in range(6))  # where digits begin, in modules
MODULES, QUIET = 95, 4  # of the code; of the white at either end that is explained, too
FINE = 4  # samples of a module
# Least correlation of a row with what it is said to be, by blur. Of ZXing's pictures, wrong digits whose check digit is
# right by chance reach 0.76, 0.96 and 0.965 at blurs of 0.9, 1.2 and 1.6 modules.
ALIKE = {0.3: 0.88, 0.6: 0.88, 0.9: 0.94, 1.2: 0.965, 1.6: 0.975, 2.0: 0.985}
BLURS, TRIED = tuple(ALIKE), (0.3, 0.9, 1.6)  # standard deviations, in modules: all, and to begin with
BANDS, SEARCHED = 9, (4, 2, 6)  # rows that are looked at, and those in which a code is looked for
HYPOTHESES = 120  # places of a code in a row that are looked at closely, and …
TRIES, BEST = 6, 2  # … those of them that are compared whole, and that are fitted
BENDS = np.arange(-3.0, 3.1, 1.0)  # modules by which the middle may be off: a bent pack, a slanted view
# Of rows through one code: least correlation, least ups and downs. Folds of cloth and edges of shelves have up to 17.
SAME, TURNS = 0.75, 18
SAME_OF_MANY, MANY_TURNS = 0.5, 40  # sharp bars that lean are less alike, and nothing else turns so often
HOPELESS = 0.75
VOTES = 3


def read_ean(rows: Grey) -> str | None:
    """Thirteen digits of upright bars [rows, width] with room at both ends; None when rows disagree."""
    profiles = _profiles(rows)
    for number in SEARCHED:
        fit = _row(profiles[number])
        if _good(fit):
            votes = Counter(found.digits for found in _followed(profiles, number, fit) if _sure(found))
            (best, count), *rest = votes.most_common(2) or [("", 0)]
            if count >= VOTES and not rest:
                return best
        elif fit.alike < HOPELESS and number == SEARCHED[0]:
            return None
    return None


def _followed(profiles: Sequence[Floats], first: int, fit: Fit) -> Iterator[Fit]:
    """``fit``, and those of the rows above and below: each lies where its neighbour does, or nearly so."""
    yield fit
    for way in (range(first + 1, len(profiles)), range(first - 1, -1, -1)):
        known = fit
        for number in way:
            found = _fitted(profiles[number], _begun(profiles[number], known.blur, known.place))
            known = found if _good(found) else known
            yield found


def looks_like_bars(rows: Grey) -> bool:
    """Whether rows of a code's middle are alike, as bars' are and a text's are not, and go up and down often enough."""
    some = [rows[at].astype(np.float64) for at in (0, len(rows) // 2, -1)]
    turns = min(_turns(row) for row in some)
    least = SAME if turns < MANY_TURNS else SAME_OF_MANY
    return turns >= TURNS and min(_alike(some[0], some[1]), _alike(some[1], some[2])) >= least


def _turns(row: Floats) -> int:
    """How often a row crosses its own running mean, small ripples aside."""
    flat = _flattened(row)
    sides = np.sign(flat[np.abs(flat) > 0.4])
    return int((np.diff(sides) != 0).sum())


def _alike(one: Floats, other: Floats) -> float:
    """The best correlation of two rows when one may be shifted a little: bars may lean."""
    best, reach = 0.0, max(2, len(one) // 24)
    for shift in range(-reach, reach + 1, 2):
        a, b = (one[shift:], other[: len(other) - shift]) if shift >= 0 else (one[:shift], other[-shift:])
        if a.std() > 3 and b.std() > 3:
            best = max(best, float(np.corrcoef(a, b)[0, 1]))
    return best


def _profiles(rows: Grey) -> list[Floats]:
    """Rows of the picture from top to bottom, each the mean of five; dark is high."""
    middles = np.linspace(2, len(rows) - 3, BANDS).astype(int)
    return [255.0 - rows[row - 2 : row + 3].astype(np.float64).mean(0) for row in middles]


def _flattened(band: Floats) -> Floats:
    """At zero mean and the same spread everywhere; light that falls unevenly is taken out."""
    width = max(15, len(band) // 7) | 1
    kernel = np.ones(width) / width
    mean = np.convolve(np.pad(band, width // 2, mode="edge"), kernel, "valid")
    spread = np.sqrt(np.convolve(np.pad((band - mean) ** 2, width // 2, mode="edge"), kernel, "valid"))
    return np.asarray((band - mean) / np.maximum(spread, 4.0))


@dataclass(frozen=True)
class Fit:
    """What a row says, read without regard to the check digit: where it begins and ends and how it is blurred."""

    alike: float  # correlation of the row with what it is said to be
    digits: str
    blur: float
    place: Floats  # start, end, bend


def _row(profile: Floats) -> Fit:
    """The likeliest digits."""
    begun = [_begun(profile, *tried) for tried in _tries(_flattened(profile))]
    begun.sort(key=lambda fit: -fit.alike)
    return max((_fitted(profile, fit) for fit in begun[:BEST]), key=lambda fit: fit.alike)


def _good(fit: Fit) -> bool:
    """Whether so blurred a row says anything for sure: the more blurred, the more other digits look like it, too."""
    return fit.alike >= ALIKE[fit.blur]


def _sure(fit: Fit) -> bool:
    return _good(fit) and _check(fit.digits)


def _tries(flat: Floats) -> list[tuple[float, Floats]]:
    """TRIES ways, unlike one another, to lay a code into a row."""
    places = np.stack(_hypotheses(flat), 1)
    scores = np.stack([_plainly(flat, _model(blur), *places.T) for blur in TRIED])  # [blurs, hypotheses]
    module = len(flat) / MODULES
    chosen: list[tuple[float, Floats]] = []
    for at in np.argsort(-scores.max(0)):
        if all(np.abs(places[at, :2] - other[:2]).max() > module / 2 for _, other in chosen):
            chosen.append((TRIED[int(scores[:, at].argmax())], places[at]))
        if len(chosen) == TRIES:
            break
    return chosen


# -- where in the row a code lies ----------------------------------------------------------------------------------
def _places(starts: Floats, ends: Floats, bends: Floats, modules: Floats) -> Floats:
    """[hypotheses, modules]: where each module lies in the row. ``bends``: how far the middle is off, in modules."""
    part = modules / MODULES
    wide = (ends - starts)[:, None]
    return np.asarray(starts[:, None] + wide * (part + bends[:, None] / MODULES * 4 * part * (1 - part)))


def _hypotheses(profile: Floats) -> tuple[Floats, Floats, Floats]:
    """The likeliest starts, ends and bends of a code, by its guards: 101 … 01010 … 101, quiet zones outside."""
    length = len(profile)
    step = length / MODULES / 3
    starts, ends = np.arange(0.0, length * 0.4, step), np.arange(length * 0.6, length, step)
    pairs = np.stack(np.meshgrid(starts, ends, indexing="ij"), -1).reshape(-1, 2)
    modules = np.concatenate([np.arange(-4, 3), np.arange(45, 50), np.arange(92, 99)]) + 0.5
    wanted = np.array([-1, -1, -1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, -1, -1, -1], np.float64)
    wanted -= wanted.mean()

    def fit(starts: Floats, ends: Floats, bends: Floats) -> Floats:
        seen = np.interp(_places(starts, ends, bends, modules), np.arange(length), profile)
        seen -= seen.mean(1, keepdims=True)
        return np.asarray(seen @ wanted / np.maximum(np.linalg.norm(seen, axis=1), 1e-6))

    straight = fit(pairs[:, 0], pairs[:, 1], np.zeros(len(pairs)))
    top = pairs[np.argsort(-straight)[:HYPOTHESES]]
    starts, ends = np.repeat(top[:, 0], len(BENDS)), np.repeat(top[:, 1], len(BENDS))
    bends = np.tile(BENDS, len(top))
    best = np.argsort(-fit(starts, ends, bends))[:HYPOTHESES]
    return starts[best], ends[best], bends[best]


# -- what the digits look like ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Model:
    """How a row looks at one blur: the sum of its guards and its digits, in FINE samples a module."""

    guards: Floats  # [samples]
    digits: Floats  # [12, 20, samples]: of each place L and G codes, or R codes and none
    alone: Floats  # [12, 20]: a digit's product with itself
    beside: Floats  # [11, 20, 20]: with its right neighbour


SAMPLES = (np.arange((MODULES + 2 * QUIET) * FINE) + 0.5) / FINE - QUIET  # in modules from the code's beginning


@lru_cache(len(BLURS))
def _model(blur: float) -> Model:
    sigma = blur * FINE
    reach = int(4 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()

    def seen(at: int, code: str) -> Floats:
        row = np.zeros(len(SAMPLES))
        first = (at + QUIET) * FINE
        row[first : first + len(code) * FINE] = np.repeat([float(module) for module in code], FINE)
        return np.convolve(row, kernel, "same")

    codes = [(L + G) if n < 6 else (R + R) for n in range(12)]
    digits = np.array([[seen(at, code) for code in some] for at, some in zip(PLACES, codes, strict=True)])
    guards = np.sum([seen(at, code) for at, code in GUARDS.items()], axis=0)
    alone = (digits**2).sum(2)
    beside = np.einsum("nas,nbs->nab", digits[:-1], digits[1:])
    return Model(guards, digits, alone, beside)


def _plainly(flat: Floats, model: Model, starts: Floats, ends: Floats, bends: Floats) -> Floats:
    """For each hypothesis the mean correlation of its best digits, each taken for itself."""
    at = _places(starts, ends, bends, SAMPLES)
    seen = np.interp(at, np.arange(len(flat)), flat)
    score = np.zeros(len(starts))
    for n, place in enumerate(PLACES):
        cut = slice((place + QUIET) * FINE, (place + QUIET + 7) * FINE)
        wanted = model.digits[n][:, cut] - model.digits[n][:, cut].mean(1, keepdims=True)
        piece = seen[:, cut] - seen[:, cut].mean(1, keepdims=True)
        wanted = wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
        score += (piece @ wanted.T / np.maximum(np.linalg.norm(piece, axis=1, keepdims=True), 1e-6)).max(1)
    return score / len(PLACES)


def _begun(profile: Floats, blur: float, at: Floats) -> Fit:
    """What the row says where it is supposed to lie, before anything is moved."""
    seen = _sampled(_flattened(profile), at)
    digits = _viterbi((seen - seen.min()) / max(float(np.ptp(seen)), 1e-6), _model(blur))
    return Fit(_alikeness(profile, at, _told(_model(blur), digits)), digits, blur, at)


def _fitted(profile: Floats, fit: Fit) -> Fit:
    """The digits that the row is most like; place and blur are moved to fit better."""
    for _ in range(ROUNDS):
        fit = _moved(profile, fit)
        model = _model(fit.blur)
        raw = _sampled(profile, fit.place)
        light, dark = _light(raw, _told(model, fit.digits))
        digits = _viterbi((raw - light) / np.where(np.abs(dark) > 1, dark, 1.0), model)
        if digits == fit.digits:
            break
        fit = replace(fit, digits=digits)
    return fit


ROUNDS = 5
STEPS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 0.0))  # start, end, bend


def _moved(profile: Floats, fit: Fit) -> Fit:
    """The place and the blur near its own at which its digits are most like the row."""
    at, digits = fit.place, fit.digits
    best, blur = max((_alikeness(profile, at, _told(_model(other), digits)), other) for other in BLURS)
    told = _told(_model(blur), digits)
    module = (at[1] - at[0]) / MODULES
    for size in (0.5, 0.25, 0.12):
        for step in STEPS:
            move = np.array(step) * (size * module, size * module, size)
            for way in (1, -1):
                while (alike := _alikeness(profile, at + way * move, told)) > best + 1e-6:
                    best, at = alike, at + way * move
    return Fit(best, digits, blur, at)


def _sampled(profile: Floats, at: Floats) -> Floats:
    where = _places(at[0:1], at[1:2], at[2:3], SAMPLES)[0]
    return np.asarray(np.interp(where, np.arange(len(profile)), profile))


TREND = np.stack([np.ones_like(SAMPLES), SAMPLES / MODULES - 0.5, (SAMPLES / MODULES - 0.5) ** 2], 1)


def _light(raw: Floats, told: Floats) -> tuple[Floats, Floats]:
    """How light paper and how dark ink are along the row, when it says ``told``."""
    basis = np.concatenate([TREND, TREND[:, :2] * told[:, None]], 1)
    found = np.linalg.lstsq(basis, raw, rcond=None)[0]
    return TREND @ found[:3], TREND[:, :2] @ found[3:]


def _alikeness(profile: Floats, at: Floats, told: Floats) -> float:
    raw = _sampled(profile, at)
    light, dark = _light(raw, told)
    if dark[len(dark) // 2] <= 0:
        return -1.0
    spread = raw - TREND @ np.linalg.lstsq(TREND, raw, rcond=None)[0]
    left = raw - light - dark * told
    return math.sqrt(max(0.0, 1 - float(left @ left) / max(float(spread @ spread), 1e-6)))


def _told(model: Model, digits: str) -> Floats:
    sides = PARITY[int(digits[0])]
    states = [int(d) + (10 if n < 6 and sides[n] == "G" else 0) for n, d in enumerate(digits[1:])]
    return np.asarray(model.guards + model.digits[np.arange(12), states].sum(0))


def _viterbi(seen: Floats, model: Model) -> str:
    """The thirteen digits whose sum is nearest to ``seen`` (0 paper, 1 ink)."""
    costs = model.alone - 2 * model.digits @ (seen - model.guards)  # [12, 20]
    halves = [_half(costs[:6], model.beside[:5], sides) for sides in PARITY]
    first = min(range(10), key=lambda n: halves[n][0])
    right = _half(costs[6:], model.beside[6:], "LLLLLL")
    return f"{first}{halves[first][1]}{right[1]}"


def _half(costs: Floats, beside: Floats, sides: str) -> tuple[float, str]:
    """(cost, digits) of the best six."""
    shift = [10 * (side == "G") for side in sides]
    total: Floats = costs[0, shift[0] : shift[0] + 10]
    back: list[npt.NDArray[np.intp]] = []
    for n in range(1, 6):
        here, before = shift[n], shift[n - 1]
        ways = total[:, None] + 2 * beside[n - 1, before : before + 10, here : here + 10]
        back.append(ways.argmin(0))
        total = ways.min(0) + costs[n, here : here + 10]
    state = int(total.argmin())
    digits = [state, *(state := int(steps[state]) for steps in reversed(back))]
    return float(total.min()), "".join(map(str, reversed(digits)))


def _check(digits: str) -> bool:
    return sum(int(digit) * (1, 3)[n % 2] for n, digit in enumerate(digits)) % 10 == 0
