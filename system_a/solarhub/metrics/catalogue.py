"""The metrics that a device of one organization may report: the standard ones, and those of its own."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TypeVar, overload

from solarhub.metrics.quantities import Metric, UnknownMetric
from solarhub.metrics.series import check_channel

T = TypeVar("T")


class Catalogue(Mapping[str, Metric]):
    """Name -> metric of all that is in force. Immutable.

    Metrics that were removed are not taken any more; what was stored of them stays readable, by `readable` and by
    `parse_series`.
    """

    __slots__ = ("_in_force", "_readable")

    def __init__(self, in_force: Iterable[Metric], removed: Iterable[Metric] = ()) -> None:
        self._in_force = {metric.name: metric for metric in in_force}
        self._readable = {metric.name: metric for metric in removed} | self._in_force

    def with_own(self, own: Iterable[Metric], removed: Iterable[Metric] = ()) -> "Catalogue":
        """This one and an organization's own. A name that both have keeps the meaning that it has here."""
        mine = self._in_force.values()
        return Catalogue(
            [*mine, *(metric for metric in own if metric.name not in self._in_force)],
            [metric for metric in removed if metric.name not in self._in_force],
        )

    def __getitem__(self, name: str) -> Metric:
        return self._in_force[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._in_force)

    def __len__(self) -> int:
        return len(self._in_force)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __contains__(self, name: object) -> bool:
        return name in self._in_force

    @overload
    def get(self, name: str, default: None = None, /) -> Metric | None: ...

    @overload
    def get(self, name: str, default: Metric | T, /) -> Metric | T: ...

    def get(self, name: str, default: object = None, /) -> object:
        """As of any mapping, without the detour that `Mapping` takes: devices ask this for every value."""
        return self._in_force.get(name, default)

    @property
    def by_name(self) -> Mapping[str, Metric]:
        """What is in force, as a plain mapping: for loops over many values."""
        return MappingProxyType(self._in_force)

    def metric(self, name: str) -> Metric:
        """The entry that is in force; `UnknownMetric` says what was probably meant."""
        found = self._in_force.get(name)
        if found is not None:
            return found
        if name in self._readable:
            raise UnknownMetric("this metric was removed and takes no more values")
        near = get_close_matches(name[:64], self._in_force, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownMetric(f"no metric has that name{hint}")

    def readable(self, name: str) -> Metric:
        """The entry, removed or not; `UnknownMetric` as of `metric`."""
        found = self._readable.get(name)
        return found if found is not None else self.metric(name)

    def unit_of(self, name: str) -> str:
        """The unit of a metric that may be gone; empty for one that nobody here knows, such as a giver's own."""
        found = self._readable.get(name)
        return found.unit if found is not None else ""

    def format_series(self, name: str, channel: str | None = None) -> str:
        """`metric` or `metric:channel`; `UnknownMetric`, or `ValueError` for a channel that cannot be spelled."""
        self.readable(name)
        return name if channel is None else f"{name}:{check_channel(channel)}"

    def parse_series(self, text: str) -> tuple[Metric, str | None]:
        """The metric and the channel of a series; the inverse of `format_series`, with the same errors."""
        name, colon, channel = text.partition(":")
        found = self.readable(name)
        return found, check_channel(channel) if colon else None
