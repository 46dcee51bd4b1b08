import asyncio
import html
import re
from datetime import timedelta
from uuid import UUID

import httpx

from solarhub.kit.clock import now
from tests.clients import People, commissioned, created
from tests.fleet.reporting import report


async def test_the_page_shows_the_worst_plant_first_with_its_alert_and_each_plants_figures(
    api: httpx.AsyncClient,
) -> None:
    quiet, loud = await commissioned(api, "A quiet one"), await commissioned(api, "Loud & <b>bold</b>")
    noon = (now() - timedelta(days=2)).replace(hour=7, minute=0, second=0, microsecond=0)  # in Pakistan
    hour = [noon + timedelta(minutes=minute) for minute in range(61)]
    await report(api, quiet, "Inverter 1", [(at, {"power_output": 2.0}) for at in hour])
    await report(api, quiet, "Inverter 2", [(at, {"power_output": 3.0}) for at in hour])
    await report(api, quiet, "Meter", [(at, {"power_output": 100.0}) for at in hour], kind="meter")
    condition = {"metric": "power_output", "operator": "lt", "threshold": 1}
    await created(api, f"{loud.path}/alert-rules", {"name": "Low", "condition": condition, "severity": "critical"})
    await report(api, loud, "Inverter 9", [(now(), {"power_output": 0.25})])

    async with asyncio.timeout(20):
        while "Inverter 9 is" not in (text := (await api.get("/")).text):
            continue
    first, second = re.findall(r"<article.*?</article>", text, re.DOTALL)
    assert 'class="critical"' in first
    assert "Loud &amp; &lt;b&gt;bold&lt;/b&gt; plant" in first
    assert "Power output of Inverter 9 is 0.25 kW, below 1 kW" in first
    assert re.search(r"Power now</dt>\s*<dd class=\"\"><bdi>0.25 kW", first)
    assert re.search(rf"Energy on {noon:%-d %b}</dt>\s*<dd><bdi>5.00 kWh", second)
    assert re.search(r"Last power</dt>\s*<dd class=\"old\"><bdi>5.00 kW", second)
    assert "polyline" in second


async def test_the_page_carries_a_policy_of_its_own(api: httpx.AsyncClient) -> None:
    answers = [await api.get("/") for _ in range(2)]
    policies = [answer.headers["content-security-policy"] for answer in answers]
    assert policies[0] != policies[1]
    nonce = re.findall(r"'nonce-([^']+)'", policies[0])
    assert answers[0].text.count(f'nonce="{nonce[0]}"') == 2
    assert "frame-ancestors 'none'" in policies[0]
    assert "unsafe" not in policies[0]
    assert answers[0].headers["content-type"] == "text/html; charset=utf-8"
    assert answers[0].headers["cache-control"] == "no-store"


async def test_whoever_is_not_signed_in_is_shown_the_way(people: People) -> None:
    answer = await people.anonymous().get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    expired = await people.signed_in(await people.user(), expires="-1 hour")
    assert (await expired.get("/")).status_code == 303


async def test_each_sees_the_own_plants(api: httpx.AsyncClient, people: People) -> None:
    acme, beta = await commissioned(api, "Acme"), await commissioned(api, "Beta")
    lent = await created(api, f"{acme.path}/sites", {"name": "Lent roof", "latitude": 31.5, "longitude": 74.3})
    guest, member = await people.guest(lent["id"]), await people.member(beta.organization_id, "viewer")
    stranger = await people.stranger()

    def plants(answer: httpx.Response) -> set[str]:
        return set(re.findall(r'<h2><bdi class="">(.*?)</bdi>', answer.text))

    assert plants(await api.get("/")) == {"Acme plant", "Lent roof", "Beta plant"}
    assert plants(await guest.get("/")) == {"Lent roof"}
    assert plants(await member.get("/")) == {"Beta plant"}
    nothing = await stranger.get("/")
    assert plants(nothing) == set()
    assert "No plant yet." in nothing.text


async def test_whoever_wants_it_is_shown_only_what_needs_attention_and_as_often_as_they_want(
    api: httpx.AsyncClient, people: People
) -> None:
    fine, silent = await commissioned(api, "Fine"), await commissioned(api, "Silent")
    await report(api, fine, "Inverter 1", [(now(), {"power_output": 2.0})])
    await report(api, silent, "Inverter 1", [(now(), {"power_output": 2.0})])
    await people.connection.execute("update devices set status = 'offline' where site_id = $1", UUID(silent.site_id))
    person = await people.super_admin()

    async def shown(**asked: str) -> tuple[set[str], str]:
        text = (await person.get("/", params=asked)).text
        [current] = re.findall(r'<a href="\?([^"]*)" aria-current="page">', text)
        return set(re.findall(r'<h2><bdi class="">(.*?) plant</bdi>', text)), html.unescape(current)

    assert await shown() == ({"Fine", "Silent"}, "view=overview")
    assert await shown(view="attention") == ({"Silent"}, "view=attention")
    me = (await person.get("/api/v1/me")).json()
    wanted = {**me["preferences"], "dashboard": {"default_view": "attention", "refresh_interval": 45}}
    version = {"If-Match": f'"{me["version"]}"'}
    assert (await person.patch("/api/v1/me", json={"preferences": wanted}, headers=version)).status_code == 200
    assert await shown() == ({"Silent"}, "view=attention")
    assert await shown(view="overview") == ({"Fine", "Silent"}, "view=overview")
    assert await shown(view="no_such_view", language="en") == ({"Fine", "Silent"}, "language=en&view=overview")
    assert 'http-equiv="refresh" content="45"' in (await person.get("/")).text
    own = (await person.get("/account")).text
    assert '<option value="attention" selected>' in own
    assert 'value="45"' in own


async def test_an_organization_that_asks_for_a_second_factor_is_named_instead_of_shown(
    api: httpx.AsyncClient, people: People
) -> None:
    plant = await commissioned(api, "Strict")
    admin = await people.member(plant.organization_id, "admin")
    await people.connection.execute(
        "update organizations set settings = '{\"require_second_factor\": true}'"
        f" where id = '{plant.organization_id}'"
    )
    answer = await admin.get("/")
    assert "Strict asks for a second factor" in answer.text
    assert "Strict plant" not in answer.text
