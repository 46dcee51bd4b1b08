"""URLs as people write them."""

import ssl
from typing import Any

import pytest

from solarhub.kit.libpq import asyncpg_arguments, translate_url


def arguments(url: str) -> dict[str, Any]:
    found = asyncpg_arguments(url)
    del found["server_settings"]
    return found


def test_a_url_over_the_network_is_read() -> None:
    assert arguments("postgresql://ann:p%40ss@db.example.org:5433/hub?sslmode=require") == {
        "host": "db.example.org",
        "port": 5433,
        "user": "ann",
        "password": "p@ss",
        "database": "hub",
        "ssl": "require",
    }


def test_a_url_through_a_socket_is_read_by_both_libraries() -> None:
    url = "postgresql://solarhub_app@/solarhub?host=/run/hub&port=5432"
    assert arguments(url) == {"host": "/run/hub", "port": 5432, "user": "solarhub_app", "database": "solarhub"}
    assert translate_url(url).query == {"host": "/run/hub"}
    assert translate_url("postgres://ann@example.org/hub").drivername == "postgresql+asyncpg"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://ann@example.org/hub", "starts with postgresql://"),
        ("hub.db", "starts with postgresql://"),
        ("postgresql://example.org/hub?sslmode=always", "allowed are disable, allow, prefer, require"),
        ("postgresql://example.org/hub?colour=green", "not understood: colour"),
        ("postgresql://example.org/hub?sslmode=verify-ca&sslrootcert=/nowhere.pem", "cannot be used"),
    ],
)
def test_a_url_that_is_not_understood_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        asyncpg_arguments(url)


def test_a_root_certificate_is_verified_against_the_name_only_when_asked() -> None:
    root = ssl.get_default_verify_paths().cafile
    assert root is not None
    for mode, checks_name in (("verify-ca", False), ("verify-full", True)):
        context = asyncpg_arguments(f"postgresql://example.org/hub?sslmode={mode}&sslrootcert={root}")["ssl"]
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, checks_name)
