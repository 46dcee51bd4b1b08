"""Pages as HTML: a template and what it shows in, text out. Pure."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from solarhub.accounts.vocabulary import Language
from solarhub.fleet.figures import quantity
from solarhub.pages.cards import HEIGHT, WIDTH, Card, clock, curve, script
from solarhub.pages.texts import texts

POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a page may load and run: its own style and script, which carry the nonce, and answers of this hub."""


def render(template: str, language: Language, nonce: str, **facts: Any) -> str:
    """The page; `nonce` is what its style and its script carry."""
    card = Card(language)
    return (
        _environment()
        .get_template(template)
        .render(
            language=language.value,
            direction="rtl" if language is Language.URDU else "ltr",
            nonce=nonce,
            t=texts(language),
            age=card.age,
            day=card.day,
            since=card.since,
            state_of=card.state_of,
            **facts,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("solarhub.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(quantity=quantity, curve=curve, script=script, clock=clock, width=WIDTH, height=HEIGHT)
    return environment
