"""A map's file is read strictly: what is wrong is told with the file, the place, and what is allowed."""

from pathlib import Path

import pytest

from solarhub.telemetry.portals.loading import PortalMaps, WrongMap, shipped
from tests.telemetry.portals.files import csv, own, read, utc

GOOD = """
map: sunbox
version: 3
title: Sunbox
verified: true
time_zone: UTC
tables:
  - name: readings
    time: {parts: [[Day], [Hour]], formats: ["%d/%m/%y %H:%M"]}
    columns:
      "AC(W)": {series: power_output, unit: W}
      "Input {n} tenths": {series: "voltage_dc:mppt{n}", factor: 0.1}
      "Net(W)": {series: grid_power, unit: W, negate: true, nothing: "65535"}
"""


def trouble(tmp_path: Path, old: str, new: str) -> str:
    with pytest.raises(WrongMap) as wrong:
        own(tmp_path, GOOD.replace(old, new))
    return str(wrong.value)


def test_a_file_is_all_that_a_new_portal_needs(tmp_path: Path) -> None:
    maps = own(tmp_path, GOOD)
    body = csv("Day,Hour,AC(W),Input 2 tenths,Net(W)", "21/06/25,12:00,1500,6105,200", "21/06/25,12:05,1600,,65535")

    assert read(body, "sunbox", maps=maps).only == {
        utc(2025, 6, 21, 12, 0): {"power_output": 1.5, "voltage_dc:mppt2": 610.5, "grid_power": -0.2},
        utc(2025, 6, 21, 12, 5): {"power_output": 1.6},
    }
    assert maps.find("sunbox").verified
    assert maps.names == sorted([*shipped().names, "sunbox"])


def test_an_own_file_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    assert own(tmp_path, GOOD.replace("sunbox", "growatt")).find("growatt").version == 3


@pytest.mark.parametrize(
    ("swap", "told"),
    [
        (("map: sunbox", "map: Sun Box"), "mine.yaml: map: 'Sun Box' is no name; allowed: a-z, 0-9"),
        (("verified: true", "verified: maybe"), "verified: 'maybe' is neither true nor false; allowed: false, true"),
        (("version: 3", "version: new"), "version: 'new' is out of range; allowed: a whole number"),
        (("verified: true", "colour: red"), "colour: is not known here; allowed: decimal, encodings"),
        (("verified: true\n", ""), "verified: is missing"),
        (("UTC", "Mars/Base"), "time_zone: 'Mars/Base' is not known; allowed: plant, UTC, or a name such as"),
        (("power_output", "power_ouput"), "AC(W).series: 'power_ouput' is unknown: no metric has that name; did you"),
        (("unit: W}", "unit: V}"), "unit: 'V' cannot be turned into kW; allowed:"),
        (("mppt{n}", "mppt{m}"), "names m, which the header does not have; allowed: n"),
        (("%d/%m/%y %H:%M", "%H:%M"), "formats[0]: '%H:%M' is no format of times; allowed: iso, seconds"),
        (("    time:", "    day:"), "columns: has no value of a whole day; allowed: metrics that count"),
        (("parts: [[Day], [Hour]], ", ""), "time: needs one of the two; allowed: columns, parts"),
        (("title: Sunbox", "title: Sunbox\nfiles: [pdf]"), "files[0]: 'pdf' is not known; allowed: csv, xlsx"),
        (("title: Sunbox", "title: Sunbox\ndecimal: dot"), "decimal: 'dot' is not known; allowed: auto, comma, point"),
        (("title: Sunbox", "title: Sunbox\nencodings: utf-99"), "encodings: 'utf-99' is not known"),
        (("    columns:", "    device: {line: 'SN .*'}\n    columns:"), "'SN .*' has not exactly one group"),
        (("    columns:", "    device: {pattern: x}\n    columns:"), "device: needs one of the three"),
        (("    columns:", "    long: {metric: M, value: V}\n    columns:"), "long: names no metrics; allowed: metrics"),
        (("- name: readings", "- nam: readings"), "tables[0].nam: is not known here"),
        (("map: sunbox", "map: [sunbox"), "is no YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, swap: tuple[str, str], told: str) -> None:
    assert told in trouble(tmp_path, *swap)


def test_two_files_cannot_have_one_name(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(GOOD)

    assert trouble(tmp_path, "x", "x") == "other.yaml: map: 'sunbox' is the name of mine.yaml already"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongMap, match="is no folder of maps"):
        PortalMaps.load(tmp_path / "gone")


def test_an_unknown_map_is_told_with_what_was_probably_meant() -> None:
    with pytest.raises(KeyError, match=r"no map has that name; did you mean growatt\?"):
        shipped().find("growat")
