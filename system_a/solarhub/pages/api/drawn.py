"""A page as an answer, with the policy that lets it run its own script and nothing else."""

import secrets
from typing import Any

from fastapi.responses import HTMLResponse

from solarhub.accounts.vocabulary import Language
from solarhub.pages.rendering import POLICY, render


def page(template: str, language: Language, **facts: Any) -> HTMLResponse:
    """The template with these facts; its nonce is new each time."""
    nonce = secrets.token_urlsafe(16)
    headers = {"Content-Security-Policy": POLICY.format(nonce=nonce), "Content-Language": language.value}
    return HTMLResponse(render(template, language, nonce, **facts), headers=headers)
