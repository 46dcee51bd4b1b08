import re
from datetime import timedelta
from itertools import product

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.devices.vocabulary import DeviceType
from solarhub.fleet.plants import State
from solarhub.fleet.vocabulary import AttentionKind
from solarhub.fleet.wording import WORDS
from tests.fleet.making import HOUR, NOON, concern

FACTS = {
    "since": NOON - HOUR,
    "until": NOON + HOUR,
    "quiet_since": NOON - HOUR,
    "devices": ("Inverter 1",),
    "message": "Low {braces}",
    "metric": "power_output",
    "value": 0.12,
    "threshold": 1.0,
    "others": 4.1,
    "device_type": DeviceType.INVERTER,
    "channel": "string2",
    "disco": "lesco",
    "who": "Usman Ali",
    "reporting": 2,
    "total": 3,
    "organization": "Acme",
}
ALWAYS_KNOWN: dict[AttentionKind, set[str]] = {
    AttentionKind.DEVICE_ERROR: {"devices"},
    AttentionKind.DEVICE_SILENT: {"devices"},
    AttentionKind.WEAK_STRING: {"devices", "channel", "value", "others"},
    AttentionKind.MAINTENANCE_ENDING: {"until"},
    AttentionKind.ACCESS_ENDING: {"who", "until"},
    AttentionKind.KEY_ENDING: {"who", "until"},
}
"""What the rules never leave out; everything else may be missing."""


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("kind", "everything"),
    list(product(AttentionKind, (True, False))),
    ids=[f"{kind.value}-{known}" for kind, known in product(AttentionKind, ("everything known", "little known"))],
)
def test_every_concern_has_a_sentence_and_a_suggestion_in_each_language(
    language: Language, kind: AttentionKind, everything: bool
) -> None:
    known = FACTS if everything else {name: FACTS[name] for name in ALWAYS_KNOWN.get(kind, ())}
    item = concern(kind, **known)
    sentence, action = WORDS[language].sentence(item, NOON), WORDS[language].action(item)
    end = "." if language is Language.ENGLISH else "۔"
    assert sentence.endswith(end)
    assert action.endswith((end, "?", "؟"))
    for text in (sentence, action):
        assert "None" not in text
        assert "  " not in text
        assert "\n" not in text
        assert not re.search(r"[{}]", text.replace("Low {braces}", ""))


@pytest.mark.parametrize("language", Language)
def test_an_instant_is_told_by_the_plants_clock_with_as_much_date_as_it_needs(language: Language) -> None:
    words = WORDS[language]
    told = [
        words.sentence(concern(AttentionKind.DEVICE_SILENT, devices=("I",), since=NOON - ago), NOON)
        for ago in (HOUR, timedelta(days=1), timedelta(days=20), timedelta(days=400))
    ]
    wanted = {
        Language.ENGLISH: ["since 11:00", "since yesterday 12:00", "since 1 Jun 12:00", "since 18 May 2023"],
        Language.URDU: ["11:00 بجے سے", "کل 12:00 بجے سے", "1 جون 12:00 بجے سے", "18 مئی 2023 سے"],
    }
    assert [part in sentence for part, sentence in zip(wanted[language], told, strict=True)] == [True] * 4


def test_latin_names_stand_apart_in_an_urdu_sentence() -> None:
    sentence = WORDS[Language.URDU].sentence(concern(devices=("Inverter 1",)), NOON)
    assert "\N{FIRST STRONG ISOLATE}Gulberg roof\N{POP DIRECTIONAL ISOLATE}" in sentence


def test_a_concern_among_several_organizations_says_whose_it_is() -> None:
    for language in Language:
        assert "Acme" in WORDS[language].sentence(concern(organization="Acme"), NOON)


@pytest.mark.parametrize("language", Language)
def test_every_state_that_is_counted_has_a_word(language: Language) -> None:
    fine = {State.WORKING, State.ASLEEP, State.NOTICE}
    text = WORDS[language].opening(20, 3, [(state, 1) for state in State if state not in fine])
    assert "20" in text
    assert WORDS[language].production(None, 10.0, None) == ""
    assert "MW" in WORDS[language].production(1240.0, 4100.0, 3210.0)
