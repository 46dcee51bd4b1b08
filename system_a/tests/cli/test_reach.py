import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from solarhub.cli.announcing import where
from solarhub.cli.reach import Reach, Unreachable, listen, reach
from solarhub.config import Settings
from solarhub.kit.clock import now
from solarhub.kit.tls import Authority, machine_names

LAN = next((str(address) for address in machine_names().addresses if address.version == 4), None)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOLARHUB_{name.upper()}", raising=False)


@contextmanager
def reached(place: Path, **settings: Any) -> Iterator[Reach]:
    wanted = Settings(port=0, **settings)
    with listen(wanted) as listener:
        yield reach(wanted, listener, place)


def refusal(place: Path, **settings: Any) -> str:
    with pytest.raises(Unreachable) as refused, reached(place, **settings):
        raise AssertionError("it listens")
    return str(refused.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For hub.lan, with its key in the same file."""
    path = tmp_path / "given.pem"
    path.write_bytes(Authority.new("hub", [], now()).issue(["hub.lan"], [], now()).pem)
    return path


def test_without_any_setting_plain_http_is_served_on_the_loopback(tmp_path: Path) -> None:
    with reached(tmp_path) as way:
        host, port = way.listener.getsockname()
        assert host == "127.0.0.1"
        assert way.public_url == f"http://127.0.0.1:{port}"
        assert (way.serving, way.trust) == (None, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "203.0.113.7"])  # noqa: S104 - it is refused
def test_plain_http_is_refused_anywhere_else_and_the_three_ways_are_told(tmp_path: Path, host: str) -> None:
    told = refusal(tmp_path, host=host)

    assert told.startswith(f"{host} is an address of a network")
    for way in ("--tls-certificate FILE --tls-key FILE", "--tls-local", "deploy/Caddyfile", "--trusted-proxy"):
        assert way in told


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2"])
def test_every_name_of_the_loopback_will_do(tmp_path: Path, host: str) -> None:
    with reached(tmp_path, host=host) as way:
        assert way.public_url.startswith("http://127.0.0.")


def test_behind_a_proxy_the_address_that_people_type_must_be_told(tmp_path: Path) -> None:
    assert "--public-url https://NAME (SOLARHUB_PUBLIC_URL)" in refusal(tmp_path, trusted_proxies=["127.0.0.1"])

    with reached(tmp_path, trusted_proxies=["127.0.0.1"], public_url="https://hub.example.com") as way:
        assert way.trusted_proxies == (ip_network("127.0.0.1"),)
        assert way.public_url == "https://hub.example.com"
        assert way.host_names == {"hub.example.com"}


def test_a_given_certificate_names_the_hub(tmp_path: Path, certificate: Path) -> None:
    with reached(tmp_path, host="127.0.0.1", tls_certificate=certificate, tls_key=certificate) as way:
        assert way.public_url == f"https://hub.lan:{way.listener.getsockname()[1]}"
        assert way.host_names == {"hub.lan"}
        assert way.serving is not None
        assert way.serving.context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert list(where(way, on_terminal=True)) == [f"Solar Hub is at {way.public_url}/"]


def test_what_does_not_fit_together_is_told_before_anything_is_opened(tmp_path: Path, certificate: Path) -> None:
    assert "--tls-key (SOLARHUB_TLS_KEY) is not set" in refusal(tmp_path, tls_certificate=certificate)
    assert "--tls-certificate (SOLARHUB_TLS_CERTIFICATE) is not set" in refusal(tmp_path, tls_key=certificate)
    assert "Choose one" in refusal(tmp_path, tls_local=True, tls_certificate=certificate, tls_key=certificate)
    gone = tmp_path / "gone.pem"
    assert "cannot be read: No such file" in refusal(tmp_path, tls_certificate=gone, tls_key=gone)


def test_the_local_certificate_is_for_every_address_and_its_authority_is_shown(tmp_path: Path) -> None:
    with reached(tmp_path, tls_local=True) as way:
        assert way.listener.getsockname()[0] == "0.0.0.0"  # noqa: S104 - with TLS, to be reached is the point
        assert way.trust is not None
        assert "localhost" not in way.host_names
        assert any(name.endswith(".local") for name in way.host_names)
        shown = "\n".join(where(way, on_terminal=True))
        assert way.trust.authority.fingerprint in shown
        assert f"{way.public_url}/trust" in shown
        assert "█" in shown
        assert "█" not in "\n".join(where(way, on_terminal=False))
        assert not way.refresh()
        (tmp_path / "tls" / "server.pem").unlink()
        assert way.refresh()
    if LAN is not None:
        assert way.public_url.startswith("https://")
        assert not way.public_url.startswith("https://localhost")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unreachable) as refused:
            listen(Settings(port=port))
    assert (
        str(refused.value) == f"Nobody can listen on 127.0.0.1 port {port}: Address already in use. Try another --port."
    )


def test_an_authority_that_was_spoilt_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "authority.pem").write_text("spoilt")

    assert str(tmp_path / "tls") in refusal(tmp_path, tls_local=True)
    assert (tmp_path / "tls" / "authority.pem").read_text() == "spoilt"
