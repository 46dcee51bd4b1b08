"""What `solarhub up` says once it takes connections: where it is, how devices come to trust it, how it is set up."""

from collections.abc import Iterator
from io import StringIO

import segno

from solarhub.cli.reach import Reach


def where(reach: Reach, *, on_terminal: bool) -> Iterator[str]:
    """Lines about the address; a QR code of it only where somebody is looking."""
    yield f"Solar Hub is at {reach.public_url}/"
    if reach.trust is None:
        return
    page = f"{reach.public_url}/trust"
    yield f"Each telephone and computer opens {page} once, goes past the warning, and compares:"
    yield f"  SHA-256 {reach.trust.authority.fingerprint}"
    if on_terminal:
        picture = StringIO()
        segno.make(page, error="m").terminal(picture, compact=True, border=2)
        yield picture.getvalue().rstrip("\n")


def first_steps(link: str) -> Iterator[str]:
    """Lines for whoever runs a hub that nobody has set up: the link stands out, because everything waits for it."""
    yield ""
    yield "This hub is new. Set it up by opening this link; it works once:"
    yield ""
    yield f"    {link}"
    yield ""
