"""Who is which device: known in memory, and followed."""

from zoneinfo import ZoneInfo

from solarhub.telemetry.found.notebook import Notebook
from tests.conftest import MakeTenant, execute
from tests.telemetry.conftest import known
from tests.telemetry.found.conftest import BROKER, INVERTER, Place, burst, yesterday


async def test_an_adopted_sender_is_its_device_in_the_zone_of_its_plant(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))
    await place.roster.refresh()
    assert place.roster.device_of(place.organization_id, BROKER, INVERTER) is None

    place.adopt()
    await place.roster.refresh()

    found = place.roster.device_of(place.organization_id, BROKER, INVERTER)
    assert found is not None
    assert found.device == known(place.tenant)
    assert found.zone == ZoneInfo("Asia/Karachi")
    assert place.roster.device_of(place.organization_id, "another broker", INVERTER) is None


async def test_a_clock_of_its_own_and_a_rating_are_followed(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.adopt()
    await place.roster.refresh()

    place.rows("update found_senders set time_zone = 'Asia/Shanghai'")
    place.rows("update devices set metadata = '{\"rated_power_kw\": 5}'")
    await place.roster.refresh()

    found = place.roster.device_of(place.organization_id, BROKER, INVERTER)
    assert found is not None
    assert (found.zone, found.device.rated_kw) == (ZoneInfo("Asia/Shanghai"), 5.0)


async def test_an_ignored_one_is_known_as_such_until_it_is_let_go(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.rows("update found_senders set ignored_at = now()")
    await place.roster.refresh()
    assert place.roster.is_ignored(place.organization_id, BROKER, INVERTER)

    place.rows("update found_senders set ignored_at = null")
    await place.roster.refresh()
    assert not place.roster.is_ignored(place.organization_id, BROKER, INVERTER)


async def test_a_device_that_is_gone_or_not_served_is_nobody(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.adopt()
    for gone, back in (
        ("update devices set removed_at = now()", "update devices set removed_at = null"),
        ("update organizations set status = 'suspended'", "update organizations set status = 'active'"),
    ):
        place.rows(gone)
        await place.roster.refresh()
        assert place.roster.device_of(place.organization_id, BROKER, INVERTER) is None
        place.rows(back)
        await place.roster.refresh()
        assert place.roster.device_of(place.organization_id, BROKER, INVERTER) is not None


async def test_a_sender_follows_its_device_to_another_organization(
    place: Place, notebook: Notebook, make_tenant: MakeTenant
) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.adopt()
    receiver = await make_tenant("Receiver", devices={})
    both = f"{{{place.organization_id},{receiver.organization_id}}}"

    execute(
        place.database.url("solarhub_app"),
        f"select set_config('app.organization_ids', '{both}', false)",
        f"select hand_over_site('{place.tenant.site_id}', '{receiver.organization_id}')",
    )

    assert [row["organization_id"] for row in place.rows("select organization_id from found_senders")] == [
        receiver.organization_id
    ]
    assert [row["organization_id"] for row in place.rows("select organization_id from raw_messages")] == [
        receiver.organization_id
    ]
