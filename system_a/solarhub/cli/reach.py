"""How the hub is reached: what it listens on, with which TLS, and under which names.

Plain HTTP stays on this machine. Whoever wants to be reached from elsewhere chooses one of three ways, and is told so.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from solarhub.config import Network, Settings
from solarhub.kit.clock import now
from solarhub.kit.tls import (
    Authority,
    MachineNames,
    Serving,
    UnusableCertificate,
    local_authority,
    local_certificate,
    machine_names,
)

USUAL_PUBLIC_URL = "http://127.0.0.1:8000"
"""Where a hub is that nobody has told anything."""

_PUBLIC_URL_FILE = "public_url"
_THREE_WAYS = (
    "{host} is an address of a network, and plain HTTP is served on this machine alone: passwords would cross the"
    " network readable. Three ways to be reached there:\n"
    "  --tls-certificate FILE --tls-key FILE   with a certificate that you have\n"
    "  --tls-local                             with one that the hub makes; each device is told once to trust it\n"
    "  a proxy on this machine, as in deploy/Caddyfile: the hub stays on 127.0.0.1, with --trusted-proxy 127.0.0.1"
    " and --public-url https://NAME"
)


class Unreachable(Exception):  # noqa: N818 - says what keeps the hub from being reached
    """The hub cannot be reached like that; the sentence says why, and what can be done."""


class LocalTrust:
    """An authority of this machine's own, and the certificate that it keeps fresh."""

    def __init__(self, place: Path) -> None:
        """`place` is the folder of both. Raises Unreachable."""
        self._place = place
        self.machine: MachineNames = machine_names()
        try:
            self.authority: Authority = local_authority(place, self.machine, now())
            self.serving = Serving(self._renewed())
        except (OSError, ValueError, UnusableCertificate) as trouble:
            raise Unreachable(f"The hub's own certificate in {place} cannot be used: {trouble}") from None

    def refresh(self) -> bool:
        """Renews the certificate where its time is up or the machine's addresses have changed; shows it at once."""
        self.machine = machine_names()
        self._renewed()
        return self.serving.refresh()

    def _renewed(self) -> Path:
        return local_certificate(self._place, self.authority, self.machine, now())


@dataclass(frozen=True)
class Reach:
    """Where the hub listens, and as what. `trust` is None where no certificate of our own is served."""

    listener: socket.socket
    public_url: str
    host_names: frozenset[str]
    trusted_proxies: Sequence[Network]
    serving: Serving | None = None
    trust: LocalTrust | None = None

    def refresh(self) -> bool:
        """Takes up a renewed certificate, if there is one. Raises UnusableCertificate, and goes on with the present."""
        if self.trust is not None:
            return self.trust.refresh()
        return self.serving is not None and self.serving.refresh()


def listen(settings: Settings) -> socket.socket:
    """Where the settings say; nothing else is opened or made yet.

    Taken before anything is started: a port that is in use is the commonest reason not to start at all. Raises
    Unreachable, also for settings that do not fit together.
    """
    _check(settings)
    served = settings.tls_local or settings.tls_certificate is not None
    host = settings.host or ("0.0.0.0" if served else "127.0.0.1")  # noqa: S104 - with TLS, to be reached is the point
    if not served and not _is_loopback(host, settings.port):
        raise Unreachable(_THREE_WAYS.format(host=host))
    return _bound(host, settings.port)


def reach(settings: Settings, listener: socket.socket, data_dir: Path) -> Reach:
    """What is served on that socket, and as what; certificates of our own lie in `data_dir`. Raises Unreachable."""
    if settings.tls_local:
        return _local(settings, listener, data_dir)
    if settings.tls_certificate is not None:
        return _given(settings, listener, settings.tls_certificate)
    return _plain(settings, listener)


def remember_public_url(data_dir: Path, url: str) -> None:
    """The hub leaves word of where it is reached, for the links that commands print."""
    (data_dir / _PUBLIC_URL_FILE).write_text(f"{url}\n", "utf-8")


def public_url_of(data_dir: Path) -> str:
    """Where the hub of that directory was reached when it last ran."""
    try:
        return (data_dir / _PUBLIC_URL_FILE).read_text("utf-8").strip()
    except FileNotFoundError:
        return USUAL_PUBLIC_URL


def _check(settings: Settings) -> None:
    """What fits together is judged before anything is opened."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if (certificate is None) != (key is None):
        missing = "--tls-key (SOLARHUB_TLS_KEY)" if key is None else "--tls-certificate (SOLARHUB_TLS_CERTIFICATE)"
        raise Unreachable(f"A certificate and its key go together: {missing} is not set. Both may be the same file.")
    if settings.tls_local and certificate is not None:
        raise Unreachable("Choose one: --tls-local has the hub make a certificate, --tls-certificate brings one.")
    if settings.trusted_proxies and settings.public_url is None:
        raise Unreachable(
            "Behind a proxy the hub cannot see the address that people type: tell it with --public-url https://NAME"
            " (SOLARHUB_PUBLIC_URL). Links in messages begin with it."
        )


def _plain(settings: Settings, listener: socket.socket) -> Reach:
    url = settings.public_url or _url("http", *listener.getsockname()[:2])
    return Reach(
        listener,
        url,
        _names(url),
        settings.trusted_proxies,
    )


def _local(settings: Settings, listener: socket.socket, data_dir: Path) -> Reach:
    trust = LocalTrust(data_dir / "tls")
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = str(trust.machine.addresses[0]) if trust.machine.addresses else "localhost"
    elif not trust.authority.permits(ip_address(host)):
        raise Unreachable(
            f"The hub's own certificate was made for private networks, and {host} is none: a public address is served"
            " with --tls-certificate, or behind a proxy."
        )
    url = settings.public_url or _url("https", host, port)
    return Reach(
        listener,
        url,
        _names(url) | set(trust.machine.names) - {"localhost"},
        settings.trusted_proxies,
        serving=trust.serving,
        trust=trust,
    )


def _given(settings: Settings, listener: socket.socket, certificate: Path) -> Reach:
    try:
        serving = Serving(certificate, settings.tls_key)
    except UnusableCertificate as trouble:
        raise Unreachable(str(trouble)) from None
    names = _names_in(certificate)
    host, port = listener.getsockname()[:2]
    if names:
        host = names[0]
    elif ip_address(host).is_unspecified:
        found = machine_names().addresses
        host = str(found[0]) if found else "localhost"
    url = settings.public_url or _url("https", host, port)
    return Reach(
        listener,
        url,
        _names(url) | set(names),
        settings.trusted_proxies,
        serving=serving,
    )


def _names_in(certificate: Path) -> list[str]:
    """The names that a certificate stands for, without those with a star."""
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    try:
        told = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [name.lower() for name in told.get_values_for_type(x509.DNSName) if not name.startswith("*")]


def _names(url: str) -> frozenset[str]:
    return frozenset({urlsplit(url).hostname or ""} - {"localhost"})


def _url(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port == {"http": 80, "https": 443}[scheme] else f"{scheme}://{shown}:{port}"


def _is_loopback(host: str, port: int) -> bool:
    """Whether every address that the name leads to is this machine's for itself."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return True  # listening says what the matter is with it
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


def _bound(host: str, port: int) -> socket.socket:
    try:
        [family, kind, protocol, _, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise Unreachable(f"Nobody can listen on {host} port {port}: {error.strerror}. Try another --port.") from None
    return listener
