"""How a refused value is told: one sentence, the value as it may be shown, and what is allowed instead.

Everything that is wrong with a document ends as a list of `FieldError`, whether pydantic, a kind of field or a use case
found it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from enum import Enum
from typing import Any

from pydantic_core import PydanticCustomError

from solarhub.kit.errors import FieldError

Allowed = str | list[str]

HIDDEN = "***"
"""Stands for a secret wherever a value would be shown."""

_LONGEST_SHOWN = 80
_SECRET_NAME = re.compile(r"pass|pwd|secret|token|credential|authorization|api_?key|private_?key", re.IGNORECASE)
_USER_IN_ADDRESS = re.compile(r"(?<=//)[^/@\s]*@")
_SHOULD = re.compile(r"\w+ should (be|have|match) (.+)", re.DOTALL)

_WORDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "nothing"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    ((list, tuple), "a list"),
    (Mapping, "an object"),
)

_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("is required", "a value"),
    "extra_forbidden": ("is not a key that is known here", "no other keys"),
    "model_type": ("must be an object", "an object"),
    "model_attributes_type": ("must be an object", "an object"),
    "dict_type": ("must be an object", "an object"),
    "list_type": ("must be a list", "a list"),
    "tuple_type": ("must be a list", "a list"),
}


def refusal(message: str, allowed: Allowed) -> PydanticCustomError:
    """The error of a value that is not taken; `message` completes the sentence that the field's name begins."""
    return PydanticCustomError("not_allowed", message, {"allowed": allowed})


def kind_of(value: object) -> str:
    """What a JSON value is, in words for a person."""
    return next((words for kinds, words in _WORDS if isinstance(value, kinds)), f"a {type(value).__name__}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or nothing."""
    near = get_close_matches(word[:64], list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def unprintable(text: str) -> bool:
    """Whether a text holds what no line of a form can: control characters, or halves of characters.

    PostgreSQL stores neither NUL nor a lone surrogate in JSON.
    """
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)


def field_errors(errors: Iterable[Mapping[str, Any]], prefix: str = "") -> list[FieldError]:
    """FieldErrors of pydantic's own (`error.errors()`, FastAPI's included), each path beginning with `prefix`."""
    return [
        FieldError(
            field=path(((prefix,) if prefix else ()) + tuple(line["loc"])),
            value=None if line["type"] == "missing" else shown(line["input"], hidden=_names_a_secret(line["loc"])),
            message=message,
            allowed=allowed,
        )
        for line in errors
        for message, allowed in [sentence(line)]
    ]


def sentence(line: Mapping[str, Any]) -> tuple[str, Allowed]:
    """What one pydantic error means, and what is allowed instead."""
    if "allowed" in line.get("ctx", {}):
        return line["msg"], line["ctx"]["allowed"]
    if line["type"] in _SENTENCES:
        return _SENTENCES[line["type"]]
    # pydantic's other sentences read "Input should be a valid integer", "String should have at most 5 characters"
    words = _SHOULD.fullmatch(line["msg"])
    if words is None:
        message = line["msg"].removeprefix("Value error, ")
        return message, message
    verb, rest = words.groups()
    choices = re.findall(r"'([^']*)'", rest) if line["type"] in {"enum", "literal_error"} else []
    return f"must {verb} {rest}", choices or rest


def shown(value: object, *, hidden: bool = False) -> str | float | bool | None:
    """A given value as it may be printed: shortened, harmless in JSON, contents of objects and lists left out."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if hidden:
        return HIDDEN
    if isinstance(value, str | int | float):
        return _printable(value) if isinstance(value, str) else _number(value)
    if isinstance(value, Mapping | list | tuple):
        return f"{kind_of(value)} of {len(value)} entries"
    return value.isoformat() if isinstance(value, date) else f"a {type(value).__name__}"


def path(parts: Iterable[str | int]) -> str:
    """`billing_regimes[1].valid_from`, of its parts."""
    text = ""
    for part in parts:
        if part == "[key]":  # pydantic's mark for a wrong key, which the path already ends with
            continue
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + _printable(part)
    return text


def _names_a_secret(parts: Iterable[str | int]) -> bool:
    return any(isinstance(part, str) and _SECRET_NAME.search(part) for part in parts)


def _printable(text: str) -> str:
    text = _USER_IN_ADDRESS.sub(HIDDEN + "@", text)
    short = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return "".join("\N{REPLACEMENT CHARACTER}" if unprintable(character) else character for character in short)


def _number(value: float) -> float | str:
    if isinstance(value, int):
        return value if abs(value) < 2**63 else "a number of more than 18 digits"
    return value if value - value == 0 else str(value)  # JSON has neither NaN nor infinity
