import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from solarhub.kit.tls import Authority, Certificate
from solarhub.kit.tls.authority import Address

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LAN = ip_address("192.168.1.10")
PUBLIC = ip_address("203.0.113.7")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new("hub", [LAN], NOW)


def openssl_says(authority: Authority, certificate: Certificate, folder: Path, *more: str) -> str:
    (folder / "authority.crt").write_bytes(authority.public_pem)
    (folder / "server.crt").write_bytes(certificate.public_pem)
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-attime", str(int(NOW.timestamp()))]
    answer = subprocess.run(
        [*command, *more, "-CAfile", folder / "authority.crt", folder / "server.crt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout + answer.stderr


@pytest.mark.parametrize(
    "subject", [("-verify_ip", "192.168.1.10"), ("-verify_hostname", "hub.local"), ("-verify_hostname", "localhost")]
)
def test_another_implementation_accepts_what_it_issues(
    authority: Authority, tmp_path: Path, subject: tuple[str, str]
) -> None:
    server = authority.issue(["hub", "hub.local", "localhost"], [LAN], NOW)

    assert openssl_says(authority, server, tmp_path, *subject).endswith("server.crt: OK\n")


@pytest.mark.parametrize(
    ("names", "addresses"),
    [(["bank.example"], []), ([], [PUBLIC]), (["notlocal"], [])],
    ids=["name", "address", "ending"],
)
def test_it_can_vouch_for_nobody_else_even_when_its_key_is_stolen(
    authority: Authority, tmp_path: Path, names: list[str], addresses: list[Address]
) -> None:
    class Thief(Authority):
        def permits(self, subject: object) -> bool:
            return bool(subject)

    stolen = Thief(authority.certificate, authority.key).issue(names, addresses, NOW)

    assert "permitted subtree violation" in openssl_says(authority, stolen, tmp_path)


def test_what_it_may_not_vouch_for_is_left_out(authority: Authority) -> None:
    server = authority.issue(["hub.local", "bank.example"], [LAN, PUBLIC], NOW)

    assert server.serves(["hub.local"], [LAN])
    assert not server.serves(["bank.example"], [])
    assert not server.serves([], [PUBLIC])


def test_a_public_address_of_this_machine_is_let_in_when_it_is_made() -> None:
    authority = Authority.new("hub", [PUBLIC], NOW)

    assert authority.permits(PUBLIC)
    assert not authority.permits(ip_address("203.0.113.8"))


def test_a_servers_certificate_is_short_enough_for_telephones_and_worn_a_month_before_its_end(
    authority: Authority,
) -> None:
    server = authority.issue(["localhost"], [], NOW)
    lasts = server.certificate.not_valid_after_utc - server.certificate.not_valid_before_utc

    assert lasts < timedelta(days=825)
    assert not server.is_worn(NOW)
    assert server.is_worn(server.certificate.not_valid_after_utc - timedelta(days=29))
    assert server.is_worn(NOW - timedelta(days=2))


def test_it_is_written_and_read_again(authority: Authority) -> None:
    again = Authority.from_pem(authority.pem)

    assert (again.fingerprint, again.certificate) == (authority.fingerprint, authority.certificate)
    assert len(again.fingerprint.split(":")) == 32
    assert authority.issue(["localhost"], [], NOW).is_issued_by(again)
    assert not Authority.new("hub", [], NOW).issue(["localhost"], [], NOW).is_issued_by(again)
