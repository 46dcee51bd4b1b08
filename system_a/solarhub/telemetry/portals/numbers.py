"""Numbers as people, portals and spreadsheets write them. Pure."""

import re
from collections.abc import Iterable

from solarhub.telemetry.portals.maps import Mark

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩\u066b\u066c\u2212", "01234567890123456789.,-")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_THREES = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
LONGEST = 40


def tidy(text: str) -> str:
    """Without blanks anywhere, apostrophes between thousands and a percent sign; in Latin digits."""
    plain = text.translate(_DIGITS)
    for mark in (" ", "\u00a0", "\u202f", "\u2009", "'", "’"):  # noqa: RUF001 - Swiss thousands
        plain = plain.replace(mark, "")
    return plain.removesuffix("%")


def number(text: str, mark: Mark) -> float | None:
    """A number whose decimals are behind `mark`, which is a point or a comma; None for what is none."""
    plain = tidy(text)
    if len(plain) > LONGEST:
        return None
    decimal, grouping = (",", ".") if mark is Mark.COMMA else (".", ",")
    if grouping in plain:
        if not _grouped(plain, decimal, grouping):
            return None
        plain = plain.replace(grouping, "")
    if decimal == ",":
        plain = plain.replace(",", ".")
    return float(plain) if _PLAIN.fullmatch(plain) else None


def _grouped(plain: str, decimal: str, grouping: str) -> bool:
    """Whether the other mark stands between thousands: 1,234,567.8 and not 12,34."""
    whole = plain.partition(decimal)[0].lstrip("+-")
    first, *others = whole.split(grouping)
    return grouping not in plain.partition(decimal)[2] and 1 <= len(first) <= 3 and all(len(o) == 3 for o in others)


def evidence(text: str) -> Mark | None:
    """What a single number says of the mark; None for one that could be either way, or is no number."""
    plain = tidy(text)
    point, comma = plain.rfind("."), plain.rfind(",")
    if len(plain) > LONGEST or max(point, comma) < 0:
        return None
    if point >= 0 and comma >= 0:
        mark = Mark.POINT if point > comma else Mark.COMMA
        return mark if number(plain, mark) is not None else None
    sign = "." if point >= 0 else ","
    if plain.count(sign) > 1:  # 1.234.567: these are thousands
        mark = Mark.COMMA if sign == "." else Mark.POINT
    elif _THREES.fullmatch(plain):
        return None
    else:
        mark = Mark.POINT if sign == "." else Mark.COMMA
    return mark if number(plain, mark) is not None else None


def mark_of(cells: Iterable[str], *, parted_by_commas: bool) -> Mark:
    """The mark of a file's numbers, by what most of them say that can say it.

    Where none does, 1,234 has decimals if the file's cells are parted by something else than commas, and 1.234 has.
    """
    votes = {Mark.POINT: 0, Mark.COMMA: 0}
    commas = points = 0
    for cell in cells:
        told = evidence(cell)
        if told is not None:
            votes[told] += 1
        else:
            commas += "," in cell
            points += "." in cell
    if votes[Mark.POINT] != votes[Mark.COMMA]:
        return max(votes, key=votes.__getitem__)
    return Mark.COMMA if commas and not points and not parted_by_commas else Mark.POINT
