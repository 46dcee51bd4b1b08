import asyncio
import csv
import io

import httpx
import pytest

from tests.clients import People, refused
from tests.organizations.company import Company, founded

ROLES = ("owner", "admin", "manager", "viewer", "installer")


async def give(company: Company, by: httpx.AsyncClient, to: httpx.AsyncClient, role: str) -> httpx.Response:
    row = await company.member_row(to)
    tag = {"If-Match": f'"{row["version"]}"'}
    return await by.patch(f"{company.path}/members/{row['id']}", json={"role": role}, headers=tag)


async def dismiss(company: Company, by: httpx.AsyncClient, whom: httpx.AsyncClient) -> httpx.Response:
    row = await company.member_row(whom)
    return await by.delete(f"{company.path}/members/{row['id']}", headers={"If-Match": f'"{row["version"]}"'})


async def roles_of(company: Company) -> list[str]:
    rows = await company.fetch(
        "select role::text from organization_members where organization_id = $1 and removed_at is null", company.id
    )
    return sorted((row["role"] for row in rows), key=ROLES.index)


async def test_the_list_shows_who_belongs_and_managers_may_see_it(company: Company) -> None:
    manager = await company.member("manager")
    listed = (await manager.get(f"{company.path}/members")).json()
    assert listed["total"] == 2
    assert {row["role"]: row["state"] for row in listed["items"]} == {"owner": "joined", "manager": "joined"}
    assert {row["user_id"] for row in listed["items"]} == {
        str(company.people.ids[manager]),
        str(company.people.ids[company.owner]),
    }
    viewer = await company.member("viewer")
    assert (await viewer.get(f"{company.path}/members")).status_code == 403


async def test_the_list_is_filtered_searched_and_sorted(company: Company, subtests: pytest.Subtests) -> None:
    manager = await company.member("manager")
    await company.owner.post(
        f"{company.path}/invitations", json={"email": "a100%@example.org", "role": "viewer", "first_name": "Zubair"}
    )
    name = (await company.member_row(manager))["name"]
    for query, names in (
        ("state=invited", ["Zubair"]),
        ("role=manager", [name]),
        ("search=zub", ["Zubair"]),
        ("search=100%25", ["Zubair"]),
        ("search=%25", ["Zubair"]),
        ("state=joined&role=viewer", []),
    ):
        with subtests.test(query=query):
            rows = (await company.owner.get(f"{company.path}/members?{query}")).json()["items"]
            assert [row["name"] for row in rows] == names
    by_name = [row["name"] for row in (await company.owner.get(f"{company.path}/members")).json()["items"]]
    reverse = await company.owner.get(f"{company.path}/members?sort=-name")
    assert [row["name"] for row in reverse.json()["items"]] == by_name[::-1]
    assert by_name[-1] == "Zubair"


async def test_a_search_that_cannot_be_is_refused(company: Company, subtests: pytest.Subtests) -> None:
    for query, field in (
        ("search=a%00b", "search"),
        ("search=", "search"),
        ("sort=age", "sort"),
        ("role=boss", "role"),
    ):
        with subtests.test(query=query):
            [error] = refused(await company.owner.get(f"{company.path}/members?{query}"))
            assert error["field"] == field


async def test_the_list_is_exported_without_formulas(company: Company) -> None:
    viewer = await company.member("viewer")
    await company.fetch("update users set first_name = '=cmd()' where id = $1 returning id", company.people.ids[viewer])
    answer = await company.owner.get(f"{company.path}/members/export")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["name"] for row in rows} >= {"'=cmd() Khan"}
    lines = (await company.owner.get(f"{company.path}/members/export?format=jsonl")).text.splitlines()
    assert len(lines) == len(rows) == 2


async def test_owners_give_every_role_and_admins_all_but_the_owners(
    company: Company, subtests: pytest.Subtests
) -> None:
    admin, other = await company.member("admin"), await company.member("viewer")
    for role in ROLES:
        with subtests.test(role=role):
            assert (await give(company, admin, other, role)).status_code == (403 if role == "owner" else 200)
    assert (await give(company, company.owner, other, "owner")).status_code == 200
    assert (await give(company, admin, other, "viewer")).status_code == 403
    assert (await dismiss(company, admin, other)).status_code == 403
    assert (await give(company, company.owner, other, "viewer")).status_code == 200
    assert (await dismiss(company, admin, other)).status_code == 204


async def test_managers_and_below_change_nobody(company: Company, subtests: pytest.Subtests) -> None:
    other = await company.member("viewer")
    for role in ("manager", "viewer", "installer"):
        with subtests.test(role=role):
            somebody = await company.member(role)
            assert (await give(company, somebody, other, "installer")).status_code == 403
            assert (await dismiss(company, somebody, other)).status_code == 403


async def test_the_last_owner_stays(company: Company) -> None:
    await company.member("admin")
    answers = [
        await give(company, company.owner, company.owner, "admin"),
        await dismiss(company, company.owner, company.owner),
        await company.owner.post(f"{company.path}/leave"),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert {answer.json()["detail"] for answer in answers} == {
        "Somebody has to own the organization: make another member its owner first."
    }
    assert await roles_of(company) == ["owner", "admin"]


async def test_an_owner_whose_account_is_switched_off_is_no_other_owner(company: Company) -> None:
    second = await company.member("owner")
    await company.fetch("update users set is_active = false where id = $1", company.people.ids[second])
    assert (await company.owner.post(f"{company.path}/leave")).status_code == 409


async def test_of_two_owners_who_leave_at_once_one_stays(people: People) -> None:
    for _ in range(3):
        company = await founded(people)
        second = await company.member("owner")
        leave = f"{company.path}/leave"
        answers = await asyncio.gather(company.owner.post(leave), second.post(leave))
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        assert await roles_of(company) == ["owner"]


async def test_of_two_owners_who_demote_each_other_one_stays(company: Company) -> None:
    second = await company.member("owner")
    answers = await asyncio.gather(
        give(company, company.owner, second, "viewer"), give(company, second, company.owner, "viewer")
    )
    # whoever came second had lost the right by then, or found himself alone
    assert min(answer.status_code for answer in answers) == 200
    assert (await roles_of(company)).count("owner") == 1


async def test_an_owner_who_goes_leaves_the_organization_to_another(company: Company) -> None:
    second = await company.member("owner")
    assert (await company.owner.post(f"{company.path}/leave")).status_code == 204
    organization = (await second.get(company.path)).json()
    assert organization["owner_id"] == str(company.people.ids[second])
    assert (await company.owner.get(company.path)).status_code == 404
    assert "member.leave" in await company.audit()


async def test_an_edit_names_the_version_that_it_changes(company: Company) -> None:
    row = await company.member_row(await company.member("viewer"))
    path = f"{company.path}/members/{row['id']}"
    assert (await company.owner.patch(path, json={"role": "manager"})).status_code == 428
    assert (await company.owner.delete(path)).status_code == 428
    stale = await company.owner.patch(path, json={"role": "manager"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["current"]) == (412, 1)
    changed = await company.owner.patch(path, json={"role": "manager"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["role"], changed.json()["version"]) == ("manager", 2)
    again = await company.owner.delete(path, headers={"If-Match": '"1"'})
    assert again.status_code == 412


async def test_a_role_that_does_not_exist_is_refused(company: Company) -> None:
    viewer = await company.member("viewer")
    [error] = refused(await give(company, company.owner, viewer, "boss"))
    assert (error["field"], error["allowed"]) == ("role", list(ROLES))


async def test_somebody_elses_member_is_not_there(people: People, company: Company) -> None:
    theirs = await founded(people, "Beta Solar")
    row = await theirs.member_row(await theirs.member("viewer"))
    foreign = f"{company.path}/members/{row['id']}"
    nowhere = f"{company.path}/members/01a20000-0000-7000-8000-000000000000"
    answers = [
        await company.owner.patch(path, json={"role": "admin"}, headers={"If-Match": '"1"'})
        for path in (foreign, nowhere)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert (await theirs.owner.delete(foreign, headers={"If-Match": '"1"'})).status_code == 404


async def test_the_organization_is_given_to_a_member(company: Company) -> None:
    manager = await company.member("manager")
    answer = await company.owner.post(f"{company.path}/transfer", json={"user_id": str(company.people.ids[manager])})
    assert answer.status_code == 200
    assert answer.json()["owner_id"] == str(company.people.ids[manager])
    assert (await company.member_row(manager))["role"] == "owner"
    assert (await company.member_row(company.owner))["role"] == "admin"
    assert (await company.owner.post(f"{company.path}/transfer", json={})).status_code == 403
    acts = await company.audit()
    assert acts.count("organization.transfer") == 3


async def test_the_organization_is_given_to_nobody_else(
    people: People, company: Company, subtests: pytest.Subtests
) -> None:
    stranger = people.ids[await people.stranger()]
    await company.owner.post(f"{company.path}/invitations", json={"email": "soon@example.org", "role": "admin"})
    [invited] = await company.fetch("select id from users where email = 'soon@example.org'")
    for user_id in (stranger, invited["id"]):
        with subtests.test(user_id=user_id):
            answer = await company.owner.post(f"{company.path}/transfer", json={"user_id": str(user_id)})
            [error] = refused(answer)
            assert error["message"] == "is not a member of this organization"
    themselves = {"user_id": str(people.ids[company.owner])}
    assert (await company.owner.post(f"{company.path}/transfer", json=themselves)).status_code == 409
    admin = await company.member("admin")
    assert (await admin.post(f"{company.path}/transfer", json=themselves)).status_code == 403


async def test_those_who_run_the_hub_give_it_away_for_its_owner(company: Company, api: httpx.AsyncClient) -> None:
    viewer = await company.member("viewer")
    answer = await api.post(f"{company.path}/transfer", json={"user_id": str(company.people.ids[viewer])})
    assert answer.status_code == 200
    assert await roles_of(company) == ["owner", "admin"]
    assert (await api.post(f"{company.path}/leave")).status_code == 409
