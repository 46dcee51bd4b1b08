"""The part of Home Assistant's templates that is read; everything else is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.drivers.dialects.mapping import ABSENT
from solarhub.drivers.dialects.value_templates import NotUnderstood, ValueTemplate

BODY = {"a": {"b": 12.5}, "list": [1, {"c": "7"}], "text": " 3.5 ", "word": "on", "null": None, "zero": 0}


def made(template: str, body: object = BODY) -> object:
    return ValueTemplate(template).of(json.dumps(body), body)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ value_json.a.b }}", 12.5),
        ("{{value_json['a']['b']}}", 12.5),
        ('{{ value_json["a"].b }}', 12.5),
        ("{{- value_json.list[1].c | int -}}", 7.0),
        ("{{ value_json.list.0 }}", 1),
        ("{{ value_json.text | float }}", 3.5),
        ("{{ value_json.a.b / 10 }}", 1.25),
        ("{{ value_json.a.b|float / 10 | round(1) }}", 1.25),
        ("{{ (value_json.a.b / 10) | round(1) }}", 1.2),
        ("{{ (value_json.a.b * 2 + 5 - 1) | round }}", 29),
        ("{{ -value_json.a.b | abs }}", -12.5),
        ("{{ value_json.word }}", "on"),
        ("{{ value_json.zero }}", 0),
    ],
)
def test_paths_filters_and_arithmetic(template: str, value: object) -> None:
    assert made(template) == value


def test_the_payload_itself_is_value() -> None:
    assert ValueTemplate("{{ value | float * 0.001 }}").of("1500", None) == 1.5
    assert not ValueTemplate("{{ value }}").wants_json


@pytest.mark.parametrize(
    "template",
    ["{{ value_json.missing }}", "{{ value_json.null }}", "{{ value_json.a.b.c }}", "{{ value_json.list[9] }}",
     "{{ value_json.word | float }}", "{{ value_json.missing | float(0) }}", "{{ value_json.a.b / value_json.zero }}",
     "{{ value_json.null + 1 }}"],
)  # fmt: skip
def test_what_is_not_there_is_nothing(template: str) -> None:
    assert made(template) is ABSENT


@pytest.mark.parametrize(
    "template",
    [
        "",
        "23",
        "{{ }}",
        "{{ value_json.a",
        "{% if value_json.a %}1{% endif %}",
        "{{ states('sensor.x') }}",
        "{{ value_json.a | upper }}",
        "{{ value_json.a if value_json.b else 0 }}",
        "{{ value_json.a }}{{ value_json.b }}",
        "{{ 1 ** 2 }}",
        "{{ value_json[a] }}",
        "{{ value_json.__class__.__mro__() }}",
        "{{ " + "(" * 50 + "1" + ")" * 50 + " }}",
        "{{ value_json.a " + "+ 1" * 300 + " }}",
    ],
)
def test_everything_else_is_refused(template: str) -> None:
    with pytest.raises(NotUnderstood):
        ValueTemplate(template)


def test_a_name_that_python_knows_is_only_a_key() -> None:
    assert made("{{ value_json.__class__ }}") is ABSENT


@given(st.text(alphabet="value_json.a[]()'\"|/*+-0123456789 {}float", max_size=60))
def test_any_template_is_read_or_refused(text: str) -> None:
    try:
        template = ValueTemplate("{{" + text + "}}")
    except NotUnderstood:
        return
    template.of("1", {"a": 1})
