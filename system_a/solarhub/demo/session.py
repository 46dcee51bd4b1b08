"""The demo from beginning to end: a hub of its own, a plant entered into it, one day that passes before your eyes."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import httpx

from solarhub.demo.commissioning import commission
from solarhub.demo.day import Day
from solarhub.demo.hub import Hub, throw_away_hub
from solarhub.demo.replay import Acknowledged, Refused, replay
from solarhub.demo.rules import rules_of
from solarhub.demo.scene import Scene
from solarhub.demo.scoreboard import scoreboard
from solarhub.demo.seeding import seed
from solarhub.demo.views import View

_LOOK_SECONDS = 0.4
_LOOKS_UNTIL_QUIET = 4
_MOST_ALERTS = 500


class Session:
    """One showing of `day`; `shown` says that it was shown whole.

    `began` is when the command was given, on the monotonic clock.
    """

    def __init__(self, day: Day, *, port: int, speed: float, view: View, began: float) -> None:
        self._plant = day.plant
        self._day = day
        self._port = port
        self._view = view
        self._began = began
        self._scene = Scene(day.plant, f"http://127.0.0.1:{port}/", speed)
        self.shown = False
        self._scene.expect(day.samples[0].at, day.samples[-1].at, len(day.samples))

    async def run(self, *, stay: bool) -> None:
        """Shows the day; with `stay` the hub is then left running until this is cancelled.

        However this ends, the hub has ended and its directory is gone. Raises HubEnded, Refused.
        """
        self._view.say("Starting a hub of its own ...")
        with throw_away_hub(self._port) as hub:
            try:
                async with httpx.AsyncClient(base_url=hub.url, timeout=30) as client:
                    await _while_it_runs(hub, self._show(hub, client))
                if stay:
                    self._view.say(f"The hub stays up at {self._scene.page} until Ctrl-C removes every trace of it.")
                    await hub.ended()
            finally:
                self._view.say("Ending the hub ...")

    async def _show(self, hub: Hub, client: httpx.AsyncClient) -> None:
        await hub.ready(client)
        self._view.say(f"The hub was ready after {self._seconds:.1f} s.")
        seeded = await seed(hub.data_dir, hub.url, self._plant)
        client.headers["Authorization"] = f"Bearer {seeded.api_key}"
        self._view.say(f"The page, signed in (the link works once): {seeded.link}")
        entered = await commission(client, self._plant, str(seeded.organization_id))
        self._scene.rules = entered.rules
        self._scene.devices = entered.devices
        self._tell_of_the_season()
        with self._view:
            passing = asyncio.create_task(
                replay(
                    self._day.samples,
                    client=client,
                    tokens=entered.tokens,
                    speed=self._scene.speed,
                    on_acknowledged=self._acknowledged,
                    on_waiting=self._waiting,
                )
            )
            try:
                await self._watch(client, f"/api/v1/organizations/{entered.organization_id}/alerts", passing)
                await passing
            finally:
                passing.cancel()
        self._tell_the_score()
        self.shown = True

    async def _watch(self, client: httpx.AsyncClient, alerts: str, passing: asyncio.Task[None]) -> None:
        """Looks at the alerts until the day has passed and they have come to rest."""
        quiet = 0
        while quiet < _LOOKS_UNTIL_QUIET:
            await asyncio.sleep(_LOOK_SECONDS)
            had_passed = passing.done()
            news = self._scene.see(await _alerts(client, alerts), self._seconds)
            for event in news:
                self._view.happened(event)
            self._scene.tick(self._seconds)
            self._view.moved(self._scene)
            quiet = quiet + 1 if had_passed and not news else 0

    def _acknowledged(self, answer: Acknowledged) -> None:
        is_first = self._scene.first_sample_seconds is None
        self._scene.acknowledge(answer, self._seconds)
        if is_first:
            self._view.say(f"The first sample was acknowledged after {self._seconds:.1f} s.")
        self._view.moved(self._scene)

    def _waiting(self, device: str, reason: str) -> None:
        self._scene.waiting = f"{device}, {reason}"

    def _tell_of_the_season(self) -> None:
        """A winter's day that is replayed in summer has a high sun over dark panels."""
        minutes = round(self._day.daylight_gained.total_seconds() / 60)
        if abs(minutes) > 60:
            self._view.say(
                f"This day was recorded in another season: by the calendar the sun is now up {minutes:+} minutes, "
                "so what is judged by daylight finds more, or less, than it did then."
            )

    def _tell_the_score(self) -> None:
        scene, say = self._scene, self._view.say
        rules = rules_of(self._plant)
        say("")
        say(f"{'Alerts raised':<46}{'judged always':>15}{'by daylight':>15}")
        for line in scoreboard(rules, scene.count):
            say(f"{line.name:<46}{_cell(line.always):>15}{_cell(line.by_daylight):>15}")
        say("")
        say(rules[0]["description"])
        say(
            f"{scene.acknowledged:,} samples acknowledged, {scene.quarantined:,} values quarantined, "
            f"{len(scene.alerts)} alerts, {scene.open_alerts} of them still open."
        )
        if scene.first_sample_seconds is not None and scene.first_alert_seconds is not None:
            say(
                f"First sample after {scene.first_sample_seconds:.1f} s, first alert after "
                f"{scene.first_alert_seconds:.1f} s. {self._plant.credit}."
            )

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began


def _cell(count: int | None) -> str:
    return "-" if count is None else str(count)


async def _alerts(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """The organization's alerts, newest first; none while the hub cannot be asked."""
    try:
        response = await client.get(path, params={"limit": _MOST_ALERTS})
    except httpx.TransportError:
        return []
    if response.is_server_error:
        return []
    if not response.is_success:
        raise Refused.by(response)
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def _while_it_runs(hub: Hub, work: Coroutine[Any, Any, None]) -> None:
    """Does `work`, or raises HubEnded as soon as there is no hub to do it with."""
    tasks = [asyncio.create_task(work), asyncio.create_task(hub.ended())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
