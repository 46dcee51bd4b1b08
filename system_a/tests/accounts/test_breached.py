import secrets
from pathlib import Path

import pytest

from solarhub.accounts.breached import Filter, shipped
from solarhub.accounts.breached.__main__ import collect

LEAKED = ["correct horse battery", "Passwort1234", "élan vital 1907"]


def test_a_filter_finds_each_entry_in_any_case_and_spelling() -> None:
    made = Filter.read(Filter.of([each.casefold() for each in LEAKED]).written())
    assert made.entries == 3
    assert all(each in made for each in (*LEAKED, "CORRECT HORSE BATTERY", "e\u0301lan vital 1907"))
    assert "correct horse batter" not in made


def test_a_file_that_is_no_filter_is_refused() -> None:
    whole = Filter.of(["a leaked password"]).written()
    for data in (whole[:-1], b"SHB9" + whole[4:], whole + b"\0"):
        with pytest.raises(ValueError, match="no filter"):
            Filter.read(data)


def test_lists_are_gathered_from_every_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.txt").write_bytes("Passwort1234\nshort\n\xff\xfe not text\n".encode("latin-1"))
    (tmp_path / "b.txt").write_text("correct horse battery\npasswort1234\n", encoding="utf-8")
    assert collect(tmp_path) == {"passwort1234", "correct horse battery"}


def test_the_shipped_filter_is_as_large_as_its_description_says() -> None:
    described = (Path(__file__).parents[2] / "solarhub/accounts/breached/SOURCE.md").read_text("utf-8")
    assert f"{shipped().entries:,} passwords" in described
    assert shipped().entries > 1_000_000


def test_the_shipped_filter_refuses_few_good_passwords() -> None:
    refused = sum(secrets.token_urlsafe(12) in shipped() for _ in range(10_000))
    assert refused < 40  # 10 are expected; 40 happen once in 10^12 runs
