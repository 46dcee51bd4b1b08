"""The demo's rules are the ones that the recorded day was chosen for."""

from collections import Counter

from solarhub.demo.plants import PLANTS
from solarhub.demo.rules import rules_of
from solarhub.metrics import CATALOGUE

RULES = rules_of(PLANTS["pecos"])

THE_DOCUMENTS_EXAMPLE = {
    "metric": "power_output",
    "operator": "lt",
    "threshold": 10.0,
    "duration_seconds": 300,
    "device_type": "inverter",
}


def test_the_documents_example_is_there_word_for_word_and_once_more_by_daylight() -> None:
    conditions = [rule["condition"] for rule in RULES]
    assert THE_DOCUMENTS_EXAMPLE in conditions
    assert THE_DOCUMENTS_EXAMPLE | {"when": "daylight"} in conditions


def test_every_rule_has_a_name_of_its_own_and_says_what_it_is_for() -> None:
    assert max(Counter(rule["name"] for rule in RULES).values()) == 1
    assert all(rule["description"].endswith(".") for rule in RULES)


def test_every_rule_watches_a_metric_that_its_devices_report_without_channel() -> None:
    plant = PLANTS["pecos"]
    types = {device.name: device.device_type for device in plant.devices}
    plain = {
        (types[sample.device], name)
        for sample in plant.read()
        for name, value in sample.metrics.items()
        if isinstance(value, float)
    }
    for rule in RULES:
        assert rule["condition"]["metric"] in CATALOGUE
        assert (rule["condition"]["device_type"], rule["condition"]["metric"]) in plain
