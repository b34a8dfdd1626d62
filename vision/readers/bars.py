"""EAN-13 and UPC-A out of focus: the most likely thirteen digits for what a row of pixels looks like.

zxing-cpp measures where bars begin and end, which blur takes away first. Here every digit's seven modules, blurred as
the picture is, are compared with the row; the row may begin and end anywhere. What several rows read alike, with a
check digit that is right, is believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
MODULES = 95
FINE = 4  # samples of a module
BLURS = (0.35, 0.7, 1.1)  # standard deviations, in modules
BANDS = 9  # rows that are looked at
HYPOTHESES = 24  # places of a code in a row that are looked at closely
BENDS = np.arange(-3.0, 3.1, 0.75)  # modules by which the middle may be off: a bent pack, a slanted view
# Mean correlation of digits from which a row counts. Of 840 rows of ZXing's pictures the wrong ones with a check digit
# that is right by chance reach 0.89, three in four right ones more than 0.92.
ALIKE = 0.9
SAME, TURNS = 0.6, 16  # of rows through one code: least correlation, least ups and downs
VOTES = 3


def read_ean(grey: Grey, region: tuple[int, int, int, int]) -> str | None:
    """Thirteen digits of upright bars in ``region`` (left, top, right, bottom); None when rows disagree."""
    votes: Counter[str] = Counter()
    for profile in _profiles(grey, region):
        if found := _row(profile, region[2] - region[0]):
            votes[found] += 1
            (best, count), *rest = votes.most_common(2)
            if count >= VOTES and count >= 3 * (rest[0][1] if rest else 0):
                return best
    return None


def looks_like_bars(grey: Grey, region: tuple[int, int, int, int]) -> bool:
    """Whether the rows of ``region`` are alike, as bars' are and a text's are not, and go up and down often enough."""
    left, top, right, bottom = region
    rows = [grey[top + (bottom - top) * n // 8, left:right].astype(np.float64) for n in (3, 4, 5)]
    if min(len(rows[0]), bottom - top) < 24 or min(_alike(rows[0], rows[1]), _alike(rows[1], rows[2])) < SAME:
        return False
    return all(_turns(row) >= TURNS for row in rows[::2])


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


def _profiles(grey: Grey, region: tuple[int, int, int, int]) -> Iterator[Floats]:
    """Rows through the region, each the mean of three, with room at both ends."""
    left, top, right, bottom = region
    room = (right - left) // 5
    left, right = max(0, left - room), min(grey.shape[1], right + room)
    for number in range(BANDS):
        row = top + int((bottom - top) * (number + 1.5) / (BANDS + 2))
        band = grey[max(0, row - 1) : row + 2, left:right].astype(np.float64).mean(0)
        if len(band) >= MODULES:
            yield _flattened(band)
        elif len(band) > MODULES // 2:
            yield _flattened(np.interp(np.linspace(0, len(band) - 1, 2 * len(band)), np.arange(len(band)), band))


def _flattened(band: Floats) -> Floats:
    """Dark is high; light that falls unevenly is taken out."""
    width = max(15, len(band) // 7) | 1
    kernel = np.ones(width) / width
    padded = np.pad(band, width // 2, mode="edge")
    mean = np.convolve(padded, kernel, "valid")
    spread = np.sqrt(np.convolve(np.pad((band - mean) ** 2, width // 2, mode="edge"), kernel, "valid"))
    return np.asarray((mean - band) / np.maximum(spread, 4.0))


def _row(profile: Floats, width: int) -> str | None:
    """The digits of one row, read without regard to the check digit, when that is right all the same."""
    at = _places(*_hypotheses(profile, width), (np.arange(MODULES * FINE) + 0.5) / FINE)
    samples = np.interp(at, np.arange(len(profile)), profile)
    best: tuple[float, str] = (ALIKE, "")
    for blur in BLURS:
        score, digits = _read(samples, blur)
        top = int(score.argmax())
        if score[top] > best[0]:
            best = (float(score[top]), digits[top])
    return best[1] if best[1] and _check(best[1]) else None


def _places(starts: Floats, ends: Floats, bends: Floats, modules: Floats) -> Floats:
    """[hypotheses, modules]: where each module lies in the row. ``bends``: how far the middle is off, in modules."""
    part = modules / MODULES
    wide = (ends - starts)[:, None]
    return np.asarray(starts[:, None] + wide * (part + bends[:, None] / MODULES * 4 * part * (1 - part)))


def _hypotheses(profile: Floats, width: int) -> tuple[Floats, Floats, Floats]:
    """The likeliest starts, ends and bends of a code, by its guards: 101 … 01010 … 101, quiet zones outside."""
    length = len(profile)
    step = max(0.5, width / MODULES / 2)
    starts = np.arange(0.0, length * 0.45, step)
    ends = np.arange(length * 0.55, length, step)
    pairs = np.stack(np.meshgrid(starts, ends, indexing="ij"), -1).reshape(-1, 2)
    pairs = pairs[pairs[:, 1] - pairs[:, 0] > MODULES * 0.9]
    if not len(pairs):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    modules = np.concatenate([np.arange(-4, 3), np.arange(45, 50), np.arange(92, 99)]) + 0.5
    wanted = np.array([-1, -1, -1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, -1, -1, -1], np.float64)
    wanted -= wanted.mean()

    def fit(starts: Floats, ends: Floats, bends: Floats) -> Floats:
        seen = np.interp(_places(starts, ends, bends, modules), np.arange(length), profile)
        seen -= seen.mean(1, keepdims=True)
        return np.asarray(seen @ wanted / np.maximum(np.linalg.norm(seen, axis=1), 1e-6))

    straight = fit(pairs[:, 0], pairs[:, 1], np.zeros(len(pairs)))
    top = pairs[np.argsort(-straight)[: 4 * HYPOTHESES]]
    starts, ends = np.repeat(top[:, 0], len(BENDS)), np.repeat(top[:, 1], len(BENDS))
    bends = np.tile(BENDS, len(top))
    best = np.argsort(-fit(starts, ends, bends))[: 2 * HYPOTHESES]
    return starts[best], ends[best], bends[best]


@lru_cache(len(BLURS))
def _templates(blur: float) -> Floats:
    """[30, 7 × FINE]: L, G and R digits, each blurred between the neighbours that it always has, at zero mean."""
    sigma = blur * FINE
    reach = int(4 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    rows = []
    for codes, before, after in ((L, "01", "01"), (G, "01", "01"), (R, "01", "10")):
        for code in codes:
            # Before a left digit stands black, after it white; right digits begin black and end white.
            around = f"{before[::-1] if codes is R else before}{code}{after}"
            wide = np.repeat([float(module) for module in around], FINE)
            soft = np.convolve(np.pad(wide, reach, mode="edge"), kernel / kernel.sum(), "valid")
            piece = soft[2 * FINE : 9 * FINE]
            piece = piece - piece.mean()
            rows.append(piece / np.linalg.norm(piece))
    return np.array(rows)


def _read(samples: Floats, blur: float) -> tuple[Floats, list[str]]:
    """For each hypothesis the mean correlation of its best digits, and the digits."""
    if not len(samples):
        return np.zeros(1), [""]
    places = [3 + 7 * n for n in range(6)] + [50 + 7 * n for n in range(6)]
    cut = np.stack([samples[:, at * FINE : (at + 7) * FINE] for at in places], 1)
    cut = cut - cut.mean(2, keepdims=True)
    cut /= np.maximum(np.linalg.norm(cut, axis=2, keepdims=True), 1e-6)
    alike = cut @ _templates(blur).T  # [hypotheses, 12, 30]
    left, right = alike[:, :6, :20], alike[:, 6:, 20:]
    odd, even = left[:, :, :10], left[:, :, 10:]
    sums = np.stack(
        [sum((odd if side == "L" else even)[:, n].max(1) for n, side in enumerate(sides)) for sides in PARITY], 1
    )
    first = sums.argmax(1)
    score = (sums.max(1) + right.max(2).sum(1)) / 12
    digits = []
    for number, lead in enumerate(first):
        sides = [(odd if side == "L" else even)[number, n].argmax() for n, side in enumerate(PARITY[lead])]
        digits.append(f"{lead}{''.join(map(str, sides))}{''.join(map(str, right[number].argmax(1)))}")
    return score, digits


def _check(digits: str) -> bool:
    return sum(int(digit) * (1, 3)[n % 2] for n, digit in enumerate(digits)) % 10 == 0
