"""HTTPS without a public name: a certificate authority of this machine's own, and what is served with its help."""

from solarhub.kit.tls.anchor import TrustAnchor
from solarhub.kit.tls.authority import Authority, Certificate
from solarhub.kit.tls.keeping import local_authority, local_certificate
from solarhub.kit.tls.machine import MachineNames, machine_names
from solarhub.kit.tls.serving import Serving, UnusableCertificate

__all__ = [
    "Authority",
    "Certificate",
    "MachineNames",
    "Serving",
    "TrustAnchor",
    "UnusableCertificate",
    "local_authority",
    "local_certificate",
    "machine_names",
]
