from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest

from solarhub.accounts.one_time_code import (
    address_for_authenticator,
    drawn,
    matching_step,
    new_recovery_codes,
    new_seed,
    recovery_hash,
)

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 6, 1, 12, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30
ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(("seconds", "step"), [(-60, None), (-30, STEP - 1), (0, STEP), (30, STEP + 1), (60, None)])
def test_a_code_holds_for_its_half_minute_and_those_beside_it(seconds: int, step: int | None) -> None:
    code = pyotp.TOTP(SEED).at(NOW + timedelta(seconds=seconds))
    assert matching_step(SEED, code, NOW) == step


def test_a_code_may_be_typed_in_groups() -> None:
    code = pyotp.TOTP(SEED).at(NOW)
    assert matching_step(SEED, f" {code[:3]} {code[3:]} ", NOW) == STEP


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "7Q2M-K9XD-41TB-ZRW8"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SEED, code, NOW) is None


def test_recovery_codes_differ_and_are_found_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    kept = recovery_hash(ONE, "0123-4567-89AB-CDE1")
    assert kept == recovery_hash(ONE, "o123 4567 89ab cdei")
    assert kept != recovery_hash(OTHER, "0123-4567-89AB-CDE1")
    assert all(recovery_hash(ONE, code) is not None for code in codes)


@pytest.mark.parametrize("code", ["", "123456", "0123-4567-89AB-CDE", "ü123-4567-89AB-CDEF"])
def test_what_is_no_recovery_code_has_no_hash(code: str) -> None:
    assert recovery_hash(ONE, code) is None


def test_an_authenticator_gets_the_seed_as_an_address_and_a_drawing() -> None:
    seed = new_seed()
    address = address_for_authenticator(seed, "ayesha@example.com")
    parsed = pyotp.parse_uri(address)
    assert (parsed.issuer, parsed.name) == ("Solar Hub", "ayesha@example.com")
    assert seed in address
    assert drawn(address).startswith("<svg")
