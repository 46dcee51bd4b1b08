"""What is done to a plant and to its devices at the same moment waits in one order, and ends."""

import asyncio
from collections import Counter

import httpx

from tests.clients import commissioned
from tests.devices.inverters import entered

_ROUNDS = 8
_DEVICES = 4


async def test_devices_are_replaced_while_their_plant_changes_hands_and_neither_undoes_the_other(
    api: httpx.AsyncClient,
) -> None:
    here, there = await commissioned(api, "Acme"), await commissioned(api, "Beta")
    site_id = here.site_id
    devices = [(await entered(api, here, name=f"Inverter {n}"))[1]["id"] for n in range(_DEVICES)]
    told: Counter[int] = Counter()
    for _ in range(_ROUNDS):
        given, *replaced = await asyncio.gather(
            api.post(f"{here.path}/sites/{site_id}/hand-over", json={"organization": there.organization_id}),
            *(api.post(f"{here.path}/devices/{device}/replace", json={}) for device in devices),
        )
        assert given.status_code == 201, given.text
        told.update(answer.status_code for answer in replaced)
        # whoever comes second finds no device there any more
        assert set(told) <= {201, 404}, told
        devices = [
            answer.json()["device"]["id"] if answer.status_code == 201 else device
            for device, answer in zip(devices, replaced, strict=True)
        ]
        found = (await api.get(f"{there.path}/devices", params={"site_id": site_id})).json()["items"]
        assert {device["id"] for device in found} == set(devices)
        here, there = there, here
