"""The page that explains how a device comes to trust this hub's own certificate. Pure: the certificate in, HTML out."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from solarhub.kit.tls import TrustAnchor


@dataclass(frozen=True)
class TrustPage:
    """The page, and the Content-Security-Policy that it needs: its own style, named by its hash, and nothing else."""

    html: str
    policy: str


def render(anchor: TrustAnchor, public_url: str) -> TrustPage:
    """`public_url` is where telephones reach the hub, without a slash at its end."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    html = (
        _environment()
        .get_template("trust.html")
        .render(
            style=Markup(style),  # noqa: S704 - a file of ours
            title=anchor.title,
            fingerprint=anchor.fingerprint,
            address=f"{public_url}/trust",
            public_url=public_url,
            picture=Markup(segno.make(f"{public_url}/trust", error="m").svg_inline(scale=5, border=2)),  # noqa: S704 - lines that segno drew
        )
    )
    return TrustPage(
        html,
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    )


@cache
def _style() -> str:
    folder = files("solarhub.pages").joinpath("templates")
    return "".join(folder.joinpath(name).read_text("utf-8") for name in ("base.css", "trust.css"))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("solarhub.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
