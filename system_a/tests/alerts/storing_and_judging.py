"""`python -m tests.alerts.storing_and_judging URL`: a process that stores what it is told and judges its share of it.

Each line of its input is a JSON array of reports of one device: [[device id, organization id, organization key, device
key], [[RFC 3339, readings], …]]. It says `ready`, and after each line `stored`, if that is committed, or `refused`; it
ends with its input.
"""

import asyncio
import json
import sys
from datetime import datetime
from uuid import UUID

from solarhub.alerts.evaluation import Evaluator
from solarhub.devices.identity import KnownDevice
from solarhub.kit import log
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.sample import Sample


async def main(url: str) -> None:
    log.configure()  # to the other stream
    database, stop = Database(url, "worker", pool_size=3), asyncio.Event()
    evaluator = Evaluator(database)
    ingest = Ingest(database, evaluator.committed)
    await ingest.make_states_true()
    await evaluator.start()
    await ingest.start()
    running = asyncio.create_task(evaluator.run(stop))
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for that
    while line := await lines.readline():
        (device_id, organization_id, organization_key, device_key), reports = json.loads(line)
        device = KnownDevice(UUID(device_id), UUID(organization_id), organization_key, device_key)
        samples = [Sample(place, datetime.fromisoformat(at), readings) for place, (at, readings) in enumerate(reports)]
        try:
            await ingest.take(device, samples, [])
        except Unavailable:
            print("refused", flush=True)  # noqa: T201 - the sender keeps it and repeats
        else:
            print("stored", flush=True)  # noqa: T201 - the acknowledgement
    await ingest.stop()
    stop.set()
    await running
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
