"""When a row was taken: times as portals write them, on clocks that are changed twice a year. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import isfinite

from solarhub.telemetry.portals.maps import DateOrder

ISO, SECONDS, MILLISECONDS = "iso", "seconds", "milliseconds"
WORDS = (ISO, SECONDS, MILLISECONDS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SPREADSHEET = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of spreadsheets has no zone
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_WORTH_A_GUESS = 40_000, 60_000
"""Days since 1899 that a spreadsheet's bare number may stand for: 2009 to 2064."""


class NoTime(ValueError):  # noqa: N818 - says what is the matter with a cell
    """A cell that is no time, or one that the clocks of its zone never showed."""


class Gap(NoTime):
    """A time that the clocks of its zone jumped over."""


def check_format(text: str) -> None:
    """Raises ValueError for what can tell no day."""
    if text in WORDS:
        return
    sample = datetime(2026, 11, 23, 14, 5, 6, tzinfo=UTC)
    read = datetime.strptime(sample.strftime(text), text)  # noqa: DTZ007 - only whether it can be read
    if read.date() != sample.date():
        raise ValueError("tells no day")


def order_of(text: str) -> DateOrder | None:
    """Which of day and month a format has first; None where the year stands before both, or they have names."""
    places = {mark: text.find(mark) for mark in ("%d", "%m", "%Y", "%y")}
    if text in WORDS or min(places["%d"], places["%m"]) < 0:
        return None
    years = [places[mark] for mark in ("%Y", "%y") if places[mark] >= 0]
    if years and min(years) < min(places["%d"], places["%m"]):
        return None
    return DateOrder.DAY_FIRST if places["%d"] < places["%m"] else DateOrder.MONTH_FIRST


def ordered(formats: Sequence[str], order: DateOrder | None) -> list[str]:
    """Those that an order allows; all where none is wished for."""
    return [each for each in formats if order is None or order_of(each) in (None, order)]


@dataclass(slots=True)
class Forms:
    """The formats that all times of a file so far can be read with; a format that fails once is out of it."""

    left: list[str]
    endings: Sequence[str] = ()
    looked: bool = False
    """Whether any time was written as text: those of workbooks are open to no doubt."""

    def narrow(self, cell: object) -> bool:
        """Looks at one time; true while it is open whether the day or the month comes first."""
        if isinstance(cell, str) and (text := without_ending(cell, self.endings)):
            fitting = [each for each in self.left if _try(text, each) is not None]
            if fitting:
                self.left, self.looked = fitting, True
        return self.is_open

    @property
    def is_open(self) -> bool:
        return self.looked and len({order_of(each) for each in self.left} - {None}) > 1


def without_ending(text: str, endings: Iterable[str]) -> str:
    plain = " ".join(text.split())
    for ending in endings:
        if plain.endswith(ending):
            return plain.removesuffix(ending).rstrip()
    return plain


def _try(text: str, form: str) -> datetime | None:
    try:
        if form == ISO:
            return datetime.fromisoformat(text.replace(",", ".")) if _ISO.fullmatch(text.upper()) else None
        if form in (SECONDS, MILLISECONDS):
            value = float(text)
            return _EPOCH + timedelta(milliseconds=value if form == MILLISECONDS else value * 1000)
        return datetime.strptime(text, form)  # noqa: DTZ007 - its zone is the plant's, and comes later
    except (ValueError, OverflowError):
        return None


@dataclass(slots=True)
class Clock:
    """Reads a file's times, row by row in the order of the file; `zone` is that of those without an offset.

    In the hour that the clocks show twice, times that run back begin its second pass.
    """

    forms: Sequence[str]
    zone: tzinfo
    endings: Sequence[str] = ()
    ambiguous: int = 0
    """Times that the clocks showed twice, and that do not say which is meant."""
    _known: dict[str, int] = field(default_factory=dict)
    _last: dict[object, datetime] = field(default_factory=dict)
    _falls: dict[object, bool] = field(default_factory=dict)
    _second: dict[object, bool] = field(default_factory=dict)

    def read(self, cell: object, device: object = None) -> int:
        """Microseconds since 1970 UTC. Raises NoTime; Gap for one that never was."""
        if isinstance(cell, str):
            known = self._known.get(cell)
            if known is not None:
                return known
        at = self.written(cell)
        if at.tzinfo is not None:
            found = _instant(at)
            if isinstance(cell, str) and len(self._known) < 10_000:
                self._known[cell] = found  # in long form a time stands in many rows
            return found
        return self._local(at, device)

    def written(self, cell: object) -> datetime:
        """As it stands there, with an offset or without. Raises NoTime."""
        if isinstance(cell, datetime):
            return _to_the_second(cell)
        if isinstance(cell, date):
            return datetime.combine(cell, time())
        if isinstance(cell, int | float) and not isinstance(cell, bool) and isfinite(cell):
            if _WORTH_A_GUESS[0] <= cell < _WORTH_A_GUESS[1]:
                return _to_the_second(_SPREADSHEET + timedelta(days=cell))
            cell = repr(cell)
        if isinstance(cell, str):
            text = without_ending(cell, self.endings)
            for form in self.forms:
                found = _try(text, form)
                if found is not None:
                    return found
        raise NoTime(f"is no time; allowed are {', '.join(map(shown_format, self.forms))}")

    def _local(self, at: datetime, device: object) -> int:
        early, late = (at.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        # of a time that the clocks jumped over, the offset of before gives a later instant than that of after
        if early.utcoffset() != late.utcoffset():
            if _instant(early) > _instant(late):
                raise Gap(f"was never shown by the clocks of {self.zone}, which went forward then")
            self.ambiguous += 1
            chosen = late if self._is_second(at, device) else early
        else:
            self._second.pop(device, None)
            chosen = early
        last = self._last.get(device)
        if last is not None and last != at and device not in self._falls:
            self._falls[device] = at < last  # the first two rows tell whether the newest comes first
        self._last[device] = at
        return _instant(chosen)

    def _is_second(self, at: datetime, device: object) -> bool:
        falls = self._falls.get(device, False)
        second = self._second.get(device, falls)
        last = self._last.get(device)
        if last is not None and (at > last if falls else at < last):
            second = not falls
        self._second[device] = second
        return second


def day_of(at: datetime) -> date:
    """The day that a row of days is about."""
    return at.date()


def day_ends(day: date, zone: tzinfo) -> tuple[int, int]:
    """The first and the last second of a day at the plant, in microseconds since 1970."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return _instant(start), _instant(end) - 1_000_000


def shown_format(form: str) -> str:
    """As a person reads it: dd/mm/yyyy hh:mm."""
    words = {ISO: "2026-06-21T10:28:29+05:00", SECONDS: "seconds since 1970", MILLISECONDS: "milliseconds since 1970"}
    if form in words:
        return words[form]
    marks = {"%Y": "yyyy", "%y": "yy", "%m": "mm", "%d": "dd", "%H": "hh", "%M": "mm", "%S": "ss", "%I": "hh"}
    for mark, told in {**marks, "%p": "AM", "%b": "Jun", "%B": "June", "%z": "+05:00"}.items():
        form = form.replace(mark, told)
    return form


def _to_the_second(at: datetime) -> datetime:
    """Spreadsheets keep times as fractions of a day, which miss the second by a hair."""
    near = at + timedelta(milliseconds=5)
    return near.replace(microsecond=0) if near.microsecond < 10_000 else at


def _instant(at: datetime) -> int:
    return (at.astimezone(UTC) - _EPOCH) // _MICROSECOND
