import json

import pytest

from tests.clients import created
from tests.organizations.company import Company


async def told(company: Company, *emails: str) -> None:
    for email in emails:
        await created(company.owner, f"{company.path}/invitations", {"email": email, "role": "viewer"})


async def test_what_went_out_is_listed_without_its_links(company: Company) -> None:
    await told(company, "a@example.org", "b@example.org")
    manager = await company.member("manager")
    answer = await manager.get(f"{company.path}/notifications")
    listed = answer.json()
    assert [each["recipient"] for each in listed["items"]] == ["b@example.org", "a@example.org"]
    # the hub is at work meanwhile
    assert {each["state"] for each in listed["items"]} <= {"pending", "sending", "sent"}
    assert "shi_" not in answer.text
    assert "sealed" not in answer.text
    assert listed["items"][0]["subject"] == "Invitation to Acme Solar"


async def test_pages_follow_one_another(company: Company) -> None:
    await told(company, *(f"{letter}@example.org" for letter in "abc"))
    seen: list[str] = []
    cursors: list[str | None] = []
    while len(seen) < 3:
        cursor = f"&cursor={cursors[-1]}" if cursors else ""
        page = (await company.owner.get(f"{company.path}/notifications?limit=1{cursor}")).json()
        seen += [each["recipient"][0] for each in page["items"]]
        cursors.append(page["next_cursor"])
    assert seen == ["c", "b", "a"]
    assert cursors[-1] is None


async def test_they_are_filtered(company: Company, subtests: pytest.Subtests) -> None:
    await told(company, "a@example.org", "b@example.org")
    for query, count in (
        ("channel=email", 2),
        ("channel=webhook", 0),
        ("event=invitation", 2),
        ("event=alert.opened", 0),
        ("state=failed", 0),
        ("recipient=a@example.org", 1),
        ("since=2100-01-01T00:00:00Z", 0),
    ):
        with subtests.test(query=query):
            assert (await company.owner.get(f"{company.path}/notifications?{query}")).json()["total"] == count


async def test_they_are_exported(company: Company) -> None:
    await told(company, "a@example.org")
    [line] = (await company.owner.get(f"{company.path}/notifications/export?format=jsonl")).text.splitlines()
    assert json.loads(line)["recipient"] == "a@example.org"
    assert (await company.owner.get(f"{company.path}/notifications/export")).text.count("\n") >= 2


async def test_viewers_and_installers_see_none(company: Company) -> None:
    for role in ("viewer", "installer"):
        member = await company.member(role)
        assert (await member.get(f"{company.path}/notifications")).status_code == 403
        assert (await member.get(f"{company.path}/notifications/export")).status_code == 403
