import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solarhub.accounts.password_rules import length_trouble, normal, trouble, words_of

OWN = words_of("ayesha.khan@pinesolar.example", "Ayesha", "Khan", "Pine Energy (Pvt.) Ltd.")


@pytest.mark.parametrize(
    "password",
    [
        "mango kettle seventeen rooftops",
        "nine quiet herons",
        "Tr0ub4dor&3xyz!",
        "چار الگ الگ الفاظ یہاں",
        "🌞🔋🏠⚡🌧️🪁🥭🐫🎏🧵🪔🧭",
        "   twelve blanks around   ",
        "tab\tand\x00nothing here",
        "solar lies over Ravi",
        "my khan is not your khan",
    ],
    ids=["words", "three words", "mixed", "urdu", "pictures", "blanks", "controls", "hub's word", "own word"],
)
def test_a_password_of_any_characters_is_taken(password: str) -> None:
    assert trouble(password, OWN) is None


@pytest.mark.parametrize(
    "password", ["", "short", "elevenchars", "x" * 129, "é" * 129, "ab\ud800cdefghijklm"], ids=repr
)
def test_what_is_too_short_too_long_or_no_text_is_refused(password: str) -> None:
    assert length_trouble(password) is not None
    assert trouble(password) is not None


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "qwertyuiopas", "kjihgfedcba9", "zq7xzq7xzq7x", "9" * 128],
)
def test_repetitions_and_sequences_are_refused(password: str) -> None:
    assert "repetition" in (trouble(password) or "")


@pytest.mark.parametrize(
    "password", ["1qaz2wsx3edc", "iloveyouforever", "PASSWORD1234", "QwertyQwerty", "motherfucker"]
)
def test_common_passwords_are_refused_in_any_case(password: str) -> None:
    assert trouble(password) is not None


@pytest.mark.parametrize(
    "password",
    [
        "AyeshaKhan2024!",
        "ayesha.khan@1",
        "pinesolar-pinesolar!",
        "KhanAyesha#99",
        "nahkahseya!!!",
        "Solarhub1234567",
        "pine energy 2026",
        "solar-inverter-7",
    ],
)
def test_a_persons_own_words_are_no_password(password: str) -> None:
    assert trouble(password, OWN) is not None


def test_words_are_those_of_names_and_addresses_joined_and_turned() -> None:
    found = words_of("ayesha.khan@example.com", "Ali", None, "Ó Dálaigh")
    assert {"ayesha", "khan", "ayeshakhan", "example", "com", "ali", "dálaigh", "nahk"} <= found
    assert "ó" not in found


@given(st.text(st.characters(codec="utf-8"), min_size=12, max_size=128))
@example("ﬁ" * 64)
@example("ﬁ" * 65)
def test_length_counts_the_characters_that_are_hashed_and_none_is_cut_off(password: str) -> None:
    length = len(unicodedata.normalize("NFKC", password))
    assert (length_trouble(password) is None) == (12 <= length <= 128)
    assert len(normal(password)) == length


@given(st.text(max_size=300))
def test_whatever_is_typed_is_judged(password: str) -> None:
    assert trouble(password, OWN) is None or isinstance(trouble(password, OWN), str)
