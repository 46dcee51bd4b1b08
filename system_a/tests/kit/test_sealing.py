import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.kit.ids import uuid7
from solarhub.kit.sealing import BadKey, Keyring, Unsealable, new_key, write_keys

OURS = Keyring.parse(new_key())


@given(st.text(max_size=200), st.lists(st.text(max_size=10), max_size=4))
def test_what_was_sealed_for_a_place_opens_there(plain: str, place: list[str]) -> None:
    sealed = OURS.seal(plain, *place)
    assert OURS.open(sealed, *place) == plain
    assert sealed.isascii()


def test_it_opens_nowhere_else() -> None:
    organization, device = uuid7(), uuid7()
    sealed = OURS.seal("hunter2", organization, device, "password")
    for place in [(organization, uuid7(), "password"), (device, organization, "password"), (organization, device), ()]:
        with pytest.raises(Unsealable):
            OURS.open(sealed, *place)
    # what is bound is a list, not a text: its parts cannot be moved across the gaps
    with pytest.raises(Unsealable):
        OURS.open(OURS.seal("x", "ab", "c"), "a", "bc")


def test_one_that_was_touched_opens_nowhere() -> None:
    sealed = OURS.seal("hunter2")
    with pytest.raises(Unsealable):
        OURS.open(sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB"))


@pytest.mark.parametrize("text", ["", "v1", "v1::", "v0:k:AAAA", "v1:nobody:AAAA", "hunter2"])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(Unsealable):
        OURS.open(text)


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert OURS.seal("hunter2") != OURS.seal("hunter2")


def test_an_older_key_opens_and_a_newer_one_seals() -> None:
    old, new = new_key(), new_key()
    sealed = Keyring.parse(old).seal("hunter2", 1)
    both = Keyring.parse(f"{new}\n{old}\n")
    assert both.open(sealed, 1) == "hunter2"
    assert not both.is_current(sealed)
    assert both.is_current(both.seal("hunter2", 1))
    with pytest.raises(Unsealable):
        Keyring.parse(new).open(sealed, 1)


def test_a_key_file_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "hub" / "secret.key"
    sealed = Keyring.load_or_make(path).seal("hunter2")
    assert Keyring.load_or_make(path).open(sealed) == "hunter2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_left_half_written_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.with_name("secret.key.new").write_text("half")
    write_keys(path, [new_key()])
    assert Keyring.load_or_make(path).names
    assert os.listdir(tmp_path) == ["secret.key"]  # noqa: PTH208 - names are what is asked for


@pytest.mark.parametrize(
    "text",
    ["", "\n", "abc", "k1:", "k1:AAAA", ":" + new_key().partition(":")[2], "k-1:" + new_key().partition(":")[2]],
    ids=range(7),
)
def test_a_key_that_cannot_be_one_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadKey) as refusal:
        Keyring.parse(text)
    assert "32 bytes in base64" in str(refusal.value)
    assert not text.strip() or text not in str(refusal.value)


def test_a_keyring_does_not_print_its_keys() -> None:
    line = new_key()
    assert line.partition(":")[2] not in repr(Keyring.parse(line))
