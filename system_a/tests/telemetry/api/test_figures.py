"""What Prometheus is told of samples."""

from tests.telemetry.conftest import Door, recently
from tests.test_figures import told


async def test_what_became_of_samples_and_what_waits_is_told(door: Door) -> None:
    client = door.client
    before = told(await client.get("/metrics"))
    at = recently().isoformat()
    for value in (1.5, 1.5, 2.5):
        sample = {"timestamp": at, "metrics": {"power_output": value, "powr": 1}}
        assert (await door.post(sample)).status_code == 200
    after = told(await client.get("/metrics"))

    def grown(*figure: str) -> float:
        return after[figure] - before.get(figure, 0.0)

    assert grown("solarhub_samples_total", "stored") == 1
    assert grown("solarhub_samples_total", "duplicate") == 1
    assert grown("solarhub_samples_total", "conflict") == 1
    assert grown("solarhub_values_total") == 1
    assert grown("solarhub_quarantined_total") == 3
    assert after["solarhub_rollup_marks",] == 1
    assert after["solarhub_database_up",] == 1
    assert after["process_resident_memory_bytes",] > 1e6
