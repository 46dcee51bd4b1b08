"""Value objects that live in JSON columns: strict when they are written, tolerant when they are read.

Written (`parse`, or as a field of a request): unknown keys, coerced types and impossible values are refused, each with
the field, the value, a sentence and what is allowed.

Read (`from_stored`): nothing is ever refused, because an older or a newer version may have written the document.
 - A key that this version does not know is kept and written back by `to_stored`.
 - A value that no longer validates is kept and written back as it is; meanwhile the attribute has the field's default,
   or None where the field is required. `unreadable` names it. Who acts on a value object looks there first.
 - Fields that contradict each other are read as they are: that is a rule for writing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails

from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.fields import FieldKind
from solarhub.kit.refusals import HIDDEN, Allowed, did_you_mean, field_errors, path, refusal, sentence, shown

# One answer explains every wrong key; nobody means to send hundreds, and explaining them would be work for nothing.
_MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Fields that cannot all be true: the path of the one to name, why, and what would be allowed there."""

    where: tuple[str | int, ...]
    message: str
    allowed: Allowed


def secret(title: str) -> Any:
    """Declares an optional field whose value is never shown again and is to be encrypted at rest."""
    return Field(default=None, title=title, json_schema_extra={"writeOnly": True})


class Value(BaseModel):
    """Base of all value objects; immutable, equal by value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    left_out_by_default: ClassVar[frozenset[str]] = frozenset()
    """Keys that are stored only when they differ from their default."""

    confidential: ClassVar[bool] = False
    """Whether this is a form for secrets: what is written where no field is, is then not repeated either."""

    _kept: dict[str, Any] = PrivateAttr(default_factory=dict)
    _unreadable: tuple[FieldError, ...] = PrivateAttr(default=())

    @classmethod
    def parse(cls, document: object, field: str = "") -> Self:
        """The value object of a document that somebody hands in; raises `Invalid`, whose paths begin with `field`."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise Invalid(field_errors(error.errors(include_url=False), field)) from None

    @classmethod
    def from_stored(cls, stored: object, /) -> Self:
        """The value object of a stored document; never raises, see the head of this module."""
        fields: dict[str, Any] = {}
        kept: dict[str, Any] = {}
        wrong: list[FieldError] = []
        if not isinstance(stored, Mapping):
            wrong.append(FieldError("", shown(stored), "must be an object", "an object"))
            stored = {}
        for key, raw in stored.items():
            if key not in cls.model_fields:
                kept[key] = raw
                continue
            try:
                fields[key] = _read(cls, key, raw)
            except ValidationError as error:
                kept[key] = raw
                wrong += field_errors(error.errors(include_url=False), key)
        for key, field in cls.model_fields.items():
            if field.is_required() and key not in fields:
                fields[key] = None
                if key not in kept:
                    wrong.append(FieldError(key, None, "is required", "a value"))
        made = cls.model_construct(**fields)
        made._kept = kept  # noqa: SLF001  its own, in a second constructor
        made._unreadable = tuple(wrong)  # noqa: SLF001  the same
        return made

    def to_stored(self) -> dict[str, Any]:
        """The JSON document, without the keys that have no value."""
        own = {
            key: _written(value)
            for key, field in type(self).model_fields.items()
            if (value := getattr(self, key)) is not None
            and not (key in self.left_out_by_default and value == field.default)
        }
        return {**own, **self._kept}

    @classmethod
    def secret_keys(cls) -> frozenset[str]:
        """The top-level keys declared with `secret()`."""
        return frozenset(
            key
            for key, field in cls.model_fields.items()
            if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("writeOnly")
        )

    def to_public(self) -> dict[str, Any]:
        """The stored document without its secrets: what an answer may show."""
        return {key: value for key, value in self.to_stored().items() if key not in self.secret_keys()}

    @property
    def unreadable(self) -> tuple[FieldError, ...]:
        """What a stored document held that this version cannot read, at any depth of it."""
        nested = [
            FieldError(path((key, *index)), error.value, error.message, error.allowed)
            if not error.field
            else FieldError(f"{path((key, *index))}.{error.field}", error.value, error.message, error.allowed)
            for key in type(self).model_fields
            for index, value in _values_in(getattr(self, key))
            for error in value.unreadable
        ]
        return (*self._unreadable, *nested)

    def contradictions(self) -> Iterator[Contradiction]:
        """Fields that are each possible and together are not; judged only once every field is valid by itself."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _judge(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(given, cls):
            return given
        if isinstance(given, Mapping) and len(given) > _MOST_KEYS:
            raise refusal(f"has more than {_MOST_KEYS} keys", list(cls.model_fields))
        try:
            made = validate(given)
        except ValidationError as error:
            lines = error.errors(include_url=False)
            # a default that was not computed only follows from another field's error
            told = [_explained(cls, line) for line in lines if line["type"] != "default_factory_not_called"]
            raise _refused(cls, told) from None
        found = [
            InitErrorDetails(
                type=refusal(contradiction.message, contradiction.allowed),
                loc=contradiction.where,
                input=HIDDEN if contradiction.where[0] in cls.secret_keys() else _at(made, contradiction.where),
            )
            for contradiction in made.contradictions()
        ]
        if found:
            raise _refused(cls, found)
        return made


def _explained(model: type[Value], line: Mapping[str, Any]) -> InitErrorDetails:
    """The same error with what is allowed inside it, and with no secret in it."""
    message, allowed = sentence(line)
    location = tuple(line["loc"])
    hidden = bool(location) and location[0] in model.secret_keys()
    hidden = hidden or (model.confidential and (not location or location[0] not in model.model_fields))
    if line["type"] == "extra_forbidden" and len(location) == 1:
        hint = did_you_mean(str(location[0]), model.model_fields)
        message += hint
        allowed = list(model.model_fields)
        hidden = hidden or any(key in hint for key in model.secret_keys())
    elif line["type"] == "missing" and len(location) == 1:
        kinds = [kind for kind in model.model_fields[str(location[0])].metadata if isinstance(kind, FieldKind)]
        allowed = kinds[0].allowed if kinds else allowed
    elif not location:
        allowed = f"an object with the keys {', '.join(model.model_fields)}"
    value = None if line["type"] == "missing" else line["input"]
    return InitErrorDetails(type=refusal(message, allowed), loc=location, input=HIDDEN if hidden else value)


def _refused(model: type[Value], lines: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data(model.__name__, lines, hide_input=True)


@cache
def _adapter(model: type[Value], key: str) -> TypeAdapter[Any]:
    field = model.model_fields[key]
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(kind)


@cache
def _nested(model: type[Value], key: str) -> type[Value] | None:
    """The value object that a field holds: alone, optional, or in a list."""
    pending: list[Any] = [model.model_fields[key].annotation]
    while pending:
        found = pending.pop()
        if isinstance(found, type) and issubclass(found, Value):
            return found
        pending += get_args(found)
    return None


def _read(model: type[Value], key: str, raw: Any) -> Any:
    nested = _nested(model, key)
    if nested is not None and isinstance(raw, Mapping):
        return nested.from_stored(raw)
    if nested is not None and isinstance(raw, list) and all(isinstance(item, Mapping) for item in raw):
        return tuple(nested.from_stored(item) for item in raw)
    return _adapter(model, key).validate_python(raw)


def _at(held: Any, where: tuple[str | int, ...]) -> Any:
    for part in where:
        held = held[part] if isinstance(part, int) else getattr(held, part)
    return held


def _values_in(held: object) -> Iterator[tuple[tuple[int, ...], Value]]:
    if isinstance(held, Value):
        yield (), held
    elif isinstance(held, tuple):
        yield from (((index,), item) for index, item in enumerate(held) if isinstance(item, Value))


def _written(value: Any) -> Any:
    match value:
        case Value():
            return value.to_stored()
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case tuple() | list():
            return [_written(item) for item in value]
        case Mapping():
            return dict(value)
        case _:
            return value
