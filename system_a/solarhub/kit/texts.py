"""Kinds of fields that are written as text: lines, days, time zones, currencies."""

import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from cryptography import x509

from solarhub.kit.fields import FieldKind
from solarhub.kit.refusals import did_you_mean, kind_of, refusal, unprintable


@dataclass(frozen=True, slots=True)
class Text(FieldKind):
    """One line of text without blanks at its ends; `pattern` must match all of it and is explained by `meaning`."""

    maximum: int
    pattern: str = ""
    meaning: str = ""

    @property
    def allowed(self) -> str:
        return self.meaning or f"text of 1 to {self.maximum} characters"

    def check(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise refusal(f"must be text, not {kind_of(value)}", self.allowed)
        if not value:
            raise refusal("must not be empty; leave it out instead", self.allowed)
        if len(value) > self.maximum:
            raise refusal(f"must be at most {self.maximum} characters long", self.allowed)
        if unprintable(value):
            raise refusal("must not contain control characters", self.allowed)
        if value != value.strip():
            raise refusal("must not begin or end with blanks", self.allowed)
        if self.pattern and re.fullmatch(self.pattern, value) is None:
            raise refusal("is not written as it should be", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        pattern = {"pattern": f"^(?:{self.pattern})$"} if self.pattern else {}
        return {"type": "string", "minLength": 1, "maxLength": self.maximum, **pattern}


@dataclass(frozen=True, slots=True)
class Parsed(FieldKind):
    """Text that a function accepts or refuses; `reason` returns what is wrong with it, or nothing."""

    maximum: int
    meaning: str
    reason: Callable[[str], str | None]
    format: str = ""

    @property
    def allowed(self) -> str:
        return self.meaning

    def check(self, value: Any) -> Any:
        text = Text(self.maximum, meaning=self.meaning).check(value)
        wrong = self.reason(text)
        if wrong:
            raise refusal(wrong, self.meaning)
        return text

    def schema(self) -> dict[str, Any]:
        kind = {"format": self.format} if self.format else {}
        return {"type": "string", "minLength": 1, "maxLength": self.maximum, "description": self.meaning, **kind}


@dataclass(frozen=True, slots=True)
class Day(FieldKind):
    """A calendar day, written YYYY-MM-DD."""

    first: date = date(1970, 1, 1)
    last: date = date(2100, 12, 31)

    @property
    def allowed(self) -> str:
        return f"a date YYYY-MM-DD from {self.first} to {self.last}"

    def check(self, value: Any) -> Any:
        if type(value) is date:
            day = value
        elif isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                raise refusal("is not a day of the calendar", self.allowed) from None
        else:
            raise refusal("must be a date written YYYY-MM-DD", self.allowed)
        if not self.first <= day <= self.last:
            raise refusal("is too far away", self.allowed)
        return day

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@cache
def time_zones() -> frozenset[str]:
    """The IANA names that this machine can compute with."""
    # two entries of the database name no place: the machine's own setting, and "not set yet"
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


@dataclass(frozen=True, slots=True)
class Certificates(FieldKind):
    """Certificates in PEM, one after another; what stands around them is refused."""

    @property
    def allowed(self) -> str:
        return "certificates in PEM, at most 32,768 characters, each from -----BEGIN CERTIFICATE----- to its END line"

    def check(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise refusal(f"must be text, not {kind_of(value)}", self.allowed)
        if len(value) > 32_768:
            raise refusal("is too long", self.allowed)
        rest = re.sub(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----", "", value)
        if rest.strip() or not value.isascii():
            raise refusal("is no certificate in PEM, or not that alone", self.allowed)
        try:
            x509.load_pem_x509_certificates(value.encode())
        except ValueError:
            raise refusal("cannot be read as a certificate", self.allowed) from None
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": 32_768, "description": self.allowed}


def _zone_trouble(name: str) -> str | None:
    if name in time_zones():
        return None
    return "is not a time zone that exists" + did_you_mean(name, time_zones())


TIME_ZONE = Parsed(64, "an IANA time zone name such as Asia/Karachi", _zone_trouble)
"""The kind of a field that holds the name of a time zone."""

CURRENCY = Text(3, r"[A-Z]{3}", "an ISO 4217 code of three capital letters such as PKR")
"""The kind of a field that holds a currency."""
