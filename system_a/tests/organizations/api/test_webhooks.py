import json
from typing import Any

import pytest

from tests.clients import created, refused
from tests.organizations.company import Company

HOOK = {"url": "https://hooks.example.org/solar", "description": "Ticket system"}


async def made(company: Company) -> dict[str, Any]:
    return await created(company.owner, f"{company.path}/webhooks", HOOK)


async def test_a_webhook_is_made_with_a_secret_that_is_shown_once(company: Company) -> None:
    hook = await made(company)
    assert hook["secret"].startswith("whsec_")
    shown = await company.owner.get(f"{company.path}/webhooks/{hook['id']}")
    assert shown.headers["etag"] == '"1"'
    assert shown.json() == {key: value for key, value in hook.items() if key != "secret"}
    assert (await company.owner.get(f"{company.path}/webhooks")).json()["items"] == [shown.json()]
    [row] = await company.fetch("select * from webhooks")
    assert hook["secret"] not in str(row)
    assert hook["secret"] not in (await company.owner.get(f"{company.path}/audit")).text


async def test_a_webhook_is_changed_and_removed_at_the_version_that_was_read(company: Company) -> None:
    path = f"{company.path}/webhooks/{(await made(company))['id']}"
    assert (await company.owner.patch(path, json={"is_active": False})).status_code == 428
    changed = await company.owner.patch(path, json={"is_active": False}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["is_active"]) == (200, '"2"', False)
    stale = await company.owner.patch(path, json={"is_active": True}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await company.owner.delete(path, headers={"If-Match": '"1"'})).status_code == 412
    assert (await company.owner.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await company.owner.get(path)).status_code == 404
    assert "webhook.remove" in await company.audit()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/solar",
        "https://127.0.0.1/solar",
        "https://10.0.0.7/solar",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/solar",
        "https://0x7f.1/solar",
        "https://localhost/solar",
        "https://hooks.example.org:22/solar",
        "ftp://hooks.example.org/solar",
        "https://hooks.example.org/ solar",
        "nonsense",
    ],
)
async def test_an_address_that_leads_inside_is_refused(company: Company, url: str) -> None:
    [error] = refused(await company.owner.post(f"{company.path}/webhooks", json={**HOOK, "url": url}))
    assert error["field"] == "url"
    hook = await made(company)
    answer = await company.owner.patch(
        f"{company.path}/webhooks/{hook['id']}", json={"url": url}, headers={"If-Match": "*"}
    )
    [error] = refused(answer)
    assert error["field"] == "url"


async def test_a_test_message_waits_in_the_outbox_and_is_told_of(company: Company) -> None:
    hook = await made(company)
    for _ in range(2):
        answer = await company.owner.post(f"{company.path}/webhooks/{hook['id']}/test")
        assert (answer.status_code, answer.json()) == (202, {"event": "webhook.test", "queued": 1})
    rows = await company.fetch("select channel, recipient, content from notifications")
    assert [(row["channel"], row["recipient"]) for row in rows] == 2 * [("webhook", hook["id"])]
    assert json.loads(rows[0]["content"])["payload"]["organization_id"] == str(company.id)
    listed = await company.owner.get(f"{company.path}/notifications?event=webhook.test")
    assert listed.json()["total"] == 2
    path = f"{company.path}/webhooks/{hook['id']}"
    await company.owner.patch(path, json={"is_active": False}, headers={"If-Match": "*"})
    assert (await company.owner.post(f"{path}/test")).status_code == 409


async def test_there_is_an_end_to_how_many(company: Company) -> None:
    for _ in range(20):
        await made(company)
    assert (await company.owner.post(f"{company.path}/webhooks", json=HOOK)).status_code == 409


async def test_managers_have_no_business_with_webhooks(company: Company) -> None:
    hook = await made(company)
    manager = await company.member("manager")
    answers = [
        await manager.get(f"{company.path}/webhooks"),
        await manager.post(f"{company.path}/webhooks", json=HOOK),
        await manager.get(f"{company.path}/webhooks/{hook['id']}"),
        await manager.post(f"{company.path}/webhooks/{hook['id']}/test"),
    ]
    assert [answer.status_code for answer in answers] == 4 * [403]
