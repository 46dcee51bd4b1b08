import httpx
import pytest

from tests.clients import People
from tests.organizations.company import Company

VERBS = ("suspend", "reactivate", "close")


async def test_those_who_run_the_hub_suspend_take_back_and_close(company: Company, api: httpx.AsyncClient) -> None:
    for verb, status in (
        ("suspend", "suspended"),
        ("reactivate", "active"),
        ("close", "closed"),
        ("reactivate", "active"),
    ):
        answer = await api.post(f"{company.path}/{verb}")
        assert (answer.status_code, answer.json()["status"]) == (200, status)
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    assert [act for act in await company.audit() if act.startswith("organization.")] == [
        "organization.suspend",
        "organization.reactivate",
        "organization.close",
        "organization.reactivate",
    ]


@pytest.mark.parametrize(
    ("state", "verb"),
    [("active", "reactivate"), ("suspended", "suspend"), ("closed", "suspend"), ("closed", "close")],
)
async def test_an_impossible_move_says_how_it_stands(
    company: Company, api: httpx.AsyncClient, state: str, verb: str
) -> None:
    await company.fetch("update organizations set status = $2 where id = $1", company.id, state)
    answer = await api.post(f"{company.path}/{verb}")
    assert (answer.status_code, answer.json()["state"]) == (409, state)


async def test_nobody_else_moves_an_organization(people: People, company: Company, subtests: pytest.Subtests) -> None:
    stranger = await people.stranger()
    admin = await company.member("admin")
    for verb in VERBS:
        with subtests.test(verb=verb):
            assert (await company.owner.post(f"{company.path}/{verb}")).status_code == 403
            assert (await admin.post(f"{company.path}/{verb}")).status_code == 403
            assert (await stranger.post(f"{company.path}/{verb}")).status_code == 404
            assert (await people.anonymous().post(f"{company.path}/{verb}")).status_code == 401


async def test_while_suspended_everything_is_read_and_nothing_changed(company: Company, api: httpx.AsyncClient) -> None:
    await api.post(f"{company.path}/suspend")
    assert (await company.owner.get(f"{company.path}/members")).status_code == 200
    refused = [
        await company.owner.patch(company.path, json={"name": "New"}, headers={"If-Match": "*"}),
        await company.owner.post(f"{company.path}/invitations", json={"email": "a@example.org", "role": "viewer"}),
        await company.owner.post(f"{company.path}/leave"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert "suspended" in refused[0].json()["detail"]
