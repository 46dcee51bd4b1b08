"""Objects inside a value object whose keys nobody here knows, yet the database must be able to hold them."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from solarhub.kit.fields import FieldKind
from solarhub.kit.refusals import kind_of, refusal

_DEPTH = 8
_LARGEST_INTEGER = 2**63


@dataclass(frozen=True, slots=True)
class JsonObject(FieldKind):
    """A JSON object of at most `maximum` bytes as UTF-8, nested at most 8 deep."""

    maximum: int

    @property
    def allowed(self) -> str:
        return f"a JSON object of at most {self.maximum} bytes, nested at most {_DEPTH} deep"

    def check(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise refusal(f"must be an object, not {kind_of(value)}", self.allowed)
        trouble = _trouble(value)
        if trouble is None and len(json.dumps(value, ensure_ascii=False).encode()) > self.maximum:
            trouble = f"must be at most {self.maximum} bytes long"
        if trouble is not None:
            raise refusal(trouble, self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "description": self.allowed}


@dataclass(frozen=True, slots=True)
class Entries(FieldKind):
    """An object of at most `maximum` entries, their names and values of the kinds that the annotated dict names."""

    maximum: int

    @property
    def allowed(self) -> str:
        return f"an object of at most {self.maximum} entries"

    def check(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise refusal(f"must be an object, not {kind_of(value)}", self.allowed)
        if len(value) > self.maximum:
            raise refusal(f"must have at most {self.maximum} entries", self.allowed)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "maxProperties": self.maximum}


def _trouble(document: dict[str, Any]) -> str | None:
    """Why PostgreSQL, or the next reader, could not take a document; level by level, so that depth costs no stack."""
    level: list[Any] = [document]
    for _ in range(_DEPTH):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                inner += item
            elif not _storable(item):
                return "holds a value that JSON cannot carry: not finite, too large, or with NUL or half characters"
        level = inner
    return "is nested too deeply" if level else None


def _storable(item: Any) -> bool:
    if item is None or isinstance(item, bool):
        return True
    if isinstance(item, str):
        return "\0" not in item and not any("\ud800" <= character <= "\udfff" for character in item)
    if isinstance(item, int):
        return -_LARGEST_INTEGER <= item < _LARGEST_INTEGER
    return isinstance(item, float) and item - item == 0
