import os
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from solarhub.kit.clock import now
from solarhub.kit.tls import Authority, Serving, UnusableCertificate


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new("hub", [], now())


def serial_shown(serving: Serving, authority: Authority) -> int:
    """Which certificate a client is shown now."""
    ours, theirs = socket.socketpair()
    client = ssl.create_default_context(cadata=authority.public_pem.decode())

    def serve() -> None:
        with serving.context.wrap_socket(ours, server_side=True) as connection:
            connection.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    with client.wrap_socket(theirs, server_hostname="localhost") as connection:
        told = connection.getpeercert()
        connection.send(b".")
    thread.join()
    assert told is not None
    return int(str(told["serialNumber"]), 16)


def test_a_renewed_certificate_is_shown_without_a_new_start(authority: Authority, tmp_path: Path) -> None:
    first, second = (authority.issue(["localhost"], [], now()) for _ in range(2))
    path = tmp_path / "server.pem"
    path.write_bytes(first.pem)
    serving = Serving(path)

    assert serial_shown(serving, authority) == first.certificate.serial_number
    assert not serving.refresh()
    (tmp_path / "new").write_bytes(second.pem)
    (tmp_path / "new").rename(path)
    assert serving.refresh()
    assert serial_shown(serving, authority) == second.certificate.serial_number


def test_files_that_do_not_fit_together_yet_leave_the_present_ones_in_use(authority: Authority, tmp_path: Path) -> None:
    first, second = (authority.issue(["localhost"], [], now()) for _ in range(2))
    certificate, key = tmp_path / "server.crt", tmp_path / "server.key"
    certificate.write_bytes(first.public_pem)
    key.write_bytes(first.pem.removeprefix(first.public_pem))
    serving = Serving(certificate, key)

    certificate.write_bytes(second.public_pem)
    os.utime(certificate, ns=(1, 1))
    with pytest.raises(UnusableCertificate, match=r"server\.crt and .*server\.key are not"):
        serving.refresh()
    assert serial_shown(serving, authority) == first.certificate.serial_number
    key.write_bytes(second.pem.removeprefix(second.public_pem))
    assert serving.refresh()
    assert serial_shown(serving, authority) == second.certificate.serial_number


def test_what_cannot_be_served_is_told(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(UnusableCertificate, match=r"gone\.pem cannot be read: No such file"):
        Serving(tmp_path / "gone.pem")
    made = authority.issue(["localhost"], [], now())
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        made.public_pem
        + made.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"a password"),
        )
    )
    with pytest.raises(UnusableCertificate, match="without a password"):
        Serving(locked)
