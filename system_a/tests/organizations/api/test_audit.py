import csv
import io
import json

import pytest

from tests.clients import People, refused
from tests.organizations.company import Company, founded


async def busy(company: Company) -> None:
    """Five changes of the organization's name."""
    for number in range(5):
        await company.owner.patch(company.path, json={"name": f"Acme {number}"}, headers={"If-Match": "*"})


async def test_who_did_what_is_told_newest_first(company: Company) -> None:
    await busy(company)
    listed = (await company.owner.get(f"{company.path}/audit")).json()
    assert [entry["after"]["name"] for entry in listed["items"]] == [f"Acme {number}" for number in (4, 3, 2, 1, 0)]
    newest = listed["items"][0]
    assert (newest["action"], newest["target_type"], newest["target_id"]) == (
        "organization.change",
        "organization",
        str(company.id),
    )
    assert newest["before"] == {"name": "Acme 3"}
    assert (newest["actor_kind"], newest["actor_id"]) == ("person", str(company.people.ids[company.owner]))
    assert newest["actor_name"].startswith("Person")
    assert newest["address"] == "127.0.0.1"
    assert newest["request_id"]


async def test_pages_follow_one_another_while_the_log_grows(company: Company) -> None:
    await busy(company)
    path = f"{company.path}/audit"
    first = (await company.owner.get(f"{path}?limit=2")).json()
    await busy(company)
    second = (await company.owner.get(f"{path}?limit=2&cursor={first['next_cursor']}")).json()
    third = (await company.owner.get(f"{path}?limit=2&cursor={second['next_cursor']}")).json()
    seen = [entry["after"]["name"] for page in (first, second, third) for entry in page["items"]]
    assert seen == [f"Acme {number}" for number in (4, 3, 2, 1, 0)]
    assert third["next_cursor"] is None
    assert third["total"] == 10


async def test_the_log_is_filtered(company: Company, subtests: pytest.Subtests) -> None:
    await busy(company)
    admin = await company.member("admin")
    await admin.post(f"{company.path}/invitations", json={"email": "a@example.org", "role": "viewer"})
    entries = (await company.owner.get(f"{company.path}/audit")).json()["items"]
    oldest = entries[-1]
    for query, count in (
        ({"action": "organization.change"}, 5),
        ({"kind": "member"}, 1),
        ({"target": str(company.id)}, 5),
        ({"actor": str(company.people.ids[admin])}, 1),
        ({"since": entries[1]["at"]}, 2),
        ({"until": oldest["at"]}, 0),
        ({"since": oldest["at"], "until": entries[1]["at"]}, 4),
        ({"action": "nothing.happened"}, 0),
    ):
        with subtests.test(query=next(iter(query))):
            found = (await company.owner.get(f"{company.path}/audit", params=query)).json()
            assert (len(found["items"]), found["total"]) == (count, count)


async def test_the_log_is_exported(company: Company) -> None:
    await company.owner.patch(company.path, json={"name": "=HYPERLINK()"}, headers={"If-Match": "*"})
    answer = await company.owner.get(f"{company.path}/audit/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert row["action"] == "organization.change"
    assert not any(cell.startswith("=") for cell in row.values())
    [line] = (await company.owner.get(f"{company.path}/audit/export?format=jsonl")).text.splitlines()
    assert json.loads(line)["after"] == {"name": "=HYPERLINK()"}


async def test_owners_alone_read_it(company: Company, subtests: pytest.Subtests) -> None:
    for role in ("admin", "manager", "viewer", "installer"):
        with subtests.test(role=role):
            member = await company.member(role)
            assert (await member.get(f"{company.path}/audit")).status_code == 403
            assert (await member.get(f"{company.path}/audit/export")).status_code == 403


async def test_it_holds_nothing_of_others(people: People, company: Company) -> None:
    other = await founded(people, "Beta Solar")
    await busy(other)
    assert (await company.owner.get(f"{company.path}/audit")).json()["items"] == []


async def test_a_page_that_cannot_be_is_refused(company: Company, subtests: pytest.Subtests) -> None:
    for query, field in (
        ("cursor=nonsense", "cursor"),
        ("limit=501", "limit"),
        ("since=yesterday", "since"),
        ("since=2026-06-01T00:00:00", "since"),
        ("until=9999-12-31T23:59:59-12:00", "until"),
        ("action=a%00b", "action"),
        ("kind=%00", "kind"),
        ("actor=me", "actor"),
        ("page=2", "page"),
    ):
        with subtests.test(query=query):
            [error] = refused(await company.owner.get(f"{company.path}/audit?{query}"))
            assert error["field"] == field
