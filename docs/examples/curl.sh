#!/usr/bin/env bash
# Sends a reading as a device, and reads energy with an API key (the right telemetry:read).
#   HUB           https://hub.example.org
#   DEVICE_TOKEN  shd_…, from `solarhub devices issue-token` or the device's page
#   API_KEY       shk_…, from `solarhub tokens issue -o ORGANIZATION --name Report --may telemetry:read`
#   ORGANIZATION  the organization's id
set -euo pipefail

# One sample; without "timestamp" it is of now. 2xx means: on disk. Repeat anything else, repetitions are free.
curl --fail-with-body --silent --show-error --retry 5 \
    -H "Authorization: Bearer $DEVICE_TOKEN" -H "Content-Type: application/json" \
    --data '{"metrics": {"power_output": 4.2, "energy_total": 18250.4}}' \
    "$HUB/api/v1/telemetry"
echo

# Every plant's energy of the last thirty days, with how much of the time was heard.
curl --fail-with-body --silent --show-error -H "Authorization: Bearer $API_KEY" \
    "$HUB/api/v1/organizations/$ORGANIZATION/energy-history?by=day&limit=100"
echo
