"""sites.configuration: the document's keys and what a Pakistani plant needs beyond them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from solarhub.sites.configuration import Configuration, unknown_disco
from solarhub.sites.vocabulary import BillingRegime, ExportMode, PlantKind
from tests.kit.values import documents_for, example, only, refused, takes_or_refuses_anything
from tests.migrations.document import discos

PAKISTANI = {
    "plant_kind": "hybrid",
    "export_mode": "limited",
    "phases": 3,
    "sanctioned_load_kw": 80,
    "approved_export_kw": 80.5,
    "reference_no": "09 11123 1234567 U",
    "meter_no": "SP-1234/56",
    "feeder": "Gulberg-II 11 kV",
    "tariff_code": "A-2(c)",
    "billing_regimes": [
        {"regime": "none", "valid_from": "2019-05-01", "valid_to": "2021-06-30"},
        {"regime": "net_metering_2015", "valid_from": "2021-07-01", "valid_to": "2028-06-30", "agreement_no": "NM 17"},
        {"regime": "net_billing_2026", "valid_from": "2028-07-01"},
    ],
    "generator_kva": 60,
    "tilt_deg": 25,
    "azimuth_deg": 180,
    "tags": ["rooftop", "پلانٹ"],
}


def test_the_documents_example_reads_back_identical() -> None:
    document = example("sites.configuration")

    assert Configuration.parse(document).to_stored() == document
    assert Configuration.from_stored(document).to_stored() == document


def test_a_pakistani_plant_reads_back_identical() -> None:
    plant = Configuration.parse(PAKISTANI)

    assert plant.to_stored() == PAKISTANI
    assert plant.plant_kind is PlantKind.HYBRID
    assert plant.export_mode is ExportMode.LIMITED
    assert plant.billing_regimes is not None
    assert plant.billing_regimes[1].regime is BillingRegime.NET_METERING_2015
    assert plant.billing_regimes[1].valid_to == date(2028, 6, 30)


def test_nothing_needs_to_be_known_about_a_plant() -> None:
    assert Configuration.parse({}).to_stored() == {}
    assert Configuration.parse({"feeder": None}).to_stored() == {}


KW = "a number from 0.01 to 1000000 kW"
DAY = "a date YYYY-MM-DD from 1970-01-01 to 2100-12-31"
DISCO = "a distribution company's code: 2 to 32 of a-z, 0-9 and underscore"
TARIFF = "a code of the tariff schedule, such as A-1(a), A-2(c), B-2(b), D-1 or A-1b(03)T"
PAPER = "up to 40 letters, digits, blanks, hyphens and slashes"


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("system_capacity_kw", -100.0, KW),
        ("system_capacity_kw", 0, KW),
        ("system_capacity_kw", "100 kW", KW),
        ("system_capacity_kw", True, KW),
        ("panel_count", 12.5, "a whole number from 1 to 10000000 panels"),
        ("panel_wattage", 550_000, "a number from 1 to 2000 W"),
        ("inverter_capacity_kw", 1e12, KW),
        ("battery_capacity_kwh", -1, "a number from 0 to 10000000 kWh"),
        ("grid_connected", "yes", "true or false"),
        ("net_metering_enabled", 1, "true or false"),
        ("disco_provider", "LESCO", DISCO),
        ("tariff_category", "A-2 (c)", "a category's code of a-z, 0-9 and underscore, such as commercial_b2"),
        ("installation_date", "15.01.2024", DAY),
        ("installation_date", "2023-02-29", DAY),
        ("installation_date", 1705276800, DAY),
        ("installation_date", "2024-01-15T00:00:00", DAY),
        ("warranty_expiry", "9999-12-31", DAY),
        ("plant_kind", "floating", ["on_grid", "hybrid", "off_grid"]),
        ("export_mode", "some", ["full", "limited", "zero", "none"]),
        ("phases", 2, "one of the numbers 1, 3"),
        ("phases", True, "one of the numbers 1, 3"),
        ("sanctioned_load_kw", -5, KW),
        ("approved_export_kw", -5, "a number from 0 to 1000000 kW"),
        ("reference_no", "12;drop", PAPER),
        ("meter_no", "", PAPER),
        ("feeder", " Gulberg", "text of 1 to 100 characters"),
        ("tariff_code", "A-9", TARIFF),
        ("tariff_code", "I-1", TARIFF),
        ("tariff_code", "B-2(e)", TARIFF),
        ("tariff_code", "A-2(c", TARIFF),
        ("generator_kva", -1, "a number from 0 to 100000 kVA"),
        ("tilt_deg", 91, "a number from 0 to 90 degrees"),
        ("azimuth_deg", -90, "a number from 0 to 360 degrees"),
    ],
)
def test_an_impossible_value_is_named_with_what_is_allowed(key: str, value: object, allowed: object) -> None:
    error = only(Configuration, {key: value})

    assert (error.field, error.value, error.allowed) == (key, value, allowed)


@pytest.mark.parametrize("key", ["system_capacity_kw", "tilt_deg", "generator_kva"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_a_number_that_no_number_can_be_is_refused(key: str, value: float) -> None:
    error = only(Configuration, {key: value})

    assert error.field == key
    assert isinstance(error.value, str)


@pytest.mark.parametrize(
    "code",
    [
        *[
            "A-1(a)",
            "A-1b",
            "A-1b(03)T",
            "A-2(a)",
            "A-2(c)",
            "A-2(c)T",
            "A-2(d)",
            "A-3",
            "B-1(b)",
            "B-2",
            "B-3",
            "B-4T",
        ],
        *["C-1(c)", "C-2(b)", "D-1(b)", "D-2", "E-1", "E-2", "F", "G", "G-1", "H", "J", "K-1", "K-2"],
    ],
)
def test_every_family_of_the_tariff_schedule_is_taken(code: str) -> None:
    assert Configuration.parse({"tariff_code": code}).tariff_code == code


@pytest.mark.parametrize("disco", discos())
def test_the_code_of_every_listed_distribution_company_is_written_as_it_should_be(disco: str) -> None:
    assert Configuration.parse({"disco_provider": disco}).disco_provider == disco


def test_an_unknown_distribution_company_is_answered_with_the_known_ones() -> None:
    error = unknown_disco("lesko", ["lesco", "fesco", "kelectric"], "configuration")

    assert error.field == "configuration.disco_provider"
    assert error.value == "lesko"
    assert error.message == "is not a distribution company that is known here; did you mean lesco?"
    assert error.allowed == ["fesco", "kelectric", "lesco"]


def test_a_key_in_the_wrong_unit_is_answered_with_the_right_one() -> None:
    error = only(Configuration, {"system_capacity_w": 100_000})

    assert (error.field, error.value) == ("system_capacity_w", 100_000)
    assert error.message == "is not a key that is known here; did you mean system_capacity_kw?"
    assert error.allowed == list(Configuration.model_fields)


def test_watts_taken_for_kilowatts_contradict_the_panels() -> None:
    error = only(Configuration, {"system_capacity_kw": 100_000, "panel_count": 200, "panel_wattage": 500})

    assert (error.field, error.value) == ("system_capacity_kw", 100_000)
    assert error.message == "does not fit 200 panels of 500 W, which make 100 kW"
    assert error.allowed == "a number of kW within ten times of 100"


@pytest.mark.parametrize(
    ("document", "field", "allowed"),
    [
        (
            {"installation_date": "2024-01-15", "warranty_expiry": "2024-01-14"},
            "warranty_expiry",
            "2024-01-15 or later",
        ),
        ({"plant_kind": "off_grid", "disco_provider": "lesco"}, "disco_provider", "no value"),
        ({"plant_kind": "off_grid", "grid_connected": True}, "grid_connected", "false"),
        ({"plant_kind": "off_grid", "net_metering_enabled": True}, "net_metering_enabled", "false"),
        ({"plant_kind": "off_grid", "export_mode": "zero"}, "export_mode", ["none"]),
        ({"plant_kind": "off_grid", "approved_export_kw": 1}, "approved_export_kw", "0 kW"),
        ({"plant_kind": "on_grid", "grid_connected": False}, "grid_connected", "true"),
        ({"grid_connected": False, "net_metering_enabled": True}, "net_metering_enabled", "false"),
        ({"export_mode": "none", "net_metering_enabled": True}, "net_metering_enabled", "false"),
    ],
)
def test_what_cannot_be_true_together_is_refused(document: dict[str, Any], field: str, allowed: object) -> None:
    error = only(Configuration, document)

    assert (error.field, error.value, error.allowed) == (field, document[field], allowed)


@pytest.mark.parametrize(
    "document",
    [
        {"plant_kind": "off_grid", "grid_connected": False, "export_mode": "none", "approved_export_kw": 0},
        {"plant_kind": "off_grid", "generator_kva": 30, "battery_capacity_kwh": 0},
        {"sanctioned_load_kw": 10, "approved_export_kw": 15},  # 1.5 times, as the rules of 2015 came to allow
        {"system_capacity_kw": 50_000, "sanctioned_load_kw": 200, "approved_export_kw": 50_000},
        {"grid_connected": False, "disco_provider": "lesco", "net_metering_enabled": False},  # the meter is on its way
        {"system_capacity_kw": 80, "panel_count": 200, "panel_wattage": 545.5},
        {"tariff_category": "commercial_b2", "tariff_code": "A-2(c)"},
    ],
)
def test_what_is_only_unusual_is_taken(document: dict[str, Any]) -> None:
    assert Configuration.parse(document).to_stored() == document


def period(first: str, last: str | None = None, regime: str = "gross") -> dict[str, str]:
    return {"regime": regime, "valid_from": first} | ({"valid_to": last} if last else {})


@pytest.mark.parametrize(
    ("periods", "field", "value"),
    [
        ([period("2024-01-01", "2023-12-31")], "billing_regimes[0].valid_to", "2023-12-31"),
        ([period("2024-01-01"), period("2025-01-01")], "billing_regimes[0].valid_to", None),
        (
            [period("2024-01-01", "2024-12-31"), period("2024-12-31")],
            "billing_regimes[1].valid_from",
            "2024-12-31",
        ),
        ([period("2025-01-01", "2025-12-31"), period("2024-01-01")], "billing_regimes[1].valid_from", "2024-01-01"),
        ([period("2024-01-01", regime="barter")], "billing_regimes[0].regime", "barter"),
        ([{"regime": "none"}], "billing_regimes[0].valid_from", None),
        ([{**period("2024-01-01"), "rate": 10}], "billing_regimes[0].rate", 10),
        (["net_metering_2015"], "billing_regimes[0]", "net_metering_2015"),
        ("net_metering_2015", "billing_regimes", "net_metering_2015"),
        ([period("2024-01-01")] * 51, "billing_regimes", "a list of 51 entries"),
    ],
)
def test_billing_regimes_stand_in_order_and_do_not_overlap(periods: object, field: str, value: object) -> None:
    error = only(Configuration, {"billing_regimes": periods})

    assert (error.field, error.value) == (field, value)
    assert error.allowed


@pytest.mark.parametrize(
    ("tags", "field"),
    [(["a", "a"], "tags"), (["a", ""], "tags[1]"), (["a" * 51], "tags[0]"), (["a", 5], "tags[1]"), ("a", "tags")],
)
def test_tags_are_different_short_texts(tags: object, field: str) -> None:
    assert only(Configuration, {"tags": tags}).field == field


def test_every_mistake_is_told_at_once() -> None:
    errors = refused(Configuration, {"system_capacity_kw": -1, "phases": 2, "colour": "red", "tags": ["", ""]})

    assert [error.field for error in errors] == ["system_capacity_kw", "phases", "tags[0]", "tags[1]", "colour"]


def test_a_newer_versions_billing_period_is_read_without_loss() -> None:
    stored = {"billing_regimes": [{**period("2024-01-01"), "price_series": 7}, period("2023-01-01", "soon")]}
    plant = Configuration.from_stored(stored)

    assert plant.billing_regimes is not None
    assert [each.valid_from.year for each in plant.billing_regimes] == [2024, 2023]
    assert [error.field for error in plant.unreadable] == ["billing_regimes[1].valid_to"]
    assert plant.to_stored() == stored


@given(documents_for(Configuration))
def test_any_json_is_taken_or_refused_with_sentences(document: Any) -> None:
    takes_or_refuses_anything(Configuration, document)
