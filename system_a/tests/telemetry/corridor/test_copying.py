"""What COPY is given is what the table then holds."""

import random
from datetime import timedelta

import asyncpg
import numpy as np

from solarhub.kit.libpq import asyncpg_arguments
from solarhub.telemetry.batch import microseconds, moment
from solarhub.telemetry.corridor.copying import COLUMNS, NUMBERED, Columns, block, file
from tests.conftest import TestDatabase
from tests.telemetry.conftest import recently

CHANCE = random.Random(11)
ODD = [0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 123456789.01, -40.0, float("nan")]


def columns(rows: int, width: int, *, gaps: bool) -> Columns:
    readings = np.array([[CHANCE.choice(ODD[: 8 if gaps else 7]) for _ in range(width)] for _ in range(rows)])
    start = microseconds(recently())
    return Columns(
        np.arange(2**31 - rows, 2**31).astype(np.int32),
        np.arange(rows, dtype=np.int32),
        np.array([start + CHANCE.randrange(10**9) for _ in range(rows)], np.int64),
        microseconds(recently() + timedelta(microseconds=1)),
        np.full(rows, 5, np.int32),
        np.array([CHANCE.random() < 0.5 for _ in range(rows)]),
        readings.reshape(rows, width),
    )


async def test_rows_of_any_width_with_and_without_gaps_come_back_as_they_were(database: TestDatabase) -> None:
    parts = [columns(40, width, gaps=gaps) for width in (1, 2, 12, 500) for gaps in (False, True)]
    connection = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    await connection.execute("create temporary table taken (number int, like telemetry_samples including defaults)")
    try:
        for part in parts:
            await connection.execute("truncate taken")
            numbers = np.arange(40, dtype=np.int32)[::-1].copy()
            for names, rows in ((COLUMNS, block(part)), (NUMBERED, block(part, numbers))):
                data = memoryview(file([rows]))
                await connection.copy_to_table("taken", source=data, columns=names, format="binary")
            for number, key, organization, at, received_at, layout, late, readings, imported in await connection.fetch(
                "select number, device_key, organization_key, at, received_at, layout_id, late, readings, imported"
                " from taken"
            ):
                assert number in (None, 39 - key)
                assert organization == part.organization_keys[key]
                assert (at, received_at) == (moment(int(part.at[key])), moment(int(np.max(part.received_at))))
                assert (layout, late, imported) == (5, part.late[key], False)
                told = [float("nan") if value is None else value for value in readings]
                assert [repr(value) for value in told] == [repr(value) for value in part.readings[key].tolist()]
            assert await connection.fetchval("select count(*) from taken") == 80
    finally:
        await connection.close()
