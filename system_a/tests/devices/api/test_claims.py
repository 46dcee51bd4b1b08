"""Claims on serial numbers, from both sides, and what the hub does between them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from solarhub.devices.settlement import settle
from solarhub.kit.db import Database, transaction
from tests.clients import KEYRING, PUBLIC_URL, People, Plant, commissioned, refused
from tests.conftest import TestDatabase
from tests.devices.inverters import NOWHERE, changed, entered


@dataclass
class Sides:
    """Who holds SN-1, and who has it in hand."""

    people: People
    worker: Database
    holder: httpx.AsyncClient
    held_at: Plant
    held: str
    claimant: httpx.AsyncClient
    claimed_at: Plant
    device_id: str

    async def claim(self, serial_number: str = "SN-1", **more: Any) -> httpx.Response:
        wish = {"device_id": self.device_id, "serial_number": serial_number} | more
        return await self.claimant.post(f"{self.claimed_at.path}/device-claims", json=wish)

    async def settle(self) -> int:
        """What the hub does by itself, at once and without waiting for a minute to pass."""
        await self.people.connection.execute("update device_claims set looked_at = null")
        async with transaction(self.worker) as session:
            looked_at = await settle(session, KEYRING, PUBLIC_URL)
        # the hub's own loop may have been there first: then it has ended now
        await self.people.connection.execute("select 1 from device_claims for update")
        return looked_at

    async def claims(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = (await self.claimant.get(f"{self.claimed_at.path}/device-claims")).json()[
            "items"
        ]
        return listed

    async def requests(self, state: str | None = None) -> list[dict[str, Any]]:
        query = {"state": state} if state else {}
        answer = await self.holder.get(f"{self.held_at.path}/device-claim-requests", params=query)
        listed: list[dict[str, Any]] = answer.json()["items"]
        return listed

    async def answer(self, verb: str) -> httpx.Response:
        [request] = await self.requests("open")
        return await self.holder.post(f"{self.held_at.path}/device-claim-requests/{request['id']}/{verb}")

    async def number_of(self, client: httpx.AsyncClient, url: str) -> str | None:
        number: str | None = (await client.get(url)).json()["serial_number"]
        return number

    async def numbers(self) -> tuple[str | None, str | None]:
        """What the holder's and the claimant's devices have."""
        claimed = f"{self.claimed_at.path}/devices/{self.device_id}"
        return await self.number_of(self.holder, self.held), await self.number_of(self.claimant, claimed)


@pytest.fixture
async def sides(api: httpx.AsyncClient, people: People, worker_database: Database) -> Sides:
    held_at, claimed_at = await commissioned(api, "Holder Solar"), await commissioned(api, "Claimant Solar")
    holder = await people.member(held_at.organization_id, "owner")
    claimant = await people.member(claimed_at.organization_id, "installer")
    held, _ = await entered(holder, held_at, serial_number="SN-1")
    _, device = await entered(claimant, claimed_at)
    return Sides(people, worker_database, holder, held_at, held, claimant, claimed_at, device["id"])


async def test_a_number_that_is_free_is_given_at_once(sides: Sides) -> None:
    assert (await sides.claim("FREE-1")).status_code == 202
    await sides.settle()
    [claim] = await sides.claims()
    assert (claim["state"], claim["settled_at"] is not None) == ("granted", True)
    assert await sides.numbers() == ("SN-1", "FREE-1")
    assert await sides.settle() == 0


async def test_nobody_learns_from_an_answer_whether_a_number_is_held(sides: Sides) -> None:
    """By a stranger, by oneself, by nobody: until the hub has looked, and while a stranger thinks about it."""
    await entered(sides.claimant, sides.claimed_at, name="Own", serial_number="OWN-1")
    seen = []
    async with sides.people.connection.transaction():
        await sides.people.connection.execute("select 1 from devices for no key update")  # the hub's loop waits
        for number in ("SN-1", "OWN-1", "FREE-1"):
            answer = await sides.claim(number, message="It is on our roof")
            seen.append((answer.status_code, answer.headers.get("location"), answer.json()))
            listed = await sides.claims()
            assert listed[0] == answer.json()
            withdrawn = await sides.claimant.post(
                f"{sides.claimed_at.path}/device-claims/{answer.json()['id']}/withdraw"
            )
            assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    changing = ("id", "created_at", "serial_number")
    assert (
        len(
            {str([status, place, {k: v for k, v in body.items() if k not in changing}]) for status, place, body in seen}
        )
        == 1
    )
    before = (await sides.claim()).json()
    await sides.settle()
    assert (await sides.claims())[0] == before  # asked the holder: the claimant sees no difference


async def test_the_holder_sees_who_asks_and_the_message_and_nothing_else(sides: Sides, database: TestDatabase) -> None:
    claim = (await sides.claim(message="It is on our roof now")).json()
    assert await sides.requests() == []
    await sides.settle()
    [request] = await sides.requests()
    assert (request["claimant_name"], request["message"]) == ("Claimant Solar", "It is on our roof now")
    assert (request["state"], request["answered_at"], request["answered_by"]) == ("open", None, None)
    assert sides.held.endswith(request["device_id"])
    for private in (claim["id"], claim["device_id"], claim["claimed_by"], sides.claimed_at.organization_id):
        assert private not in str(request)
    assert sides.held_at.organization_id not in str(await sides.claims())
    await sides.settle()
    assert len(await sides.requests()) == 1
    letters = database.fetch("select recipient, content, organization_id::text as o from notifications")
    [letter] = [row for row in letters if row["recipient"].startswith("person")]
    assert all(word in letter["content"] for word in ("Claimant Solar", "SN-1", "Inverter 1", PUBLIC_URL))
    assert "roof" not in letter["content"]
    assert letter["o"] == sides.held_at.organization_id


async def test_a_granted_number_moves_and_the_holders_tokens_end(sides: Sides, database: TestDatabase) -> None:
    token = (await sides.holder.post(f"{sides.held}/tokens")).json()["token"]
    await sides.claim()
    await sides.settle()
    granted = await sides.answer("grant")
    assert (granted.status_code, granted.json()["state"]) == (200, "granted")
    assert granted.json()["answered_by"] == str(sides.people.ids[sides.holder])
    assert await sides.numbers() == ("SN-1", None)
    await sides.settle()
    assert await sides.numbers() == (None, "SN-1")
    assert (await sides.claims())[0]["state"] == "granted"
    device = (await sides.holder.get(sides.held)).json()
    assert (device["removed_at"], device["name"]) == (None, "Inverter 1")
    sent = await sides.people.anonymous().post(
        "/api/v1/telemetry", json={"metrics": {"power_output": 1}}, headers={"Authorization": f"Bearer {token}"}
    )
    assert sent.status_code == 401
    told = database.fetch(
        "select action, actor_kind, organization_id::text as o from audit_entries where action like 'device.number%'"
    )
    assert {tuple(row.values()) for row in told} == {
        ("device.number_given_up", "hub", sides.held_at.organization_id),
        ("device.number_claimed", "hub", sides.claimed_at.organization_id),
    }


async def test_a_refused_claim_is_over_and_the_number_stays(sides: Sides) -> None:
    await sides.claim()
    await sides.settle()
    assert (await sides.answer("refuse")).json()["state"] == "refused"
    [request] = await sides.requests()
    again = await sides.holder.post(f"{sides.held_at.path}/device-claim-requests/{request['id']}/grant")
    assert (again.status_code, again.json()["state"]) == (409, "refused")
    await sides.settle()
    [claim] = await sides.claims()
    assert claim["state"] == "refused"
    assert await sides.numbers() == ("SN-1", None)
    for verb, body in (("withdraw", None), ("prove", {"token": "shd_" + "x" * 43})):
        late = await sides.claimant.post(f"{sides.claimed_at.path}/device-claims/{claim['id']}/{verb}", json=body)
        assert (late.status_code, late.json()["state"]) == (409, "refused")
    assert (await sides.claim()).status_code == 202


@pytest.mark.parametrize("was_asked", [True, False], ids=["asked-before", "at-once"])
async def test_whoever_shows_the_devices_token_needs_nobodys_consent(
    sides: Sides, database: TestDatabase, was_asked: bool
) -> None:
    token = (await sides.holder.post(f"{sides.held}/tokens")).json()["token"]
    claim = (await sides.claim()).json()
    if was_asked:
        await sides.settle()
    prove = f"{sides.claimed_at.path}/device-claims/{claim['id']}/prove"
    wrong = await sides.claimant.post(prove, json={"token": "shd_" + "x" * 43})
    assert (wrong.status_code, wrong.json()) == (202, claim)
    await sides.settle()
    assert (await sides.claims())[0] == claim
    right = await sides.claimant.post(prove, json={"token": token})
    assert (right.status_code, right.content) == (202, wrong.content)
    assert token not in str(database.fetch("select c::text, a::text from device_claims c, audit_entries a"))
    await sides.settle()
    assert (await sides.claims())[0]["state"] == "granted"
    assert await sides.numbers() == (None, "SN-1")
    assert [request["state"] for request in await sides.requests()] == ["proven"]
    assert database.fetch("select 1 from device_tokens where revoked_at is null") == []
    for given in ("shd_short", "x" * 47, 7):
        assert refused(await sides.claimant.post(prove, json={"token": given}))[0]["value"] == "***"


async def test_a_token_that_has_ended_proves_nothing(sides: Sides, database: TestDatabase) -> None:
    ended = (await sides.holder.post(f"{sides.held}/tokens")).json()["token"]
    await sides.holder.post(f"{sides.held}/tokens", json={"overlap_hours": 0})
    other, _ = await entered(sides.holder, sides.held_at, name="Other")
    elsewhere = (await sides.holder.post(f"{other}/tokens")).json()["token"]
    claim = (await sides.claim()).json()
    for token in (ended, elsewhere):
        await sides.claimant.post(f"{sides.claimed_at.path}/device-claims/{claim['id']}/prove", json={"token": token})
        await sides.settle()
        assert (await sides.claims())[0]["state"] == "pending"
        [row] = database.fetch("select proof_sha256 from device_claims")
        assert row["proof_sha256"] is None


async def test_of_two_claimants_one_gets_the_number_and_the_other_asks_on(
    sides: Sides, api: httpx.AsyncClient, people: People
) -> None:
    third = await commissioned(api, "Third Solar")
    client = await people.member(third.organization_id, "manager")
    url, device = await entered(client, third)
    await sides.claim()
    await client.post(
        f"{third.path}/device-claims", json={"device_id": device["id"], "serial_number": "SN-1", "message": "Ours"}
    )
    await sides.settle()
    for request in await sides.requests("open"):
        await sides.holder.post(f"{sides.held_at.path}/device-claim-requests/{request['id']}/grant")
    await sides.settle()
    numbers = [*await sides.numbers(), await sides.number_of(client, url)]
    assert numbers == [None, "SN-1", None]
    await sides.settle()  # the one who came second now asks the one who has it
    boss = await people.member(sides.claimed_at.organization_id, "owner")
    asked = (await boss.get(f"{sides.claimed_at.path}/device-claim-requests?state=open")).json()["items"]
    assert [request["claimant_name"] for request in asked] == ["Third Solar"]


async def test_a_holder_who_removes_the_device_meanwhile_leaves_the_number_free(sides: Sides) -> None:
    await sides.claim()
    await sides.settle()
    await sides.holder.delete(sides.held, headers={"If-Match": "*"})
    await sides.settle()
    assert await sides.numbers() == (None, "SN-1")
    assert [request["state"] for request in await sides.requests()] == ["lapsed"]


async def test_a_number_that_moves_on_takes_the_question_along(sides: Sides) -> None:
    await sides.claim()
    await sides.settle()
    await changed(sides.holder, sides.held, serial_number="CORRECTED")
    other, _ = await entered(sides.holder, sides.held_at, name="Right one", serial_number="SN-1")
    await sides.settle()
    states = {request["device_id"]: request["state"] for request in await sides.requests()}
    assert states == {sides.held.rsplit("/", 1)[1]: "lapsed", other.rsplit("/", 1)[1]: "open"}

    # … and back again: the first question is asked anew
    await changed(sides.holder, other, serial_number=None)
    await changed(sides.holder, sides.held, serial_number="SN-1")
    await sides.settle()
    states = {request["device_id"]: request["state"] for request in await sides.requests()}
    assert states == {sides.held.rsplit("/", 1)[1]: "open", other.rsplit("/", 1)[1]: "lapsed"}


async def test_a_claim_ends_with_its_device_and_when_it_is_withdrawn(sides: Sides) -> None:
    claim = (await sides.claim()).json()
    await sides.settle()
    await sides.claimant.post(f"{sides.claimed_at.path}/device-claims/{claim['id']}/withdraw")
    await sides.settle()
    assert [request["state"] for request in await sides.requests()] == ["lapsed"]
    await sides.claim()
    manager = await sides.people.member(sides.claimed_at.organization_id, "manager")
    device = f"{sides.claimed_at.path}/devices/{sides.device_id}"
    assert (await manager.delete(device, headers={"If-Match": "*"})).status_code == 204
    assert {claim["state"] for claim in await sides.claims()} == {"withdrawn"}


async def test_a_device_that_is_being_edited_is_left_for_the_next_time(sides: Sides, app_database: Database) -> None:
    await sides.claim("FREE-1")
    async with transaction(app_database, [UUID(sides.claimed_at.organization_id)]) as editing:
        await (await editing.connection()).exec_driver_sql("select 1 from devices for update")
        await sides.settle()
        assert (await sides.claims())[0]["state"] == "pending"
    await sides.settle()
    assert (await sides.claims())[0]["state"] == "granted"


async def test_a_device_has_one_open_claim_and_must_be_ones_own(sides: Sides) -> None:
    assert (await sides.claim()).status_code == 202
    assert (await sides.claim("OTHER")).status_code == 409
    refusals = [
        await sides.claimant.post(
            f"{sides.claimed_at.path}/device-claims", json={"device_id": device_id, "serial_number": "SN-1"}
        )
        for device_id in (sides.held.rsplit("/", 1)[1], NOWHERE)
    ]
    assert [refused(answer)[0]["field"] for answer in refusals] == ["device_id", "device_id"]
    messages = {answer.text.replace(refused(answer)[0]["value"], "…") for answer in refusals}
    assert len(messages) == 1
    for wrong in ({"serial_number": ""}, {"message": "x" * 501}, {"holder": "x"}, {"serial_number": "x\0"}):
        refused(await sides.claim(**{"serial_number": "SN-1"} | wrong))


async def test_claims_are_made_so_often_and_then_no_more(sides: Sides, database: TestDatabase) -> None:
    for _ in range(20):
        assert (await sides.claim("N")).status_code in (202, 409)
    answer = await sides.claim("N")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 60
    assert len(database.fetch("select 1 from device_claims")) == 1


async def test_foreign_claims_and_requests_are_not_there(sides: Sides, subtests: pytest.Subtests) -> None:
    claim = (await sides.claim()).json()
    await sides.settle()
    [request] = await sides.requests()
    stranger = await sides.people.member(sides.claimed_at.organization_id, "owner")
    for client, path, found in (
        (sides.holder, f"{sides.held_at.path}/device-claims/{{}}/withdraw", claim["id"]),
        (sides.holder, f"{sides.held_at.path}/device-claims/{{}}/prove", claim["id"]),
        (stranger, f"{sides.claimed_at.path}/device-claim-requests/{{}}/grant", request["id"]),
        (stranger, f"{sides.claimed_at.path}/device-claim-requests/{{}}/refuse", request["id"]),
    ):
        with subtests.test(path):
            answers = [
                await client.post(path.format(each), json={"token": "shd_" + "x" * 43}) for each in (found, NOWHERE)
            ]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
    assert (await sides.holder.get(f"{sides.held_at.path}/device-claims")).json()["items"] == []
    assert (await stranger.get(f"{sides.claimed_at.path}/device-claim-requests")).json()["items"] == []


async def test_who_may_claim_and_who_may_answer(sides: Sides, subtests: pytest.Subtests) -> None:
    plant = sides.claimed_at
    for role in ("owner", "admin", "manager", "installer", "viewer"):
        client = await sides.people.member(plant.organization_id, role)
        with subtests.test(role):
            claims = await client.get(f"{plant.path}/device-claims")
            requests = await client.get(f"{plant.path}/device-claim-requests")
            assert claims.status_code == (403 if role == "viewer" else 200)
            assert requests.status_code == (200 if role in ("owner", "admin") else 403)
    guest = await sides.people.guest(plant.site_id, "manager")
    wish = {"device_id": sides.device_id, "serial_number": "SN-1"}
    assert (await guest.post(f"{plant.path}/device-claims", json=wish)).status_code == 403


async def test_both_lists_are_exported_and_narrowed(sides: Sides) -> None:
    claim = (await sides.claim()).json()
    await sides.settle()
    [request] = await sides.requests()
    exported = await sides.claimant.get(f"{sides.claimed_at.path}/device-claims/export?format=jsonl&state=pending")
    assert exported.json() == claim
    exported = await sides.holder.get(f"{sides.held_at.path}/device-claim-requests/export?format=jsonl&state=open")
    assert exported.json() == request
    for query in ("state=granted", f"device_id={NOWHERE}"):
        assert (await sides.claimant.get(f"{sides.claimed_at.path}/device-claims?{query}")).json()["items"] == []
    assert await sides.requests("refused") == []
    table = await sides.holder.get(f"{sides.held_at.path}/device-claim-requests/export?format=csv")
    assert len(table.text.splitlines()) == 2
