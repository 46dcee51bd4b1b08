"""The authority and the server's certificate as files: made once, read again, replaced as a whole, for us alone.

DIR/authority.pem    the authority with its key; whoever has it can vouch for this machine
DIR/authority.crt    its certificate alone, for `curl --cacert` and other machines
DIR/server.pem       what the server shows, with its key
"""

import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from solarhub.kit.tls.authority import Authority, Certificate
from solarhub.kit.tls.machine import MachineNames


def local_authority(place: Path, machine: MachineNames, now: datetime) -> Authority:
    """The one in that folder; a new one where there is none, or where its years are over.

    Raises ValueError when the file holds something else, and OSError.
    """
    path = place / "authority.pem"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        kept = Authority.from_pem(path.read_bytes())
        if not kept.is_worn(now):
            return kept
    made = Authority.new(machine.name, machine.addresses, now)
    _replace(path, made.pem)
    _replace(place / "authority.crt", made.public_pem)
    return made


def local_certificate(place: Path, authority: Authority, machine: MachineNames, now: datetime) -> Path:
    """The file with the server's certificate and key: issued anew when its time is up or the machine has moved."""
    path = place / "server.pem"
    names = [name for name in machine.names if authority.permits(name)]
    addresses = [address for address in machine.all_addresses if authority.permits(address)]
    with suppress(FileNotFoundError, ValueError):
        kept = Certificate.from_pem(path.read_bytes())
        if kept.is_issued_by(authority) and kept.serves(names, addresses) and not kept.is_worn(now):
            return path
    _replace(path, authority.issue(names, addresses, now).pem)
    return path


def _replace(path: Path, content: bytes) -> None:
    """The file is never there half written; mkstemp makes it readable for its owner only."""
    descriptor, beside = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(beside).rename(path)
