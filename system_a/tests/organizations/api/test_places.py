import httpx

from tests.clients import People
from tests.organizations.company import Company, founded

URL = "/api/v1/me/places"


async def test_a_member_stands_in_organizations(people: People, company: Company) -> None:
    other = await founded(people, "Beta Solar")
    viewer = await company.member("viewer")
    await people.connection.execute(
        "insert into organization_members (organization_id, user_id, role, joined_at)"
        " values ($1, $2, 'manager', now())",
        other.id,
        people.ids[viewer],
    )
    places = (await viewer.get(URL)).json()
    assert [(each["name"], each["role"], each["status"]) for each in places["organizations"]] == [
        ("Acme Solar", "viewer", "active"),
        ("Beta Solar", "manager", "active"),
    ]
    assert places["sites"] == []


async def test_a_customer_stands_at_one_plant_until_a_day(people: People, company: Company) -> None:
    customer = await people.guest(company.site_id, "viewer", expires="30 days")
    places = (await customer.get(URL)).json()
    assert places["organizations"] == []
    [site] = places["sites"]
    assert (site["id"], site["name"], site["organization_name"], site["role"], site["through"]) == (
        str(company.site_id),
        "Acme Solar plant",
        "Acme Solar",
        "viewer",
        None,
    )
    assert site["until"] is not None


async def test_a_grant_that_has_run_out_and_one_not_taken_up_are_no_places(people: People, company: Company) -> None:
    late = await people.guest(company.site_id, expires="-1 second")
    waiting = await people.guest(company.site_id)
    await company.fetch("update site_grants set accepted_at = null where user_id = $1", people.ids[waiting])
    for guest in (late, waiting):
        assert (await guest.get(URL)).json() == {"organizations": [], "sites": []}


async def test_a_plant_lent_to_a_company_is_a_place_of_its_members(people: People, company: Company) -> None:
    borrower = await founded(people, "Beta Solar")
    await company.fetch(
        "insert into site_grants (organization_id, site_id, grantee_organization_id, role, granted_by, accepted_at)"
        " values ($1, $2, $3, 'manager', $4, now())",
        company.id,
        company.site_id,
        borrower.id,
        people.ids[company.owner],
    )
    technician = await borrower.member("installer")
    [site] = (await technician.get(URL)).json()["sites"]
    assert (site["name"], site["through"]) == ("Acme Solar plant", "Beta Solar")


async def test_an_invitation_is_no_place_yet(company: Company) -> None:
    stranger = await company.people.stranger()
    [user] = await company.fetch("select email from users where id = $1", company.people.ids[stranger])
    await company.owner.post(f"{company.path}/invitations", json={"email": user["email"], "role": "viewer"})
    assert (await stranger.get(URL)).json() == {"organizations": [], "sites": []}


async def test_those_who_run_the_hub_stand_everywhere_and_strangers_ask_in_vain(
    people: People, company: Company, api: httpx.AsyncClient
) -> None:
    assert [each["id"] for each in (await api.get(URL)).json()["organizations"]] == [str(company.id)]
    assert (await people.anonymous().get(URL)).status_code == 401
