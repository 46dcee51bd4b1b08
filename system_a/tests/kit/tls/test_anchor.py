import plistlib
from datetime import UTC, datetime

from cryptography import x509

from solarhub.kit.tls import Authority, TrustAnchor

AUTHORITY = Authority.new("hub", [], datetime(2026, 3, 1, tzinfo=UTC))


def test_it_shows_what_the_terminal_shows_and_holds_no_key() -> None:
    anchor = AUTHORITY.anchor

    assert anchor.fingerprint == AUTHORITY.fingerprint
    assert anchor.title == "Solar Hub on hub"
    assert b"PRIVATE" not in anchor.pem


def test_an_iphone_gets_it_as_a_profile_that_replaces_the_one_before() -> None:
    profile = plistlib.loads(AUTHORITY.anchor.profile)

    [root] = profile["PayloadContent"]
    assert root["PayloadType"] == "com.apple.security.root"
    assert x509.load_der_x509_certificate(root["PayloadContent"]) == AUTHORITY.certificate
    assert profile["PayloadDisplayName"] == "Solar Hub on hub"
    assert TrustAnchor(AUTHORITY.public_pem).profile == AUTHORITY.anchor.profile
