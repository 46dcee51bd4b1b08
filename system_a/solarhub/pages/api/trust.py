"""How a device comes to trust this hub's own certificate: the page and the files that it gives."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from solarhub.kit.errors import NotFound
from solarhub.kit.http import PublicUrl
from solarhub.kit.tls import TrustAnchor
from solarhub.pages import trust

# nobody signs in here: the page is for the moment before a telephone trusts the hub
router = APIRouter(prefix="/trust", include_in_schema=False)


async def _anchor(request: Request) -> TrustAnchor:
    anchor: TrustAnchor | None = request.app.state.trust_anchor
    if anchor is None:
        raise NotFound("This hub's certificate is known to every device already, or it serves none.")
    return anchor


Anchor = Annotated[TrustAnchor, Depends(_anchor)]


@router.get("", response_class=HTMLResponse)
async def trust_page(anchor: Anchor, public_url: PublicUrl) -> HTMLResponse:
    """What to compare, what to download, and what to do with it on each kind of device."""
    page = trust.render(anchor, public_url)
    return HTMLResponse(page.html, headers={"Content-Security-Policy": page.policy})


@router.get("/solar-hub.crt")
async def trust_certificate(anchor: Anchor) -> Response:
    """For Android, Windows, macOS, Linux and Firefox."""
    return _download(anchor.pem, "application/x-x509-ca-cert", "solar-hub.crt")


@router.get("/solar-hub.mobileconfig")
async def trust_profile(anchor: Anchor) -> Response:
    """For iPhones and iPads."""
    return _download(anchor.profile, "application/x-apple-aspen-config", "solar-hub.mobileconfig")


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
