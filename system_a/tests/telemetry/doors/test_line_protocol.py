"""InfluxDB's line protocol, character by character."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.doors.line_protocol import Point, parse


def one(line: str) -> Point:
    points, faults = parse(line.encode())
    assert faults == []
    assert len(points) == 1
    return points[0]


def test_a_point_has_a_measurement_tags_fields_and_a_time() -> None:
    assert one("modbus,host=gw,slave_id=1 power_output=2.9,frequency=50i 1767348000000000000") == Point(
        0, "modbus", {"host": "gw", "slave_id": "1"}, {"power_output": 2.9, "frequency": 50.0}, 1767348000000000000
    )


def test_tags_and_time_may_be_left_out() -> None:
    assert one("m f=1") == Point(0, "m", {}, {"f": 1.0}, None)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("1", 1.0), ("-1.5", -1.5), ("+2", 2.0), (".5", 0.5), ("1.", 1.0), ("1.5e3", 1500.0), ("1E-2", 0.01)),
        *(
            ("12i", 12.0),
            ("-12i", -12.0),
            ("18446744073709551615u", 18446744073709551615.0),
            ("9" * 400 + "i", math.inf),
        ),
        *((each, True) for each in ("t", "T", "true", "True", "TRUE")),
        *((each, False) for each in ("f", "F", "false", "False", "FALSE")),
        *(('"text"', "text"), ('""', ""), (r'"a \"b\" c"', 'a "b" c'), (r'"C:\\x"', "C:\\x"), (r'"C:\x"', r"C:\x")),
        *(('"a, b=c"', "a, b=c"), ('"two\nlines"', "two\nlines")),
        *(("1,5", None), ("tRUE", "tRUE"), ("1.5i", "1.5i"), ("0x10", "0x10"), ("1_000", "1_000"), ("-", "-")),
        *(("inf", math.inf), ("-Inf", -math.inf), ("1e999", math.inf)),
    ],
    ids=str,
)
def test_a_value_is_a_number_a_truth_or_a_text(written: str, value: float | bool | str | None) -> None:
    points, faults = parse(f"m f={written} 1".encode())
    if value is None:
        assert [fault.why for fault in faults] == ["invalid field format"]
    else:
        assert (points[0].fields, points[0].timestamp) == ({"f": value}, 1)
        assert type(points[0].fields["f"]) is type(value)


def test_a_value_that_is_no_number_is_kept_as_such() -> None:
    assert math.isnan(float(one("m f=NaN").fields["f"]))


@pytest.mark.parametrize(
    ("line", "measurement", "tags", "fields"),
    [
        (r"a\ b\,c f=1", "a b,c", {}, {"f": 1.0}),
        (r"a\=b f=1", "a=b", {}, {"f": 1.0}),
        (r"m,a\ key=a\ value f=1", "m", {"a key": "a value"}, {"f": 1.0}),
        (r"m,k\=1=v\,2 f=1", "m", {"k=1": "v,2"}, {"f": 1.0}),
        (r"m,path=C:\dir\file f=1", "m", {"path": r"C:\dir\file"}, {"f": 1.0}),
        (r"m,path=C:\\dir f=1", "m", {"path": r"C:\\dir"}, {"f": 1.0}),
        (r'm,say="hi" f=1', "m", {"say": '"hi"'}, {"f": 1.0}),
        (r"m a\ field=1,b\,c=2,d\=e=3", "m", {}, {"a field": 1.0, "b,c": 2.0, "d=e": 3.0}),
        ("Straße,ort=لاہور f=1", "Straße", {"ort": "لاہور"}, {"f": 1.0}),
        ("m f=1,f=2", "m", {}, {"f": 2.0}),
        ("m   f=1   ", "m", {}, {"f": 1.0}),
    ],
)
def test_a_backslash_takes_the_meaning_off_what_follows(
    line: str, measurement: str, tags: dict[str, str], fields: dict[str, float]
) -> None:
    point = one(line)
    assert (point.measurement, point.tags, point.fields) == (measurement, tags, fields)


def test_lines_end_as_they_do_on_any_machine_and_remarks_are_left_out() -> None:
    points, faults = parse(b"# remark\nm f=1 1\r\n\n  m f=2 2\n#m f=3\n   \nm f=4 4")

    assert faults == []
    assert [(point.position, point.timestamp) for point in points] == [(1, 1), (3, 2), (6, 4)]


def test_a_text_over_two_lines_is_counted_as_two() -> None:
    points, _ = parse(b'm f="a\nb",g=1 1\nm f=2 2')

    assert [(point.position, point.fields.get("g"), point.timestamp) for point in points] == [(0, 1.0, 1), (2, None, 2)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("m", "missing fields"),
        ("m,a=b", "invalid field format"),
        ("m,a f=1", "missing tag value"),
        ("m,a= f=1", "missing tag value"),
        ("m, f=1", "missing tag value"),
        ("m,a=b=c f=1", "missing tag value"),
        (",a=b f=1", "missing measurement"),
        ("m f", "invalid field format"),
        ("m f=", "invalid field format"),
        ("m =1", "invalid field format"),
        ("m f=1,", "invalid field format"),
        ("m f=1,,g=2", "invalid field format"),
        ('m f="a"b', "invalid field format"),
        ("m f=1 noon", "bad timestamp"),
        ("m f=1 1.5", "bad timestamp"),
        ("m f=1 12345678901234567890", "bad timestamp"),
        ("m f=1 1 2", "missing fields"),
        ('m f="open', "unbalanced quotes"),
        ("\\", "missing fields"),
        ("m f=1\\", "invalid field format"),
    ],
)
def test_a_line_that_is_no_point_is_a_fault_and_its_neighbours_are_points(line: str, why: str) -> None:
    points, faults = parse(f"m f=1 1\n{line}\nm f=2 2".encode())

    assert [point.timestamp for point in points] == [1, 2]
    assert [(fault.position, fault.line, fault.why) for fault in faults] == [(1, line, why)]


def test_quotes_that_nobody_closes_cost_no_more_than_their_lines() -> None:
    """Two such lines make a text that runs over a line's end; the last one finds no partner."""
    points, faults = parse(b'm f="\n' * 20_001 + b"m f=1 1")

    assert len(points) == 10_001
    assert points[-1].timestamp == 1
    assert [fault.position for fault in faults] == [20_000]


def test_a_text_that_is_open_for_too_long_takes_no_neighbours_along() -> None:
    points, faults = parse(b'm f="\n' + b"m f=1 1\n" * 10_000)

    assert len(points) == 10_000
    assert [fault.why for fault in faults] == ["unbalanced quotes"]


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\\"), min_size=1, max_size=8)


def escaped(name: str, marks: str) -> str:
    return "".join(f"\\{mark}" if mark in marks else mark for mark in name)


@given(
    NAMES.filter(lambda name: not name.startswith("#") and name.strip(" ") == name),
    st.dictionaries(NAMES, NAMES, max_size=3),
    st.dictionaries(
        NAMES.filter(lambda name: '"' not in name),
        st.floats(allow_nan=False) | st.booleans() | st.text(st.characters(codec="utf-8", exclude_characters="\r")),
        min_size=1,
        max_size=3,
    ),
    st.integers(-(10**18), 10**18),
)
def test_what_is_written_by_the_rules_reads_back(
    measurement: str, tags: dict[str, str], fields: dict[str, float | bool | str], timestamp: int
) -> None:
    def value(each: float | bool | str) -> str:
        if isinstance(each, str):
            return '"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return str(each)

    key = escaped(measurement, ", =") + "".join(f",{escaped(k, ', =')}={escaped(v, ', =')}" for k, v in tags.items())
    told = ",".join(f"{escaped(k, ', =')}={value(v)}" for k, v in fields.items())

    assert one(f"{key} {told} {timestamp}") == Point(0, measurement, tags, fields, timestamp)


@given(st.text('m,f= \\"\n#1itrue\r.e-', max_size=60) | st.binary(max_size=60))
def test_any_bytes_are_points_or_faults(body: str | bytes) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    points, faults = parse(raw)

    lines = raw.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    assert len(points) + len(faults) <= len(lines)
    assert all(point.measurement and point.fields for point in points)
