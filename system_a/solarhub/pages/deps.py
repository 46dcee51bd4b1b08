"""Who looks at a page, and in which language it is drawn for them."""

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from solarhub.accounts.deps import session_person
from solarhub.accounts.person import Person
from solarhub.accounts.vocabulary import Language
from solarhub.pages.languages import language_of


async def _visitor(request: Request) -> Person | None:
    return await session_person(request)


Visitor = Annotated[Person | None, Depends(_visitor, scope="function")]
"""Whoever signed in; None for nobody."""


async def _drawn_in(
    visitor: Visitor,
    language: Annotated[str | None, Query()] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> Language:
    return language_of(language, visitor.language if visitor is not None else None, accept_language)


DrawnIn = Annotated[Language, Depends(_drawn_in, scope="function")]
"""The page's language."""
