"""Certificates as values: an authority that vouches for this machine alone, and what it issues. Nothing is kept here.

People are asked to trust the authority on their own telephones, so it is made harmless to them: its certificate says
that it may vouch for private addresses and local names only (RFC 5280, 4.2.1.10), and whoever steals its key can
impersonate no bank.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from solarhub.kit.tls.anchor import TrustAnchor, fingerprint_of

Address = IPv4Address | IPv6Address

_AUTHORITY_DAYS = 3650
_SERVER_DAYS = 397  # telephones refuse more than 825 days, and browsers have begun to ask for less
_RENEW_DAYS = 30
_EARLIER = timedelta(days=1)  # a telephone's clock may be behind ours
_PRIVATE = [
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
]
_LOCAL_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Reads what `pem` wrote. Raises ValueError where something else stands."""
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("this is not a key of the kind that we make")  # noqa: TRY004 - the file is wrong
        return cls(x509.load_pem_x509_certificate(pem), key)

    @property
    def pem(self) -> bytes:
        """Both in one text, so that a file holds either both or neither."""
        return self.public_pem + self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def public_pem(self) -> bytes:
        """The certificate alone: for everybody."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """As telephones show it."""
        return fingerprint_of(self.certificate)

    def is_worn(self, now: datetime) -> bool:
        """Whether it is time for another one."""
        left = self.certificate.not_valid_after_utc - now
        return left < timedelta(days=_RENEW_DAYS) or now < self.certificate.not_valid_before_utc

    def is_issued_by(self, authority: "Certificate") -> bool:
        """Whether that one's key signed it."""
        try:
            self.certificate.verify_directly_issued_by(authority.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def serves(self, names: Iterable[str], addresses: Iterable[Address]) -> bool:
        """Whether it stands for all of these."""
        told = self.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return set(names) <= set(told.get_values_for_type(x509.DNSName)) and set(addresses) <= set(
            told.get_values_for_type(x509.IPAddress)
        )


@dataclass(frozen=True)
class Authority(Certificate):
    """Vouches for the names and addresses that its own certificate permits."""

    @classmethod
    def new(cls, machine: str, own: Iterable[Address], now: datetime) -> Self:
        """For ten years; `machine` is the name that people will see. Addresses of `own` that are public are let in."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Solar Hub on {machine}")
        networks = [*_PRIVATE, *(ip_network(address) for address in own if not _is_among(address, _PRIVATE))]
        labels = [*_LOCAL_NAMES, *([] if machine in _LOCAL_NAMES else [machine])]
        permitted: list[x509.GeneralName] = [x509.DNSName(label) for label in labels]
        permitted += [x509.IPAddress(network) for network in networks]
        certificate = (
            _begun(name, name, key, now, now + timedelta(days=_AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.NameConstraints(permitted, None), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @property
    def anchor(self) -> TrustAnchor:
        """What devices are given."""
        return TrustAnchor(self.public_pem)

    def permits(self, subject: str | Address) -> bool:
        """Whether it may vouch for this name or address."""
        constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = [name.value for name in constraints.permitted_subtrees or ()]
        if isinstance(subject, str):
            labels = [label for label in permitted if isinstance(label, str)]
            return any(subject == label or subject.endswith(f".{label}") for label in labels)
        return _is_among(subject, [n for n in permitted if isinstance(n, IPv4Network | IPv6Network)])

    def issue(self, names: Sequence[str], addresses: Sequence[Address], now: datetime) -> Certificate:
        """A server's certificate for what this authority permits of them."""
        key = ec.generate_private_key(ec.SECP256R1())
        subjects: list[x509.GeneralName] = [x509.DNSName(name) for name in names if self.permits(name)]
        subjects += [x509.IPAddress(address) for address in addresses if self.permits(address)]
        until = min(now + timedelta(days=_SERVER_DAYS), self.certificate.not_valid_after_utc)
        certificate = (
            _begun(_name("Solar Hub"), self.certificate.subject, key, now, until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        return Certificate(certificate, key)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Solar Hub"),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),  # the longest that X.520 allows
        ]
    )


def _is_among(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
