import asyncio
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from tests.calling import HOST
from tests.clients import People, created, refused
from tests.organizations.company import Company, founded

PASSWORD = "mango kettle seventeen rooftops"
BILAL = {"email": "Bilal@Example.org", "role": "manager", "first_name": "Bilal", "last_name": "Ahmed"}
LOOK, ACCEPT = "/api/v1/invitations/look", "/api/v1/invitations/accept"


async def invited(company: Company, **change: Any) -> dict[str, Any]:
    return await created(company.owner, f"{company.path}/invitations", {**BILAL, **change})


def token_of(invitation: dict[str, Any]) -> str:
    link, _, token = invitation["link"].partition("#")
    assert link == f"https://{HOST}/invitation"
    return str(token)


async def accept(client: httpx.AsyncClient, invitation: dict[str, Any], **told: Any) -> httpx.Response:
    return await client.post(ACCEPT, json={"token": token_of(invitation), **told})


async def somebody(company: Company, email: str, *, has_password: bool = True) -> httpx.AsyncClient:
    """A person with an account of their own, signed in."""
    user_id = await company.people.user(email=email)
    if has_password:
        await company.fetch("update users set password_hash = 'theirs' where id = $1", user_id)
    return await company.people.signed_in(user_id)


async def test_an_invitation_is_handed_over_in_three_ways_and_by_mail(company: Company) -> None:
    made = await invited(company, phone="0300 1234567")
    token = token_of(made)
    assert made["qr_svg"].startswith("<svg")
    number, _, text = made["whatsapp_link"].partition("?text=")
    assert number == "https://wa.me/923001234567"
    assert unquote(text).endswith(made["link"])
    assert "Acme Solar" in unquote(text)
    [member] = await company.fetch(
        "select invitation_token, invitation_accepted, joined_at, invited_email, invitation_expires - now() as left"
        " from organization_members where id = $1::text::uuid",
        made["id"],
    )
    assert token not in str(member)
    assert len(member["invitation_token"]) == 64
    assert (member["invitation_accepted"], member["joined_at"]) == (False, None)
    assert member["invited_email"] == "bilal@example.org"
    assert 6.99 < member["left"].total_seconds() / 86400 <= 7
    [mail] = await company.fetch("select * from notifications where organization_id = $1", company.id)
    assert (mail["recipient"], mail["event"], mail["channel"]) == ("bilal@example.org", "invitation", "email")
    assert token not in str(mail)
    assert mail["user_id"] is None


async def test_nobody_learns_whether_there_is_an_account(company: Company, subtests: pytest.Subtests) -> None:
    known = await somebody(company, "known@example.org")
    out_of_use = await company.people.user(email="gone@example.org", active=False)
    await company.fetch("update users set phone = '+92 300 7654321' where id = $1", company.people.ids[known])
    shapes = []
    for email in ("known@example.org", "gone@example.org", "new@example.org"):
        with subtests.test(email=email):
            made = await invited(company, email=email)
            listed = (await company.owner.get(f"{company.path}/members?state=invited&search={email}")).json()["items"]
            assert [(row["email"], row["name"], row["phone"], row["user_id"]) for row in listed] == [
                (email, "Bilal Ahmed", None, None)
            ]
            shapes.append({key: value is None for key, value in made.items()})
            told = (await company.owner.get(f"{company.path}/audit", params={"target": made["id"]})).text
            assert str(company.people.ids[known]) not in told
            assert str(out_of_use) not in told
    assert shapes[0] == shapes[1] == shapes[2]
    mails = (await company.owner.get(f"{company.path}/notifications")).json()["items"]
    assert len({mail["text"] for mail in mails}) == 1


async def test_somebody_without_an_account_joins_with_a_password(company: Company) -> None:
    made = await invited(company)
    nobody = company.people.anonymous()
    seen = (await nobody.post(LOOK, json={"token": token_of(made)})).json()
    assert seen["next_step"] == "set_password"
    assert (seen["organization_name"], seen["email"], seen["role"], seen["name"]) == (
        "Acme Solar",
        "bilal@example.org",
        "manager",
        "Bilal Ahmed",
    )
    assert {error["field"] for error in refused(await accept(nobody, made))} == {"password"}
    short = refused(await accept(nobody, made, password="short"))
    assert [(error["field"], error["value"]) for error in short] == [("password", "***")]
    answer = await accept(nobody, made, first_name="Bilal", last_name="Siddiqui", password=PASSWORD)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "organization_id": str(company.id),
        "organization_name": "Acme Solar",
        "role": "manager",
        "site_id": None,
        "site_name": None,
    }
    [user] = await company.fetch("select * from users where email = 'bilal@example.org'")
    assert (user["first_name"], user["last_name"], user["is_verified"]) == ("Bilal", "Siddiqui", False)
    assert user["password_hash"].startswith("$argon2id$")
    bilal = await company.people.signed_in(user["id"])
    assert (await bilal.get(company.path)).status_code == 200
    assert [act for act in await company.audit() if act.startswith("member")] == ["member.invite", "member.join"]
    assert (await accept(nobody, made, password=PASSWORD)).status_code == 404


async def test_the_names_that_the_inviter_wrote_are_taken_where_nothing_else_is_said(company: Company) -> None:
    assert (await accept(company.people.anonymous(), await invited(company), password=PASSWORD)).status_code == 200
    [user] = await company.fetch("select first_name, last_name from users where email = 'bilal@example.org'")
    assert user == {"first_name": "Bilal", "last_name": "Ahmed"}


async def test_whoever_has_an_account_signs_in_first(company: Company) -> None:
    theirs = await somebody(company, "bilal@example.org")
    made = await invited(company)
    nobody = company.people.anonymous()
    assert (await nobody.post(LOOK, json={"token": token_of(made)})).json()["next_step"] == "sign_in"
    answer = await accept(nobody, made, first_name="Not", last_name="Bilal", password=PASSWORD)
    assert answer.status_code == 401
    assert "sign in" in answer.json()["detail"]
    assert (await theirs.post(LOOK, json={"token": token_of(made)})).json()["next_step"] == "accept"
    assert (await accept(theirs, made)).status_code == 200
    assert (await company.member_row(theirs))["state"] == "joined"
    [user] = await company.fetch("select password_hash from users where email = 'bilal@example.org'")
    assert user["password_hash"] == "theirs"


async def test_somebody_else_is_told_whom_it_is_for(company: Company) -> None:
    made = await invited(company)
    other = await company.people.stranger()
    assert (await other.post(LOOK, json={"token": token_of(made)})).json()["next_step"] == "sign_out"
    answer = await accept(other, made)
    assert answer.status_code == 409
    assert answer.json()["email"] == "bilal@example.org"


async def test_an_invitation_stays_with_an_account_that_changes_its_address(company: Company) -> None:
    theirs = await somebody(company, "bilal@example.org")
    made = await invited(company)
    await company.fetch("update users set email = 'new@example.org' where id = $1", company.people.ids[theirs])
    [listed] = (await company.owner.get(f"{company.path}/members?state=invited")).json()["items"]
    assert listed["email"] == "bilal@example.org"
    assert (await accept(theirs, made)).status_code == 200


@pytest.mark.parametrize("held", ["membership", "grant", "super_admin"])
async def test_a_link_lets_nobody_into_an_account_that_is_somebodys(
    people: People, company: Company, held: str
) -> None:
    """Somebody entered by others has no password yet; whoever invites them elsewhere holds a link too."""
    user_id = await people.user("super_admin" if held == "super_admin" else "viewer", email="bilal@example.org")
    elsewhere = await founded(people, "Beta Solar")
    if held == "membership":
        await elsewhere.fetch(
            "insert into organization_members (organization_id, user_id, role, joined_at)"
            " values ($1, $2, 'owner', now())",
            elsewhere.id,
            user_id,
        )
    elif held == "grant":
        await elsewhere.fetch(
            "insert into site_grants (organization_id, site_id, user_id, role, granted_by, accepted_at)"
            " values ($1, $2, $3, 'viewer', $3, now())",
            elsewhere.id,
            elsewhere.site_id,
            user_id,
        )
    made = await invited(company)
    nobody = people.anonymous()
    assert (await nobody.post(LOOK, json={"token": token_of(made)})).json()["next_step"] == "sign_in"
    assert (await accept(nobody, made, password=PASSWORD)).status_code == 401
    [user] = await company.fetch("select password_hash from users where id = $1", user_id)
    assert user["password_hash"] == "!"


async def test_of_eight_who_take_it_up_at_once_one_wins(company: Company) -> None:
    made = await invited(company)
    clients = [company.people.anonymous() for _ in range(8)]
    answers = await asyncio.gather(*(accept(client, made, password=PASSWORD) for client in clients))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    # whoever came second found the link used, or the account completed a moment ago
    assert set(codes[1:]) <= {404, 409, 401}
    assert len(codes[1:]) == 7
    assert (await company.audit()).count("member.join") == 1


async def test_of_eight_windows_of_one_person_one_wins(company: Company) -> None:
    theirs = await somebody(company, "bilal@example.org")
    made = await invited(company)
    answers = await asyncio.gather(*(accept(theirs, made) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + 7 * [404]
    assert (await company.audit()).count("member.join") == 1


async def test_two_links_for_one_new_account_set_one_password(people: People, company: Company) -> None:
    other = await founded(people, "Beta Solar")
    ours, theirs = await invited(company), await invited(other)
    answers = await asyncio.gather(
        accept(people.anonymous(), ours, password=PASSWORD),
        accept(people.anonymous(), theirs, password=f"{PASSWORD} two"),
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes in ([200, 409], [200, 401])
    joined = await company.fetch(
        "select organization_id from organization_members m join users u on u.id = m.user_id"
        " where u.email = 'bilal@example.org' and joined_at is not null"
    )
    assert len(joined) == 1


async def test_a_link_that_leads_nowhere_says_the_same_whatever_the_reason(company: Company) -> None:
    ran_out = await invited(company, email="a@example.org")
    await company.fetch(
        "update organization_members set invitation_expires = now() - interval '1 second' where invited_email = $1",
        "a@example.org",
    )
    withdrawn = await invited(company, email="b@example.org")
    assert (await company.owner.delete(f"{company.path}/invitations/{withdrawn['id']}")).status_code == 204
    replaced = await invited(company, email="c@example.org")
    assert (await company.owner.post(f"{company.path}/invitations/{replaced['id']}/resend")).status_code == 200
    nobody = company.people.anonymous()
    tokens = [*map(token_of, (ran_out, withdrawn, replaced)), "shi_" + 43 * "x", "nonsense"]
    for path in (LOOK, ACCEPT):
        answers = [await nobody.post(path, json={"token": token}) for token in tokens]
        assert [answer.status_code for answer in answers] == 5 * [404]
        assert len({answer.content for answer in answers}) == 1


async def test_an_invitation_is_sent_again_with_a_new_link(company: Company) -> None:
    made = await invited(company)
    again = (await company.owner.post(f"{company.path}/invitations/{made['id']}/resend")).json()
    assert again["id"] == made["id"]
    assert token_of(again) != token_of(made)
    assert (await accept(company.people.anonymous(), again, password=PASSWORD)).status_code == 200
    assert len(await company.fetch("select id from notifications where organization_id = $1", company.id)) == 2
    assert (await company.owner.post(f"{company.path}/invitations/{made['id']}/resend")).status_code == 404


async def test_who_belongs_or_is_invited_is_not_invited_again(company: Company) -> None:
    made = await invited(company)
    twice = await company.owner.post(f"{company.path}/invitations", json=BILAL)
    assert (twice.status_code, twice.json()["member_id"]) == (409, made["id"])
    await accept(company.people.anonymous(), made, password=PASSWORD)
    assert (await company.owner.post(f"{company.path}/invitations", json=BILAL)).status_code == 409


async def test_who_left_can_be_invited_again_and_shows_what_was_typed_then(company: Company) -> None:
    theirs = await somebody(company, "bilal@example.org")
    await accept(theirs, await invited(company))
    assert (await theirs.post(f"{company.path}/leave")).status_code == 204
    made = await invited(company, role="viewer", first_name="B.", last_name="A.")
    [row] = (await company.owner.get(f"{company.path}/members?state=invited")).json()["items"]
    assert (row["role"], row["name"], row["user_id"]) == ("viewer", "B. A.", None)
    assert (await theirs.get(company.path)).status_code == 404
    assert (await accept(theirs, made)).status_code == 200
    assert (await theirs.get(company.path)).status_code == 200


async def test_eight_invitations_of_one_person_at_once_are_one(company: Company) -> None:
    answers = await asyncio.gather(*(company.owner.post(f"{company.path}/invitations", json=BILAL) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_one_invites_to_roles_that_one_may_give(company: Company, subtests: pytest.Subtests) -> None:
    for inviter, role, status in (
        ("owner", "owner", 201),
        ("admin", "admin", 201),
        ("admin", "owner", 403),
        ("manager", "viewer", 403),
        ("viewer", "viewer", 403),
        ("installer", "viewer", 403),
    ):
        with subtests.test(inviter=inviter, role=role):
            client = await company.member(inviter)
            document = {"email": f"{inviter}-{role}@example.org", "role": role}
            assert (await client.post(f"{company.path}/invitations", json=document)).status_code == status
    owners = await invited(company, email="boss@example.org", role="owner")
    admin = await company.member("admin")
    path = f"{company.path}/invitations/{owners['id']}"
    assert (await admin.post(f"{path}/resend")).status_code == 403
    assert (await admin.delete(path)).status_code == 403


async def test_what_waits_is_listed_with_grants_for_single_plants(company: Company) -> None:
    made = await invited(company)
    await company.fetch(
        "insert into site_grants (organization_id, site_id, role, granted_by, invited_name, invited_email,"
        " invitation_token, invitation_expires) values ($1, $2, 'viewer', $3, 'Sana', 'sana@example.org', 'x', now())",
        company.id,
        company.site_id,
        company.people.ids[company.owner],
    )
    manager = await company.member("manager")
    listed = (await manager.get(f"{company.path}/invitations")).json()
    assert listed["total"] == 2
    grant, membership = listed["items"]
    assert (grant["kind"], grant["site_id"], grant["name"]) == ("site_grant", str(company.site_id), "Sana")
    assert (membership["kind"], membership["id"], membership["email"]) == (
        "membership",
        made["id"],
        "bilal@example.org",
    )
    assert "link" not in membership


async def test_a_suspended_organization_takes_nobody_in(company: Company) -> None:
    made = await invited(company)
    await company.fetch("update organizations set status = 'suspended' where id = $1", company.id)
    answer = await accept(company.people.anonymous(), made, password=PASSWORD)
    assert (answer.status_code, answer.json()["state"]) == (409, "suspended")
    [user] = await company.fetch("select password_hash from users where email = 'bilal@example.org'")
    assert user["password_hash"] == "!"


async def test_an_account_out_of_use_takes_nothing_up(company: Company) -> None:
    await company.people.user(email="bilal@example.org", active=False)
    answer = await accept(company.people.anonymous(), await invited(company), password=PASSWORD)
    assert answer.status_code == 401


async def test_another_address_than_the_invitations_is_refused(company: Company) -> None:
    made = await invited(company)
    [error] = refused(await accept(company.people.anonymous(), made, email="x@example.org", password=PASSWORD))
    assert error["field"] == "email"
    same = await accept(company.people.anonymous(), made, email="BILAL@example.org", password=PASSWORD)
    assert same.status_code == 200


async def test_a_password_of_ones_own_names_is_refused(company: Company) -> None:
    made = await invited(company)
    [error] = refused(await accept(company.people.anonymous(), made, password="acmesolarbilal"))
    assert (error["field"], error["value"]) == ("password", "***")


async def test_what_cannot_be_is_named(company: Company, subtests: pytest.Subtests) -> None:
    for change, field in (
        ({"email": "nobody"}, "email"),
        ({"role": "boss"}, "role"),
        ({"phone": "call me"}, "phone"),
        ({"first_name": " Bilal"}, "first_name"),
        ({"message": "hello"}, "message"),
    ):
        with subtests.test(field=field):
            [error] = refused(await company.owner.post(f"{company.path}/invitations", json={**BILAL, **change}))
            assert error["field"] == field


async def test_one_address_asks_only_so_often(company: Company) -> None:
    nobody = company.people.anonymous()
    codes = [(await nobody.post(LOOK, json={"token": "shi_" + 43 * "x"})).status_code for _ in range(61)]
    assert (codes[59], codes[60]) == (404, 429)


async def test_one_mailbox_is_not_filled(company: Company) -> None:
    made = await invited(company)
    answers = [await company.owner.post(f"{company.path}/invitations/{made['id']}/resend") for _ in range(6)]
    assert [answer.status_code for answer in answers].count(429) >= 1
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_the_mail_is_in_the_organizations_language(company: Company) -> None:
    await company.fetch(
        'update organizations set settings = \'{"language": "ur", "timezone": "Asia/Karachi"}\' where id = $1',
        company.id,
    )
    made = await invited(company)
    [mail] = await company.fetch("select content from notifications where organization_id = $1", company.id)
    assert "مینیجر" in mail["content"]
    assert "مینیجر" in unquote(made["whatsapp_link"])
