"""Sends readings as a device, and reads energy with an API key: Python's standard library and nothing else.

HUB, DEVICE_TOKEN, API_KEY and ORGANIZATION as in curl.sh.
"""

import json
import os
import time
import urllib.error
import urllib.request

HUB = os.environ["HUB"]


def call(path: str, token: str, document: object = None) -> dict:
    """POST with a document, GET without. What failed because the hub was away is tried again."""
    body = None if document is None else json.dumps(document).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for pause in (1, 2, 4, None):
        try:
            with urllib.request.urlopen(urllib.request.Request(HUB + path, body, headers), timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or pause is None:
                raise SystemExit(f"{error.code}: {error.read().decode()}") from error
        except urllib.error.URLError:
            if pause is None:
                raise
        time.sleep(pause)
    raise AssertionError


# A batch: what a logger kept while it was offline. Instants are RFC 3339, or seconds since 1970.
now = int(time.time())
readings = [{"timestamp": now - 60 * n, "metrics": {"power_output": 4.2, "energy_total": 18250.4}} for n in range(3)]
receipt = call("/api/v1/telemetry", os.environ["DEVICE_TOKEN"], {"samples": readings})
print(f"{receipt['stored']} stored, {receipt['duplicates']} were there before, {len(receipt['quarantined'])} refused")

history = call(f"/api/v1/organizations/{os.environ['ORGANIZATION']}/energy-history?by=month", os.environ["API_KEY"])
for plant in history["items"]:
    for month in plant["periods"]:
        print(f"{plant['name']}  {month['start'][:7]}  {month['kwh']} kWh  {month['coverage_percent']} % heard")
