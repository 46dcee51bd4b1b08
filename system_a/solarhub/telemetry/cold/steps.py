"""Values that are multiples of an instrument's step: averages of counts, or what an analogue converter tells apart.

They look like noise down to their last digit, and are few: 26.98333, 26.99167, 27.00000 are 3238, 3239 and 3240
hundred-and-twentieths. The step is found by the smallest distance between two of them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.cold.bits import Signed

Floats = NDArray[np.float64]

_FEWEST = 24
_LEAST_GAIN = 8.0
"""A step that is fewer units of the last digit than that is not worth its remainders."""
_LARGEST_REMAINDER = 3
_ROUNDED = 6e-7
"""Part of itself by which a number of seven digits may be off."""
POWERS = 10 ** np.arange(19)
DIGITS = 7
"""Those that a data logger writes of a number in single precision."""


class Multiples(NamedTuple):
    """`whole` is made of multiples of `step`, rounded to `digits` (0: to a whole number), and a few units more."""

    step: float
    digits: int
    multiples: Signed
    more: Signed


def rounded(multiples: Signed, step: float, digits: int) -> tuple[Floats, Floats]:
    """Multiples in units of the last digit that is kept of each, and these units."""
    product = multiples * step
    units = np.ones(len(product))
    if digits:
        places = np.searchsorted(POWERS, np.abs(np.rint(product)), side="right")
        units = POWERS[np.maximum(places - digits, 0)].astype(np.float64)
    return np.rint(product / units), units


def find(whole: Floats) -> Multiples | None:
    """None where no step is seen, or too few numbers to see one."""
    distinct = np.unique(whole)
    if len(distinct) < _FEWEST:
        return None
    for step in _candidates(distinct):
        multiples = np.rint(whole / step).astype(np.int64)
        for digits in (DIGITS, 0):
            kept, units = rounded(multiples, step, digits)
            more = whole / units - kept
            if np.abs(more).max() <= _LARGEST_REMAINDER and ((kept + np.rint(more)) * units == whole).all():
                return Multiples(step, digits, multiples, np.rint(more).astype(np.int64))
    return None


def _candidates(distinct: Floats) -> Iterator[float]:
    """Steps of which all numbers are multiples, nearly."""
    off = np.maximum(np.abs(distinct) * _ROUNDED, 1.0)
    gaps = np.diff(distinct)
    sure = np.sort(gaps[gaps > 4 * off[1:]])
    if not len(sure):
        return
    for first in dict.fromkeys((float(sure[0]), float(np.median(sure[: 1 + len(sure) // 10])))):
        # from the least number on, farther and farther away: so the step becomes exact enough to reach down to zero
        step = _refined(distinct - distinct[0], off + off[0], first)
        if step is not None:
            step = _refined(distinct, off, step, reach=float(np.abs(distinct).max()))
        if step is not None and step >= _LEAST_GAIN:
            yield step


def _refined(distances: Floats, off: Floats, step: float, *, reach: float | None = None) -> float | None:
    size = np.abs(distances)
    furthest = float(size.max())
    reach = 8 * step if reach is None else reach
    while True:
        near = (size <= reach) & (size > 0)
        multiples = np.rint(distances[near] / step)
        if multiples.any():
            step = float((distances[near] * multiples).sum() / (multiples * multiples).sum())
        if (np.abs(distances[near] - multiples * step) > 0.2 * step + off[near]).any():
            return None
        if reach >= furthest:
            return step
        reach *= 2
