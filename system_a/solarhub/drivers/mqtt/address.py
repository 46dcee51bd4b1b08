"""Where a broker is, and who the hub is there."""

import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class Address:
    """A broker and a credential: whoever has the same of all of these shares one connection.

    `ca_certificate` in PEM: the only authority whose word counts there; None: those that this machine knows.
    """

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_certificate: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_this_machine(self) -> bool:
        """Whether nobody else can listen on the way there: localhost, or an address such as 127.0.0.1."""
        try:
            return self.host.lower() == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    def tls_context(self) -> ssl.SSLContext | None:
        """Certificate and name are always verified. Raises ssl.SSLError for a certificate that cannot be read."""
        if not self.tls:
            return None
        context = ssl.create_default_context(cadata=self.ca_certificate)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
