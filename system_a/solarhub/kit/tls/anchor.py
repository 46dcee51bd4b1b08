"""What devices are given so that they recognise the hub: the authority's certificate, in the forms that they take."""

import plistlib
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID, uuid5

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

_NAMESPACE = UUID("6d9e1c52-41f4-4d0a-8a44-0a7f1f5b1c11")


@dataclass(frozen=True)
class TrustAnchor:
    """The certificate as PEM, without any key: it is for everybody."""

    pem: bytes

    @cached_property
    def _certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.pem)

    @property
    def title(self) -> str:
        """The name under which a device lists it."""
        found = self._certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        return found if isinstance(found, str) else found.decode()

    @property
    def fingerprint(self) -> str:
        """As telephones show it."""
        return fingerprint_of(self._certificate)

    @property
    def profile(self) -> bytes:
        """As a configuration profile (.mobileconfig): the form in which iPhones take it from a page.

        The same each time, so that installing it again replaces it.
        """
        digits = self._certificate.fingerprint(hashes.SHA256()).hex()
        described = {"PayloadDisplayName": self.title, "PayloadOrganization": "Solar Hub", "PayloadVersion": 1}
        root = described | {
            "PayloadType": "com.apple.security.root",
            "PayloadIdentifier": f"solarhub.{digits[:16]}.root",
            "PayloadUUID": str(uuid5(_NAMESPACE, f"{digits} root")).upper(),
            "PayloadCertificateFileName": "solar-hub.cer",
            "PayloadContent": self._certificate.public_bytes(serialization.Encoding.DER),
        }
        return plistlib.dumps(
            described
            | {
                "PayloadType": "Configuration",
                "PayloadIdentifier": f"solarhub.{digits[:16]}",
                "PayloadUUID": str(uuid5(_NAMESPACE, digits)).upper(),
                "PayloadDescription": "Lets this device recognise the Solar Hub of your network.",
                "PayloadContent": [root],
            }
        )


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256: 32 pairs of digits with colons between them."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()
