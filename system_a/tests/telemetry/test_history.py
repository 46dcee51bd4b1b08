"""Raw rows of the past as arrays: every value, in the order of time, for whoever may see it."""

from datetime import timedelta

import numpy as np

from solarhub.kit.db import Database, Tenancy, set_tenants, transaction
from solarhub.telemetry.history import stretches
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.sample import Sample
from tests.conftest import MakeTenant
from tests.telemetry.conftest import MINUTE, known, recently, samples


def microseconds(instants: list[Sample]) -> list[int]:
    return [round(sample.at.timestamp() * 1e6) for sample in instants]


async def test_rows_come_back_in_the_order_of_time_whatever_the_order_in_which_they_came(
    ingest: Ingest, worker_database: Database, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    sent = samples(recently(), 5, power_output=1.0, power_dc=2.5)
    for sample in reversed(sent):
        await ingest.take(known(tenant), [sample], [])

    async with transaction(worker_database) as session:
        key = tenant.device_keys["Inverter 1"]
        (found,) = await stretches(session, [key], sent[1].at, sent[4].at)

    assert (found.device_key, found.series) == (key, ("power_dc", "power_output"))
    assert found.at.tolist() == microseconds(sent[1:4])
    assert found.readings.tolist() == [[2.5, 1.0]] * 3


async def test_what_was_not_reported_is_nan_and_a_stretch_has_the_wanted_series_alone(
    ingest: Ingest, worker_database: Database, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    start = recently()
    told: list[dict[str, float]] = [
        {"power_output": 1.0},
        {"energy_total": 9.0},
        {"power_output": 2.0, "voltage_ac:l1": 230.5},
    ]
    await ingest.take(known(tenant), [Sample(n, start + n * MINUTE, each) for n, each in enumerate(told)], [])

    async with transaction(worker_database) as session:
        (found,) = await stretches(
            session,
            tenant.device_keys.values(),
            start,
            start + timedelta(hours=1),
            ["power_output", "voltage_ac:l1", "irradiance_poa"],
        )
        everything = await stretches(session, tenant.device_keys.values(), start, start + timedelta(hours=1))

    assert found.series == ("power_output", "voltage_ac:l1")
    power = found.readings[:, 0]
    assert power[~np.isnan(power)].tolist() == [1.0, 2.0]
    values = {
        (int(at), name): value
        for stretch in everything
        for at, row in zip(stretch.at, stretch.readings, strict=True)
        for name, value in zip(stretch.series, row, strict=True)
        if not np.isnan(value)
    }
    assert values == {
        (round((start + n * MINUTE).timestamp() * 1e6), name): value
        for n, each in enumerate(told)
        for name, value in each.items()
    }


async def test_an_organization_reads_its_own_rows_and_no_others(
    ingest: Ingest, app_database: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    for tenant in (ours, theirs):
        await ingest.take(known(tenant), samples(recently(), 3), [])
    keys = [*ours.device_keys.values(), *theirs.device_keys.values()]

    async with app_database.session() as session:
        await set_tenants(session, Tenancy(organization_keys=frozenset({ours.organization_key})))
        found = await stretches(session, keys, recently(), recently() + timedelta(hours=1))
        picked = await stretches(session, keys, recently(), recently() + timedelta(hours=1), ["power_output"])

    assert [stretch.device_key for stretch in found] == list(ours.device_keys.values())
    assert [stretch.device_key for stretch in picked] == list(ours.device_keys.values())
