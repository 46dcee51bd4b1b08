"""The demo for real: its own hub, the public API, one day, and what it must have raised."""

import re
from datetime import timedelta
from types import TracebackType
from typing import Self

import httpx

from solarhub.accounts.sessions import COOKIE
from solarhub.demo.day import Day
from solarhub.demo.hub import free_port
from solarhub.demo.plants import PLANTS
from solarhub.demo.scene import AlertEvent, Scene
from solarhub.demo.session import Session
from solarhub.kit.clock import now
from tests.oracle.day import expected_of_day, nearest_to_daylight_border
from tests.oracle.measurements import demo_rules

PECOS = PLANTS["pecos"]


class Notebook:
    """A view that remembers."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.events: list[AlertEvent] = []
        self.acknowledged = 0
        self.page = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        pass

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)
        if sentence.startswith("The page, signed in"):
            self.page = opened(sentence.rpartition(" ")[2])

    def moved(self, scene: Scene) -> None:
        self.acknowledged = scene.acknowledged

    def happened(self, event: AlertEvent) -> None:
        self.events.append(event)


def opened(link: str) -> str:
    """What a browser shows that opens the link."""
    hub, _, token = link.partition("/sign-in#")
    signed_in = httpx.post(f"{hub}/api/v1/sessions/link", json={"token": token})
    assert signed_in.status_code == 201, signed_in.text
    again = httpx.post(f"{hub}/api/v1/sessions/link", json={"token": token})
    assert again.status_code == 401
    return httpx.get(f"{hub}/", headers={"Cookie": f"{COOKIE}={signed_in.cookies[COOKIE]}"}).text


def day_that_nobody_can_see_differently() -> Day:
    """The newest whose samples keep away from the border of daylight, where two ways to place the sun may differ."""
    instant = now()
    while nearest_to_daylight_border((day := Day.of(PECOS, instant)).shift.days) < 0.02:
        instant -= timedelta(days=1)
    return day


async def test_the_alerts_of_the_replayed_day_are_the_oracles_to_the_sample() -> None:
    day = day_that_nobody_can_see_differently()
    view = Notebook()
    await Session(day, port=free_port(), speed=20_000, view=view, began=0.0).run(stay=False)

    assert view.acknowledged == len(day.samples) == 4053
    expected = expected_of_day(demo_rules(), day.shift.days)
    opened = [(alert.rule, alert.device, alert.triggered_at) for alert in expected]
    closed = [(alert.rule, alert.device, alert.resolved_at) for alert in expected if alert.resolved_at]
    assert len(opened) > 30
    assert sorted((event.rule, event.device, event.at) for event in view.events if event.opened) == sorted(opened)
    assert sorted((event.rule, event.device, event.at) for event in view.events if not event.opened) == sorted(closed)
    [told] = [sentence for sentence in view.sentences if sentence.startswith("The page, signed in")]
    assert "Demo Owner" in view.page
    assert re.search(r" http://127\.0\.0\.1:\d+/sign-in#shl_\S{43}$", told)
    assert any(sentence.split() == ["Grid", "frequency", "low", "0", "-"] for sentence in view.sentences)
