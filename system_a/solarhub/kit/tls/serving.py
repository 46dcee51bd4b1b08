"""The server's side of TLS: a context that takes up a renewed certificate while it is in use."""

import ssl
from pathlib import Path


class UnusableCertificate(Exception):  # noqa: N818 - says what the matter is with it
    """A certificate that nothing can be served with; the sentence says why."""


class Serving:
    """TLS 1.2 and newer with the certificate of a file and the key of the same or another."""

    def __init__(self, certificate: Path, key: Path | None = None) -> None:
        """Raises UnusableCertificate."""
        self._certificate = certificate
        self._key = key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self._seen = self._stamp()
        self._load(self.context)

    @property
    def files(self) -> tuple[Path, Path]:
        """Certificate and key, which may be the same; replaced when they are renewed."""
        return self._certificate, self._key or self._certificate

    def refresh(self) -> bool:
        """Takes up the files if they were replaced; connections that stand keep what they have.

        Raises UnusableCertificate, and then goes on with what it had.
        """
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        # files are replaced one after the other: what does not fit together must not spoil the context in use
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        self._load(self.context)
        self._seen = stamp
        return True

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except ssl.SSLError as error:
            raise UnusableCertificate(
                f"{self._certificate} and {self._key or 'the key in it'} are not a PEM certificate and its key without "
                f"a password ({error.reason or error})."
            ) from error
        except OSError as error:
            named = f"{self._certificate} or {self._key}" if self._key else str(self._certificate)
            raise UnusableCertificate(f"{named} cannot be read: {error.strerror}.") from error

    def _stamp(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(_stamp_of(path) for path in (self._certificate, self._key) if path is not None)


def _no_password() -> str:
    """Without this a key with a password would be asked for on the terminal, and a service would wait for ever."""
    return ""


def _stamp_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
