"""Files that are damaged, disguised, or larger inside than they look."""

import io
import zipfile
from pathlib import Path

import pytest

from solarhub.kit.errors import TooLarge, Unreadable
from solarhub.telemetry.portals.survey import Wish
from tests.telemetry.portals.files import csv, device, own, read, utc, workbook

SDT = """
map: sdt
version: 1
title: Solar data tools
verified: true
time_zone: UTC
nothing: "-1000000"
tables:
  - name: readings
    time: {columns: [ts], formats: ["%Y-%m-%d %H:%M:%S"]}
    device: {column: sensor, pattern: "^[^_]+"}
    long: {metric: [meas_name], value: [meas_val_f], metrics: {ac_power: power_output}}
"""
EXCERPT = (
    "site,meas_name,ts,sensor,meas_val_f",
    "TAEFC1044741,ac_power,2016-03-05 19:45:00,1913110809_SMA-SB-7000TL-US-22,2.8154",
    "TAEFC1044741,ac_power,2016-03-05 19:50:00,1913110809_SMA-SB-7000TL-US-22,2.4352",
    "TAEFC1044741,ac_power,2016-03-05 19:55:00,1913110809_SMA-SB-7000TL-US-22,-1000000.0",
    "TAEFC1044741,ac_power,2016-03-05 20:00:00,1913110809_SMA-SB-7000TL-US-22,2.1",
)
"""Lines as in the data set sdt_inverters of solar-data-tools (BSD-2-Clause), sentinel included."""


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "."), body)
    return out.getvalue()


def test_measured_data_of_others_need_a_map_alone(tmp_path: Path) -> None:
    found = read(csv(*EXCERPT), "sdt", [device("SMA", "1913110809")], maps=own(tmp_path, SDT))

    assert found.rows["SMA"] == {
        utc(2016, 3, 5, 19, 45): {"power_output": 2.8154},
        utc(2016, 3, 5, 19, 50): {"power_output": 2.4352},
        utc(2016, 3, 5, 20, 0): {"power_output": 2.1},
    }
    assert (found.told.rows, found.told.refused, found.told.devices[1].empty) == (4, 0, 1)


def test_a_bad_line_never_stops_at_itself() -> None:
    found = read(
        csv(
            "time,power_output",
            "2025-06-21 12:00,1",
            "nonsense",
            '2025-06-21 12:10,"1"2",',
            "2025-06-21 12:15,900000",
            "",
            "2025-06-21 12:20,4",
        )
    )

    assert [at.minute for at in found.only] == [0, 20]
    assert [reason.split(";")[0] for reason in found.reasons] == [
        "3: nonsense is no time",
        '4: power_output: 12" is not a number',
        "5: power_output: 900000 is no plausible power_output",
    ]


def test_a_hundred_bad_lines_are_counted_and_twenty_are_told() -> None:
    found = read(csv("time,power_output", *("2025-06-21 12:00,x" for _ in range(150))))

    assert (found.told.refused_values, len(found.told.refusals)) == (150, 20)


def test_values_are_held_against_the_rating_of_their_device() -> None:
    known = device(rated_kw=5.0)
    found = read(
        csv("time,power_output (W)", "2025-06-21 12:00,4900", "2025-06-21 12:05,49000"), wish=Wish(device=known)
    )

    assert list(found.only.values()) == [{"power_output": 4.9}]
    assert "allowed are -0.5 to 7.5 kW" in found.reasons[0]


def test_an_archive_is_its_files_one_after_another() -> None:
    body = zipped(
        b__csv=csv("time,power_output", "2025-06-21 12:05,2"),
        a__xlsx=workbook(One=[["time", "power_output"], ["2025-06-21 12:00", 1]]),
        readme__md=b"# nothing",
    )

    found = read(body, name="export.zip")
    assert [row["power_output"] for row in found.only.values()] == [1.0, 2.0]
    assert [table.place for table in found.told.tables] == ["a.xlsx, sheet One", "b.csv"]


def test_formulas_are_the_values_that_were_saved_with_them() -> None:
    found = read(workbook(One=[["time", "power_output"], ["2025-06-21 12:00", "=1+1"]]), name="a.xlsx")

    assert found.rows == {}  # nobody has worked it out
    assert found.told.devices[1].empty == 1


def test_spreadsheet_times_are_whole_seconds() -> None:
    found = read(workbook(One=[["time", "power_output"], [45829.5034722222, 1]]), name="a.xlsx")

    assert list(found.only) == [utc(2025, 6, 21, 7, 5)]


def test_the_later_of_two_rows_at_one_instant_is_counted_and_left_out() -> None:
    found = read(csv("time,power_output", *("2025-06-21 12:00,1", "2025-06-21 12:00,1", "2025-06-21 12:00,2")))

    told = found.told.devices[1]
    assert (found.only, told.duplicates, told.conflicts) == ({utc(2025, 6, 21, 7): {"power_output": 1.0}}, 2, 1)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "It is empty"),
        (b"\xd0\xcf\x11\xe0rest", "of the old kind"),
        (b"<html><table>", "a web page"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04 and no archive", "cannot be unpacked"),
        (zipped(readme__md=b"#"), "without a CSV or XLSX"),
        (zipped(inner__csv=zipped(a__csv=b"x")), "an archive of archives"),
        (csv("a,b,c", "1,2,3"), "has 'a', 'b', 'c'"),
        (workbook(One=[["time", "nothing"]])[:-300], "cannot be unpacked"),
    ],
    ids=["empty", "xls", "html", "pdf", "torn", "no data", "nested", "another", "cut"],
)  # fmt: skip
def test_what_is_no_export_says_what_it_is(body: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read(body, name="export.xlsx")


def test_bombs_are_not_unpacked() -> None:
    bomb = zipped(a__csv=bytes(30 * 2**20))

    with pytest.raises(TooLarge, match="when it is unpacked"):
        read(bomb, name="export.zip")
    with pytest.raises(TooLarge, match="at most 400"):
        read(zipped(**{f"n{number}__csv": b"" for number in range(401)}), name="export.zip")


def test_a_year_of_rows_fits_into_little_memory() -> None:
    """A hundred thousand rows come in pieces, each of no more than some ten thousand."""
    lines = [f"{1_700_000_000 + 300 * number},{number % 7}.5,{number / 10:.1f}" for number in range(100_000)]
    found = read(csv("time,power_output,energy_total", *lines), wish=Wish("UTC", device=device()))

    assert len(found.only) == 100_000
    assert found.told.devices[1].series["energy_total"].maximum == 9999.9
    assert found.told.devices[1].interval_seconds == 300
