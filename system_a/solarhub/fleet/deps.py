"""In which language whoever asks is answered, and where they stand."""

from typing import Annotated

from fastapi import Depends, Query, Request

from solarhub.accounts.deps import session_person
from solarhub.accounts.vocabulary import Language
from solarhub.fleet.reach import Reach, reach_of
from solarhub.fleet.wording import WORDS, Words
from solarhub.kit.db import Databases
from solarhub.kit.http import databases
from solarhub.organizations.access import standings_of
from solarhub.organizations.deps import Asking


async def _words(
    request: Request,
    language: Annotated[
        Language | None, Query(title="Language", description="Of the sentences; left out, the language of whoever asks")
    ] = None,
) -> Words:
    if language is None:
        person = await session_person(request)
        language = person.language if person is not None else Language.ENGLISH
    return WORDS[language]


Speaking = Annotated[Words, Depends(_words, scope="function")]
"""The words of the language that was asked for, or else of the person's own; of a script English."""


async def _everywhere(actor: Asking, pools: Annotated[Databases, Depends(databases)]) -> Reach:
    return reach_of(await standings_of(pools.auth, actor))


Everywhere = Annotated[Reach, Depends(_everywhere, scope="function")]
"""How whoever asks stands in each organization that they see, by its name."""
