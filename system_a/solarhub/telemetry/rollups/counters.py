"""How much an energy counter has grown, and when: through resets, roll-overs, standstills and silence. Pure.

A counter's life is cut at its quarters of an hour: what is known of it at the end of one (`Standing`) is all that the
next one needs. Whatever order readings arrived in, the same readings give the same quarters; the parts add up to the
difference of the ends, the ends of each epoch apart, and no part is below zero.
"""

from collections.abc import Sequence
from typing import NamedTuple

from solarhub.telemetry.rollups.vocabulary import Mark

BRIDGED_INTERVALS = 3
"""Reporting intervals after which silence is a gap."""
HEADROOM = 1.2
"""What a device can give, in multiples of its rated power."""
RESOLUTION_KWH = 1.0
"""The coarsest last digit that is usual: a counter may stand for a while and then move by as much."""
_IMPOSSIBLE = 10.0
"""Growth beyond so many times what the device could have given since the counter last moved is another counter's."""
_FLICKER_SHARE = 0.001
_NOTHING = Mark(0)


class Rules(NamedTuple):
    """How often a counter is told (s), the most its device gives (kW), and where its register ends (kWh).

    `is_daily`: it begins again at the device's midnight.
    """

    interval_seconds: float
    ceiling_kw: float | None = None
    register_kwh: float | None = None
    is_daily: bool = False

    @property
    def bridged_seconds(self) -> float:
        return BRIDGED_INTERVALS * self.interval_seconds

    def most_kwh(self, seconds: float) -> float | None:
        """The most that a counter can show more after so long; None where the rated power is not known."""
        return None if self.ceiling_kw is None else self.ceiling_kw * seconds / 3600 + RESOLUTION_KWH


class Standing(NamedTuple):
    """What a counter shows (kWh), when it was last told, and when it last moved: seconds since 1970."""

    kwh: float
    at: float
    moved_at: float


class Gap(NamedTuple):
    """Energy in kWh that belongs to a time (seconds since 1970) which began in an earlier quarter."""

    started: float
    ended: float
    kwh: float
    marks: Mark


class Walked(NamedTuple):
    """One quarter of a counter. `kwh` None: there was nothing to count from."""

    kwh: float | None
    gaps: Sequence[Gap]
    marks: Mark
    standing: Standing | None


class Step(NamedTuple):
    """From one reading to the next; `began` None: it belongs to the moment of the reading."""

    kwh: float
    began: float | None
    marks: Mark
    standing: Standing


def walk(
    readings: Sequence[tuple[float, float]], before: Standing | None, start: float, midnight: float, rules: Rules
) -> Walked:
    """The readings (seconds, kWh) of one quarter in the order of time, which began at `start`.

    `midnight` is where the site's day begins that the quarter lies in.
    """
    kwh: float | None = None
    gaps: list[Gap] = []
    marks = _NOTHING
    standing = before
    for at, value in readings:
        if standing is None:
            step = _first(at, value, midnight, rules)
            if step is None:
                standing = Standing(value, at, at)
                continue
        else:
            step = next_step(standing, at, value, midnight, rules)
        standing = step.standing
        kwh = kwh or 0.0
        if step.began is not None and step.began < start and step.kwh > 0:
            gaps.append(Gap(step.began, at, step.kwh, step.marks))
            continue
        kwh += step.kwh
        if step.marks is not _NOTHING:
            marks |= step.marks
    return Walked(kwh, gaps, marks, standing)


def next_step(before: Standing, at: float, kwh: float, midnight: float, rules: Rules) -> Step:
    """What became of a counter since it was last told."""
    if rules.is_daily:
        return _daily(before, at, kwh, midnight, rules)
    if kwh == before.kwh:
        return Step(0.0, None, _NOTHING, before._replace(at=at))
    return _fallen(before, at, kwh, rules) if kwh < before.kwh else _risen(before, at, kwh, rules)


def _first(at: float, kwh: float, midnight: float, rules: Rules) -> Step | None:
    """A daily counter has counted since midnight; a total tells nothing by itself."""
    if not rules.is_daily:
        return None
    return _after(at, kwh, grown=kwh, since=midnight, rules=rules)


def _daily(before: Standing, at: float, kwh: float, midnight: float, rules: Rules) -> Step:
    """Heard again on another day it has counted what it shows since midnight, be it as much as the day before.

    Unless that is more than its device can have given since: then its own midnight is still to come.
    """
    most = rules.most_kwh(at - midnight)
    if before.at < midnight <= at and (most is None or kwh <= most):
        silent = at - before.at > rules.bridged_seconds
        if kwh < before.kwh or (silent and kwh > 0):
            return _after(at, kwh, grown=kwh, since=midnight, rules=rules)
    if kwh > before.kwh:
        return _risen(before, at, kwh, rules)
    if kwh >= before.kwh / 2:
        return Step(0.0, None, _NOTHING, before._replace(at=at))
    return _after(at, kwh, grown=kwh, since=before.at, rules=rules)  # its own midnight, which is not the site's


def _risen(before: Standing, at: float, kwh: float, rules: Rules) -> Step:
    grown = kwh - before.kwh
    most = rules.most_kwh(at - before.at)
    if most is not None and grown > most:
        most_since = rules.most_kwh(at - before.moved_at) or most
        if grown > _IMPOSSIBLE * most_since:
            return Step(0.0, None, Mark.REPLACED, Standing(kwh, at, at))
        if at - before.moved_at > rules.bridged_seconds:
            silence = Mark.GAP if at - before.at > rules.bridged_seconds else _NOTHING
            return Step(grown, before.moved_at, silence | Mark.CATCH_UP, Standing(kwh, at, at))
        return Step(grown, None, Mark.CATCH_UP, Standing(kwh, at, at))
    return _after(at, kwh, grown=grown, since=before.at, rules=rules)


def _fallen(before: Standing, at: float, kwh: float, rules: Rules) -> Step:
    most = rules.most_kwh(at - before.moved_at)
    if rules.register_kwh is not None and before.kwh <= rules.register_kwh:
        rolled = kwh + rules.register_kwh - before.kwh
        if rolled <= (most if most is not None else rules.register_kwh / 4):
            return _after(at, kwh, grown=rolled, since=before.at, marks=Mark.ROLL_OVER, rules=rules)
    if kwh < before.kwh / 2:
        if most is None or kwh <= most:
            return _after(at, kwh, grown=kwh, since=before.at, marks=Mark.RESET, rules=rules)
    elif before.kwh - kwh <= max(RESOLUTION_KWH, _FLICKER_SHARE * before.kwh):
        # the last digit flickers: nothing was counted, and nothing will be on the way back up
        return Step(0.0, None, _NOTHING, before._replace(at=at))
    return Step(0.0, None, Mark.REPLACED, Standing(kwh, at, at))


def _after(at: float, kwh: float, *, grown: float, since: float, marks: Mark = _NOTHING, rules: Rules) -> Step:
    """Books growth to the reading, or to the silence before it when more was given than one interval can hold."""
    standing = Standing(kwh, at, at)
    if at - since <= rules.bridged_seconds:
        return Step(grown, None, marks, standing)
    at_once = rules.ceiling_kw is not None and grown <= rules.ceiling_kw * rules.interval_seconds / 3600
    if at_once or grown == 0:
        return Step(grown, None, marks, standing)
    return Step(grown, since, marks | Mark.GAP, standing)
