"""A dialect's file is read strictly: what is wrong is told with the file, the place, and what is allowed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from solarhub.drivers.dialects import Dialects, WrongDialect
from solarhub.drivers.dialects.fields import FIELD_KEYS
from solarhub.drivers.dialects.loading import KEYS_OF_PAYLOAD, SHIPPED
from tests.house.tree import ROOT

GOOD = """
dialect: sungrid
version: 3
title: Sungrid boxes
parts: {serial: "[0-9]{4}"}
sender: "{base}/{serial}"
topics:
  - topic: "{base...}/{serial}/{field}"
    by: field
    burst: true
    reads:
      p: {series: power_output, unit: W}
"""
AT = datetime(2026, 6, 21, 7, 0, tzinfo=UTC)


def trouble(tmp_path: Path, text: str) -> str:
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    with pytest.raises(WrongDialect) as wrong:
        Dialects.load(tmp_path)
    return str(wrong.value)


def test_a_file_is_all_that_a_new_product_needs(tmp_path: Path) -> None:
    (tmp_path / "sungrid.yaml").write_text(GOOD)

    (told,) = Dialects.load(tmp_path).read("box/1234/p", b"1500", AT)

    assert told.readings == {"power_output": 1.5}
    assert (told.dialect, told.version, told.sender) == ("sungrid", 3, "box/1234")


def test_an_own_file_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    corrected = (SHIPPED / "opendtu.yaml").read_text("utf-8").replace("version: 1", "version: 2").replace(
        "power_output, unit: W", "power_output, unit: kW"
    )  # fmt: skip
    (tmp_path / "opendtu.yaml").write_text(corrected)
    dialects = Dialects.load(tmp_path)

    (told,) = dialects.read("solar/114182912345/0/power", b"5", AT)

    assert (told.version, told.readings) == (2, {"power_output": 5.0})
    assert dialects.versions()["opendtu"] == 2


def test_every_shipped_file_says_where_its_facts_are_from() -> None:
    own = {"json", "scalar"}
    for path in SHIPPED.glob("*.yaml"):
        text = path.read_text("utf-8")
        assert path.stem in own or "\nsource: " in text, path.name
        assert f"\ndialect: {path.stem}\n" in text, "a file bears the name of its dialect"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ("power_output", "power_ouput"),
            (
                "mine.yaml: topics[0].reads.p.series: 'power_ouput' is unknown: no metric has that "
                "name; did you mean power_output?"
            ),
        ),
        (
            ("unit: W", "unit: Wh"),
            "mine.yaml: topics[0].reads.p.unit: 'Wh' cannot be turned into kW; allowed: MW, W, kW, mW",
        ),
        (
            ("unit: W", "unity: W"),
            (
                "mine.yaml: topics[0].reads.p.unity: is not known here; allowed: channels, factor, "
                "negate, nothing, offset, others, series, unit, words"
            ),
        ),
        (
            ("version: 3", "version: soon"),
            "mine.yaml: version: 'soon' is out of range; allowed: a whole number from 1 to 1000000",
        ),
        (
            ("version: 3\n", ""),
            "mine.yaml: version: is missing",
        ),
        (
            ("by: field", "by: fild"),
            "mine.yaml: topics[0].by: 'fild' is no level of the topic; allowed: base, field, serial",
        ),
        (
            ("burst: true", "burst: yes"),
            "mine.yaml: topics[0].burst: 'yes' is neither true nor false; allowed: false, true",
        ),
        (
            ("dialect: sungrid", "dialect: Sun Grid"),
            "mine.yaml: dialect: 'Sun Grid' is no name; allowed: a-z, 0-9 and underscore, beginning with a letter",
        ),
        (
            ('"{base}/{serial}"\ntopics', '"{box}"\ntopics'),
            "mine.yaml: sender: '{box}' names box, which the topic does not have; allowed: base, field, serial, topic",
        ),
        (
            ('"{base...}/{serial}/{field}"', '"{base...}/+/{field}"'),
            (
                "mine.yaml: topics[0].topic: '{base...}/+/{field}' is no topic pattern; allowed are "
                "levels between slashes, {name} and {name...}"
            ),
        ),
        (
            ('"[0-9]{4}"', '"[0-9"'),
            "mine.yaml: parts.serial: '[0-9' is no regular expression: unterminated character set at position 0",
        ),
        (
            ("unit: W}", "unit: W, words: {on: 1}, factor: 0}"),
            "mine.yaml: topics[0].reads.p.factor: 0 makes every value zero; allowed: any other number",
        ),
        (
            ("unit: W}", "unit: W, channels: [L1]}"),
            (
                "mine.yaml: topics[0].reads.p.channels[0]: 'L1' names no channel; allowed: 1 to 32 of "
                "a-z, 0-9 and underscore"
            ),
        ),
        (
            ("    by: field\n", "    payload: xml\n    by: field\n"),
            "mine.yaml: topics[0].payload: 'xml' is not known; allowed: json, samples, value",
        ),
        (
            ("    by: field\n", ""),
            "mine.yaml: topics[0].reads: needs `by`, the level that chooses among them",
        ),
        (
            ("version: 3\n", "version: 3\nversion: 4\n"),
            "mine.yaml: is no YAML: 'version' stands here twice in \"<unicode string>\", line 4, column 1:",
        ),
        (
            ("version: 3", "version: [3"),
            "mine.yaml: is no YAML:",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_is_allowed(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    assert change[0] in GOOD

    assert trouble(tmp_path, GOOD.replace(*change, 1)).startswith(sentence)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "{path: t, format: unix}",
            "format: 'unix' is not known; allowed: auto, iso, milliseconds, seconds",
        ),
        (
            "{path: t, format: iso, zone: Lahore}",
            "zone: 'Lahore' is not known; allowed: plant, UTC, or a name such as Asia/Karachi",
        ),
        (
            "{format: iso}",
            "path: is missing",
        ),
    ],
)
def test_a_time_must_be_described_in_words_that_are_known(tmp_path: Path, body: str, sentence: str) -> None:
    text = f"""
dialect: mine
version: 1
title: Mine
sender: "{{topic}}"
topics:
  - topic: "x/{{device}}"
    payload: json
    time: {body}
    reads: {{p: power_output}}
"""
    assert trouble(tmp_path, text) == f"mine.yaml: topics[0].time.{sentence}"


def test_a_code_outside_of_the_metric_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("power_output, unit: W", "operating_state, words: {run: 14}")

    assert trouble(tmp_path, text).startswith(
        "mine.yaml: topics[0].reads.p.words.run: 14 is no operating_state; allowed: 0 to 9"
    )


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)

    assert trouble(tmp_path, GOOD) == "mine.yaml: dialect: 'sungrid' is the name of another file's dialect too"


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongDialect, match="is no directory that can be read"):
        Dialects.load(tmp_path / "nowhere")


def test_a_word_of_yaml_that_looks_like_a_truth_stays_a_word(tmp_path: Path) -> None:
    text = GOOD + '  - {topic: "{base...}/{serial}", available: {online: on, offline: off}}\n'
    (tmp_path / "mine.yaml").write_text(text)

    (told,) = Dialects.load(tmp_path).read("box/1234", b"off", AT)

    assert told.available is False


def test_a_discovery_is_checked_as_strictly(tmp_path: Path) -> None:
    text = (SHIPPED / "homeassistant.yaml").read_text("utf-8").replace("series: humidity", "series: moisture")

    assert "discovery.sensors[" in trouble(tmp_path, text)
    assert "no metric has that name" in trouble(tmp_path, text)


def test_the_file_of_the_guide_is_read_as_it_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "add-a-dialect.md").read_text("utf-8")
    (tmp_path / "sunbox.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0])
    dialects = Dialects.load(tmp_path)

    (power,) = dialects.read("roof/SB000017/ac/power", b"4200", AT)
    (volts,) = dialects.read("roof/SB000017/dc/2/voltage", b"3801", AT)
    (record,) = dialects.read(
        "roof/SB000017/record", b'{"ts":"2026-06-21T12:00:00","stored":true,"values":{"p":10,"u":[230,231,null]}}', AT
    )

    assert (power.readings, power.sender) == ({"power_output": 4.2}, "roof/SB000017")
    assert volts.readings == {"voltage_dc:mppt2": 380.1}
    assert record.readings == {"power_output": 0.01, "voltage_ac:l1": 230.0, "voltage_ac:l2": 231.0}
    assert record.historical
    assert dialects.read("roof/SB000017/ac/power", b"n/a", AT) == []


def test_every_key_of_a_reading_and_a_topic_stands_in_the_guide() -> None:
    page = (ROOT / "docs" / "how-to" / "add-a-dialect.md").read_text("utf-8")
    keys = {key for keys in (FIELD_KEYS, *KEYS_OF_PAYLOAD.values()) for key in keys}

    assert sorted(key for key in keys if f"`{key}`" not in page and f"{key}:" not in page) == []
