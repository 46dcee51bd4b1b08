"""Times as products write them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([.,][0-9]{1,9})?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)


class TimeFormat(StrEnum):
    """How a time is written."""

    ISO = "iso"
    """2026-06-21T10:28:29, with or without an offset."""
    SECONDS = "seconds"
    """Since 1970 UTC."""
    MILLISECONDS = "milliseconds"
    AUTO = "auto"
    """Any of the three; a number from 1e11 on is milliseconds."""


@dataclass(frozen=True, slots=True)
class TimeReader:
    """`zone` is that of a written time without an offset; None: the plant's own."""

    format: TimeFormat
    zone: tzinfo | None

    def read(self, given: object) -> datetime | None:
        """UTC, or the plant's own clock without a zone; None for what is no time."""
        try:
            if isinstance(given, str):
                number = None if self.format is TimeFormat.ISO else _number(given)
                return self._written(given.strip()) if number is None else self._counted(number)
            if isinstance(given, int | float) and not isinstance(given, bool):
                return self._counted(given)
        except (ValueError, OverflowError):  # a 13th month, a NaN, a year beyond 9999
            pass
        return None

    def _written(self, text: str) -> datetime | None:
        if self.format not in (TimeFormat.ISO, TimeFormat.AUTO) or not _ISO.fullmatch(text):
            return None
        at = datetime.fromisoformat(text.upper().replace(",", "."))
        if at.tzinfo is None and self.zone is not None:
            at = at.replace(tzinfo=self.zone)
        return at if at.tzinfo is None else at.astimezone(UTC)

    def _counted(self, number: float) -> datetime | None:
        if self.format is TimeFormat.ISO:
            return None
        in_milliseconds = self.format is TimeFormat.MILLISECONDS or (
            self.format is TimeFormat.AUTO and abs(number) >= _MILLISECONDS_FROM
        )
        return _EPOCH + timedelta(milliseconds=number if in_milliseconds else number * 1000)


def _number(text: str) -> float | None:
    try:
        return float(text) if re.fullmatch(r"\s*-?[0-9]{1,17}(\.[0-9]+)?\s*", text) else None
    except ValueError:
        return None
