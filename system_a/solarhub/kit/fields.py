"""Kinds of fields that say in one sentence what they take.

Each is used as `Annotated[float, Number(0, 90, "degrees")]`, makes at most one error for a value, and puts what is
allowed into that error's context, so that whoever prints it needs no second look at the model. Nothing is coerced: text
is no number, true is no 1. A number that is taken is kept as it was written, so that a stored document reads back
identical.
"""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from solarhub.kit.refusals import Allowed, kind_of, refusal

# Far above any quantity that is measured, far below where a double loses whole numbers.
_LARGEST = 1e15


class FieldKind:
    """Plugs `check` and `schema` of a kind into pydantic."""

    __slots__ = ()

    @property
    def allowed(self) -> Allowed:
        """What is taken: the choices, or a sentence with type, range and unit."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """The value that is kept; raises `refusal(...)`."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """JSON Schema of what is taken."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.schema()


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


@dataclass(frozen=True, slots=True)
class Number(FieldKind):
    """A finite number from `minimum` to `maximum`, both included, in `unit`."""

    minimum: float = -_LARGEST
    maximum: float = _LARGEST
    unit: str = ""

    noun = "a number"
    json_type = "number"

    @property
    def allowed(self) -> str:
        if (self.minimum, self.maximum) == (-_LARGEST, _LARGEST):
            return f"{self.noun}, finite"
        return f"{self.noun} from {_plain(self.minimum)} to {_plain(self.maximum)} {self.unit}".rstrip()

    def check(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refusal(f"must be {self.noun}, not {kind_of(value)}", self.allowed)
        if isinstance(value, float) and not math.isfinite(value):
            raise refusal("must be finite", self.allowed)
        if not self.minimum <= value <= self.maximum:
            bound = f"at least {_plain(self.minimum)}" if value < self.minimum else f"at most {_plain(self.maximum)}"
            raise refusal(f"must be {bound} {self.unit}".rstrip(), self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": self.json_type, "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, slots=True)
class Whole(Number):
    """A whole number from `minimum` to `maximum`, both included, in `unit`; 5.0 is whole."""

    noun = "a whole number"
    json_type = "integer"

    def check(self, value: Any) -> Any:
        number = Number.check(self, value)
        if number != int(number):
            raise refusal("must be a whole number", self.allowed)
        return int(number)


@dataclass(frozen=True, slots=True)
class Flag(FieldKind):
    """true or false."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def check(self, value: Any) -> Any:
        if not isinstance(value, bool):
            raise refusal(f"must be true or false, not {kind_of(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice(FieldKind):
    """One of an enum's values, or one of a few numbers."""

    options: type[Enum] | tuple[int, ...]

    @property
    def values(self) -> list[Any]:
        return [option.value if isinstance(option, Enum) else option for option in self.options]

    @property
    def allowed(self) -> Allowed:
        if isinstance(self.options, tuple):
            return "one of the numbers " + ", ".join(map(str, self.options))
        return self.values

    def check(self, value: Any) -> Any:
        for option in self.options:
            plain = option.value if isinstance(option, Enum) else option
            # 1 == True in Python, hence the types
            if value is option or (type(value) is type(plain) and value == plain):
                return option
        raise refusal("is not one of the choices", self.allowed)

    def schema(self) -> dict[str, Any]:
        return {"enum": self.values}


@dataclass(frozen=True, slots=True)
class Several(FieldKind):
    """A list of up to `maximum` entries, each of the kind that the annotated tuple names."""

    maximum: int
    unique: bool = False

    @property
    def allowed(self) -> str:
        return f"a list of up to {self.maximum}{' different' if self.unique else ''} entries"

    def check(self, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise refusal(f"must be a list, not {kind_of(value)}", self.allowed)
        if len(value) > self.maximum:
            raise refusal(f"must have at most {self.maximum} entries", self.allowed)
        return tuple(value)

    def _different(self, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.unique and len(set(entries)) < len(entries):
            raise refusal("must not name the same entry twice", self.allowed)
        return entries

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        checked = core_schema.no_info_before_validator_function(self.check, handler(source))
        return core_schema.no_info_after_validator_function(self._different, checked)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "maxItems": self.maximum, "uniqueItems": self.unique}
