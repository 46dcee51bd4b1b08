"""What mosquitto is told: the file that deploy/ shows, with listeners and paths of this machine. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HUB = "solarhub"
"""The user that the hub itself is at its broker."""

ACL = """\
pattern readwrite solarhub/%u/#
pattern read %u/#
pattern read $SYS/broker/publish/messages/dropped
"""
"""Patterns alone, in which the hub reads by its name: after a reload, mosquitto 2.0 forgets the lines of a single user
for a session that is away, and drops what should wait in it."""

_LARGEST_QUEUE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Listener:
    """An address that mosquitto listens on; with `certificate` and `key` (PEM) in TLS."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    def lines(self) -> list[str]:
        lines = [f"listener {self.port} {self.host}"]
        if self.certificate is not None:
            lines += [f"certfile {self.certificate}", f"keyfile {self.key or self.certificate}", "tls_version tlsv1.2"]
        return lines


def configuration(usual: str, folder: Path, listeners: Sequence[Listener], memory_bytes: int) -> str:
    """`usual` is the file as it is delivered; `folder` holds everything; of the machine's memory an eighth may wait."""
    values: Mapping[str, object] = {
        "password_file": folder / "passwords",
        "acl_file": folder / "acl",
        "persistence_location": f"{folder}/",
        "max_queued_bytes": min(_LARGEST_QUEUE_BYTES, memory_bytes // 8),
    }
    lines = [line for line in usual.splitlines() if line and not line.startswith(("#", "listener "))]
    for name, value in values.items():
        lines = [re.sub(rf"^{name} .*", f"{name} {value}", line) for line in lines]
    return "\n".join([*lines, *(line for listener in listeners for line in listener.lines()), ""])
