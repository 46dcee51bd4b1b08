"""Each map reads a file of its portal's shape, as far as that is known: made-up rows under real headers.

No map was tried on a real export yet, and each says so.
"""

from solarhub.telemetry.portals.loading import shipped
from tests.house.tree import ROOT
from tests.telemetry.portals.files import csv, device, read, utc, workbook


def test_no_map_claims_to_have_been_tried() -> None:
    assert shipped().names == ["fusionsolar", "growatt", "solarman", "soliscloud", "template"]
    assert [each.name for each in shipped() if each.verified] == []
    assert all(each.source and each.hint for each in shipped())


def test_growatt_tells_power_strings_and_counters() -> None:
    found = read(
        csv(
            "Plant: Roof",
            "",
            "Serial number,Time,Status,Vpv1(V),Ipv1(A),Ppv(W),Pac(W),VacR(V),Fac(Hz),INVTemp(℃),EacToday(kWh),"
            "EacTotal(kWh),Istr7(A)",
            "ABC1234567,2025-06-21 12:00:00,Normal,610.5,8.1,4945.0,4820.5,231.4,50.01,51.2,14.6,20123.7,4.05",
            "ABC1234567,2025-06-21 11:55:00,Fault,610.5,0,0,0,231.4,50.01,51.2,14.6,20123.7,",
        ),
        "growatt",
        [device("Inverter 1", "ABC1234567")],
    ).only

    assert found[utc(2025, 6, 21, 7, 0)] == {
        "operating_state": 4.0,
        "voltage_dc:mppt1": 610.5,
        "current_dc:mppt1": 8.1,
        "power_dc": 4.945,
        "power_output": 4.8205,
        "voltage_ac:l1": 231.4,
        "frequency": 50.01,
        "temperature_inverter": 51.2,
        "energy_today": 14.6,
        "energy_total": 20123.7,
        "current_dc:string7": 4.05,
    }
    assert found[utc(2025, 6, 21, 6, 55)]["operating_state"] == 7.0


def test_growatt_headers_survive_a_wrong_guess_at_the_encoding() -> None:
    lines = ("Time,INVTemp(℃),Pac(W)", "2025-06-21 12:00:00,51.2,1000")

    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        found = read(csv(*lines, encoding=encoding), "growatt").only
        assert found[utc(2025, 6, 21, 7, 0)] == {"temperature_inverter": 51.2, "power_output": 1.0}, encoding


def test_fusionsolar_names_its_inverters_in_a_column() -> None:
    headers = ["Site Name", "ManageObject", "Start Time", "Inverter status", "Active power(kW)", "Daily energy(kWh)"]
    headers += ["Total yield(kWh)", "Internal temperature(℃)", "PV1 input voltage(V)", "Insulation resistance(MΩ)"]
    noon = "2025-06-21 12:00:00"
    found = read(
        workbook(
            **{
                "5_minutes": [
                    ["Inverter historical data"],
                    ["Export time: 2025-07-01"],
                    [None],
                    headers,
                    ["Roof", "A/INV-01", f"{noon} DST", "Grid connected", 41.2, 210.5, 90123.45, 48.1, 712.3, 2.5],
                    ["Roof", "A/INV-02", noon, "Standby: no irradiation", "-", 0, 80000, "--", 0, "N/A"],
                    ["Roof", "A/INV-03", noon, "", 1, 1, 1, 1, 1, 1],
                ]
            }
        ),
        "fusionsolar",
        [device("INV-01", key=1), device("Second", "inv-02", key=2)],
        name="export.xlsx",
    )  # fmt: skip

    at = utc(2025, 6, 21, 7, 0)
    assert found.rows["INV-01"][at] == {
        "operating_state": 4.0,
        "power_output": 41.2,
        "energy_today": 210.5,
        "energy_total": 90123.45,
        "temperature_inverter": 48.1,
        "voltage_dc:string1": 712.3,
        "insulation_resistance": 2500.0,
    }
    assert found.rows["Second"][at] == {
        "operating_state": 2.0,
        "energy_today": 0.0,
        "energy_total": 80000.0,
        "voltage_dc:string1": 0.0,
    }
    assert found.reasons == ["7: no device here has the serial number or name INV-03"]


def solis_history() -> bytes:
    headers = ["Number", "Time", "Working State", "DC Power PvMPPT1(W)", "Today Yield(kWh)", "Battery Power(W)"]
    headers += ["Daily Energy from Grid(kWh)", "Battery SOC(%)", "Grid Total Active Power(W)"]
    return workbook(
        Inverter_All_History_Report__21=[
            ["Inverter All History Report_21/06/2025_Report"],
            [],
            ["Inverter SN:1031150012345678", None, "Inverter type:3197"],
            ["Rated Power:10000Wp"],
            [],
            headers,
            ["1", "21/06/2025 00:03:36 (UTC+07:00)", "Normal", "0", "0", "-410.000", "0.100", "62", "0"],
            ["2", "21/06/2025 12:18:49 (UTC+07:00)", "Normal", "729", "14.600", "120", "0.100", "100", "-20.000"],
        ],
        Inverter_History_Report__21=[
            ["Number", "Time", "Total Inverter Power(W)"],
            ["1", "21/06/2025 00:03:36", 5],
        ],
    )


def test_soliscloud_names_the_inverter_above_and_the_offset_in_each_time() -> None:
    found = read(solis_history(), "soliscloud", [device("Hybrid", "1031150012345678")], name="report.xlsx")

    assert found.rows == {
        "Hybrid": {
            utc(2025, 6, 20, 17, 3, 36): {
                "power_dc:mppt1": 0.0,
                "energy_today": 0.0,
                "battery_power": -0.41,
                "grid_import_today": 0.1,
                "battery_soc": 62.0,
            },
            utc(2025, 6, 21, 5, 18, 49): {
                "power_dc:mppt1": 0.729,
                "energy_today": 14.6,
                "battery_power": 0.12,
                "grid_import_today": 0.1,
                "battery_soc": 100.0,
            },
        }
    }
    (table,) = found.told.tables
    assert table.left_out.keys() == {"Number", "Working State", "Grid Total Active Power(W)"}


def test_soliscloud_tells_days_in_another_table() -> None:
    body = workbook(
        Sheet1=[
            ["Inverter_Report_2025-06_Report"],
            ["Inverter SN:1031150012345678"],
            ["Inverter SN", "Number", "Time", "Today Yield(kWh)", "Today Full Load Hours(h)", "Energy from Grid(kWh)"],
            ["SN", "1", "21/06/2025", 14.1, 1.41, 0.11],
            ["SN", "2", "22/06/2025", 14.1, 1.41, 0.2],
        ]
    )
    found = read(body, "soliscloud", [device("Hybrid", "1031150012345678")], name="month.xlsx")

    assert found.told.tables[0].table == "days"
    assert found.only == {
        utc(2025, 6, 20, 19, 0): {"energy_today": 0.0, "grid_import_today": 0.0},
        utc(2025, 6, 21, 18, 59, 59): {"energy_today": 14.1, "grid_import_today": 0.11},
        utc(2025, 6, 21, 19, 0): {"energy_today": 0.0, "grid_import_today": 0.0},
        utc(2025, 6, 22, 18, 59, 59): {"energy_today": 14.1, "grid_import_today": 0.2},
    }


def test_solarman_names_the_inverter_in_the_files_name() -> None:
    found = read(
        workbook(
            Sheet0=[
                ["Updated Time", "DC Voltage PV1(V)", "DC Current1(A)", "Total AC Output Power (Active)(W)",
                 "Cumulative Production (Active)(kWh)", "Temperature- Inverter(℃)", "Total Running Hour(h)"],
                ["2025/06/21 12:00:00", "312.4", "5.2", "1500", "812.4", "45.5", "2210"],
            ]
        ),
        "solarman",
        [device("Deye", "SGP2509100120")],
        name="InverterSGP2509100120-Detailed Data-20250621.xlsx",
    )  # fmt: skip

    assert found.only[utc(2025, 6, 21, 7, 0)] == {
        "voltage_dc:mppt1": 312.4,
        "current_dc:mppt1": 5.2,
        "power_output": 1.5,
        "energy_total": 812.4,
        "temperature_inverter": 45.5,
        "operating_time_total": 2210.0,
    }


def test_the_template_takes_wide_long_and_daily_files() -> None:
    at = utc(2025, 6, 21, 7, 0)
    wide = csv(
        "time,device,power_output (W),voltage_dc:mppt1,energy_total (MWh),Comment",
        "2025-06-21T12:00:00+05:00,Inverter 1,1500,610,20.5,sunny",
    )
    long = csv(
        "time,device,metric,value,unit",
        "2025-06-21 12:00,Inverter 1,power_output,1500,W",
        "2025-06-21 12:00,Inverter 1,voltage_dc:mppt1,610,",
        "2025-06-21 12:00,Inverter 1,power_input,610,",
        "2025-06-21 12:00,Inverter 1,energy_total,20.5,MWh",
    )
    days = csv("date;device;energy_today", "21.06.2025;Inverter 1;14,6")
    expected = {at: {"power_output": 1.5, "voltage_dc:mppt1": 610.0, "energy_total": 20500.0}}

    assert read(wide, devices=[device()]).only == expected
    assert "no metric has that name" in read(wide, devices=[device()]).told.tables[0].left_out["Comment"]
    assert read(long, devices=[device()]).only == expected
    assert "power_input: no metric has that name" in read(long, devices=[device()]).reasons[0]
    assert read(days, devices=[device()]).only[utc(2025, 6, 21, 18, 59, 59)] == {"energy_today": 14.6}


def test_every_map_stands_in_the_document() -> None:
    page = (ROOT / "docs" / "how-to" / "bring-the-past-along.md").read_text("utf-8")

    assert [each.name for each in shipped() if f"| `{each.name}` |" not in page] == []
