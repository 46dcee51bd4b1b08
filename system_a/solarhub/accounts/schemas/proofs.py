"""Forms that prove who somebody is. What is written in them is never repeated, not even in an error."""

from typing import Annotated, ClassVar

from pydantic import Field

from solarhub.accounts.schemas import EMAIL
from solarhub.accounts.secret_text import ChosenPassword, Code, LinkToken, PresentPassword
from solarhub.kit.values import Value

_Email = Annotated[str, EMAIL, Field(title="E-mail address", examples=["ayesha@example.com"])]


class Form(Value):
    """Base of the forms that hold a secret."""

    confidential: ClassVar[bool] = True


class Credentials(Form):
    """What a person signs in with."""

    email: _Email
    password: PresentPassword


class GivenCode(Form):
    """A code of the second factor."""

    code: Code


class GivenToken(Form):
    """A link that works once."""

    token: LinkToken


class PasswordAgain(Form):
    """The present password, asked for before something changes that proves who you are."""

    password: PresentPassword


class PasswordAndCode(Form):
    """Both, to switch the second factor off."""

    password: PresentPassword
    code: Code


class PasswordChange(Form):
    """A new password in place of the present one."""

    current_password: PresentPassword
    password: ChosenPassword


class EmailChange(Form):
    """Another e-mail address, which counts once it is confirmed."""

    email: _Email
    password: PresentPassword


class ResetWish(Value):
    """Whose password is lost."""

    email: _Email


class PasswordReset(Form):
    """A new password, by a link that was sent."""

    token: LinkToken
    password: ChosenPassword
