from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from solarhub.kit.tls import Certificate, MachineNames, local_authority, local_certificate

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE = MachineNames("hub", (ip_address("192.168.1.10"),))
ELSEWHERE = MachineNames("hub", (ip_address("192.168.7.33"),))


def test_the_authority_is_made_once_and_its_key_is_for_its_owner_only(tmp_path: Path) -> None:
    place = tmp_path / "tls"
    first = local_authority(place, HERE, NOW)

    assert local_authority(place, ELSEWHERE, NOW + timedelta(days=365)).fingerprint == first.fingerprint
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in place.glob("*.pem")} == {"authority.pem": "0o600"}
    assert oct(place.stat().st_mode & 0o777) == "0o700"
    assert b"PRIVATE" not in (place / "authority.crt").read_bytes()


def test_an_authority_whose_years_are_over_is_replaced(tmp_path: Path) -> None:
    first = local_authority(tmp_path, HERE, NOW)

    assert local_authority(tmp_path, HERE, NOW + timedelta(days=3640)).fingerprint != first.fingerprint


def test_a_file_that_is_no_authority_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text("nothing of ours")

    with pytest.raises(ValueError, match="PEM"):
        local_authority(tmp_path, HERE, NOW)
    assert (tmp_path / "authority.pem").read_text() == "nothing of ours"


@pytest.mark.parametrize(
    ("machine", "days", "renewed"),
    [(HERE, 0, False), (HERE, 300, False), (HERE, 370, True), (ELSEWHERE, 0, True)],
    ids=["at once", "in time", "worn", "moved"],
)
def test_the_servers_certificate_is_renewed_when_it_is_time(
    tmp_path: Path, machine: MachineNames, days: int, renewed: bool
) -> None:
    authority = local_authority(tmp_path, HERE, NOW)
    path = local_certificate(tmp_path, authority, HERE, NOW)
    before = path.read_bytes()

    assert local_certificate(tmp_path, authority, machine, NOW + timedelta(days=days)) == path
    assert (path.read_bytes() != before) == renewed
    assert Certificate.from_pem(path.read_bytes()).serves(["localhost", "hub", "hub.local"], machine.all_addresses)
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_what_another_authority_issued_is_replaced(tmp_path: Path) -> None:
    path = local_certificate(tmp_path, local_authority(tmp_path, HERE, NOW), HERE, NOW)
    (tmp_path / "authority.pem").unlink()
    authority = local_authority(tmp_path, HERE, NOW)

    assert not Certificate.from_pem(path.read_bytes()).is_issued_by(authority)
    local_certificate(tmp_path, authority, HERE, NOW)
    assert Certificate.from_pem(path.read_bytes()).is_issued_by(authority)
