"""What a cell of a file means: numbers, days and choices as people and spreadsheets write them. Pure.

A cell that cannot be read stays the text it is: whoever judges the value then says what is allowed.
"""

import re
from typing import Any

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩\u066b", "01234567890123456789.")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}((,[0-9]{3}){2,}(\.[0-9]+)?|,[0-9]{3}\.[0-9]+)")
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00(:00(\.0+)?)?Z?")
_ROUNDED = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+")
_TRUE = frozenset({"true", "yes", "y", "1", "ہاں", "جی"})
_FALSE = frozenset({"false", "no", "n", "0", "نہیں"})


def number(cell: Any, *, decimal_comma: bool) -> Any:
    """31.5 of "31.5", also in Urdu digits, and of "31,5" where cells are not parted by commas; 5 of "5"."""
    if not isinstance(cell, str):
        return cell
    text = cell.translate(_DIGITS).replace(" ", "").replace("\u202f", "")
    if decimal_comma and _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text) or len(text) > 40:
        return cell
    value = float(text)
    return int(value) if value == int(value) and abs(value) < 1e15 and "." not in text else value


def flag(cell: Any) -> Any:
    """True or false of yes and no."""
    if not isinstance(cell, str):
        return cell
    word = cell.casefold()
    return True if word in _TRUE else False if word in _FALSE else cell


def word(cell: Any) -> Any:
    """`modbus_tcp` of "Modbus TCP": codes are written small and without blanks."""
    return re.sub(r"[\s-]+", "_", cell.strip().lower()) if isinstance(cell, str) else cell


def day(cell: Any) -> Any:
    """A day, also where a spreadsheet added midnight to it."""
    found = _MIDNIGHT.fullmatch(cell) if isinstance(cell, str) else None
    return found[1] if found else cell


def words(cell: Any) -> Any:
    """A list of "bank | roof"; JSON has lists of its own."""
    return [each for part in cell.split("|") if (each := part.strip())] if isinstance(cell, str) else cell


def text(cell: Any) -> Any:
    """As it is written; a number of JSON as its digits."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    return cell


def was_rounded(cell: Any) -> bool:
    """Whether a spreadsheet took a long number for a quantity, and lost its last digits: 9.23001E+11."""
    return isinstance(cell, str) and _ROUNDED.fullmatch(cell) is not None
