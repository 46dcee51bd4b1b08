from datetime import UTC, datetime

import httpx
import pytest

from solarhub.app import create_app
from solarhub.kit.tls import Authority, TrustAnchor
from tests.calling import client_of
from tests.clients import KEYRING, PUBLIC_URL, databases_of
from tests.conftest import TestDatabase

ANCHOR = Authority.new("hub", [], datetime(2026, 3, 1, tzinfo=UTC)).anchor


def stranger(database: TestDatabase, anchor: TrustAnchor | None) -> httpx.AsyncClient:
    """Somebody who has not signed in; the hub need not even have its database."""
    app = create_app(databases_of(database), keyring=KEYRING, public_url=PUBLIC_URL, trust_anchor=anchor)
    return client_of(app, peer=("192.0.2.7", 1))


async def test_anybody_gets_the_page_and_the_certificate_before_anything_else_works(at_head: TestDatabase) -> None:
    async with stranger(at_head, ANCHOR) as client:
        page = await client.get("/trust")
        certificate = await client.get("/trust/solar-hub.crt")
        profile = await client.get("/trust/solar-hub.mobileconfig")

    assert ANCHOR.fingerprint in page.text
    assert "sha256-" in page.headers["content-security-policy"]
    assert (certificate.content, certificate.headers["content-type"]) == (ANCHOR.pem, "application/x-x509-ca-cert")
    assert (profile.content, profile.headers["content-type"]) == (ANCHOR.profile, "application/x-apple-aspen-config")


@pytest.mark.parametrize("path", ["/trust", "/trust/solar-hub.crt", "/trust/solar-hub.mobileconfig"])
async def test_a_hub_that_made_no_certificate_has_none_to_trust(at_head: TestDatabase, path: str) -> None:
    async with stranger(at_head, None) as client:
        assert (await client.get(path)).status_code == 404
