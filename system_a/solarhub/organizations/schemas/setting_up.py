"""The first person and the first organization of a hub, as the request names them and the answer shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.accounts.schemas import Person
from solarhub.accounts.schemas.proofs import Form
from solarhub.accounts.secret_text import ChosenPassword, LinkToken
from solarhub.kit.answers import Answer
from solarhub.organizations.schemas.organizations import OrganizationAnswer, OrganizationProfile


class SettingUp(Form):
    """Who runs the hub from now on, and the first organization on it."""

    token: LinkToken
    person: Annotated[Person, Field(title="You")]
    password: ChosenPassword
    organization: Annotated[OrganizationProfile, Field(title="Your company")]


class SetUpAnswer(Answer):
    """The hub is set up; sign in with the e-mail address and the password."""

    user_id: Annotated[UUID, Field(title="Your user id")]
    email: Annotated[str, Field(title="E-mail address to sign in with")]
    organization: Annotated[OrganizationAnswer, Field(title="Your company")]
