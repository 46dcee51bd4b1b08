"""What can go wrong in the domain, as classes that carry their HTTP status and a sentence.

    Problem                       500
    ├── Unreadable                400   the bytes cannot be read at all
    ├── Unauthenticated           401   nobody known is asking
    ├── Forbidden                 403   known, but without the right
    ├── NotFound                  404   absent, or somebody else's: the answer is the same
    ├── Conflict                  409   the present state does not allow it
    ├── Stale                     412   somebody changed it first
    ├── TooLarge                  413   more than is taken at once
    ├── Invalid                   422   readable, but values are wrong: one FieldError for each
    ├── PreconditionRequired      428   an edit without If-Match
    ├── TooManyRequests           429   more often than is allowed: ask again after `retry_after` seconds
    └── Unavailable               503   not now: ask again after `retry_after` seconds

Use cases raise these and know nothing of HTTP; one handler turns them into RFC 9457 problem documents.
A class's docstring is its default sentence.
"""

import inspect
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import ClassVar


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem, and so do the people who read it
    """Something went wrong on our side."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal Server Error"

    def __init__(self, detail: str | None = None, **members: object) -> None:
        """`detail` is one sentence for a person; `members` are extra JSON members of the problem document."""
        self.detail: str = detail or inspect.getdoc(type(self)) or self.title
        self.members: dict[str, object] = members
        super().__init__(self.detail)

    def document(self) -> dict[str, object]:
        """The RFC 9457 document; the status line's phrase is the title because the type is about:blank."""
        return {
            **self.members,
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }


class Unreadable(Problem):
    """The request cannot be read."""

    status = 400
    title = "Bad Request"


class Unauthenticated(Problem):
    """The sender is not known here."""

    status = 401
    title = "Unauthorized"


class Forbidden(Problem):
    """This is not allowed for you."""

    status = 403
    title = "Forbidden"


class NotFound(Problem):
    """There is nothing here by that name."""

    status = 404
    title = "Not Found"


class Conflict(Problem):
    """The present state does not allow this."""

    status = 409
    title = "Conflict"


class Stale(Problem):
    """Somebody changed this after you read it; read it again and repeat your change."""

    status = 412
    title = "Precondition Failed"


class TooLarge(Problem):
    """This is larger than what is accepted at once."""

    status = 413
    title = "Content Too Large"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: which `field` (dotted path), the `value` given, a sentence, and what is allowed instead.

    `value` is safe to print and to send: shortened where long, `***` where secret.
    `allowed` is a list where there are finitely many choices, else a sentence with type, range and unit.
    """

    field: str
    value: object
    message: str
    allowed: str | list[str]


class Invalid(Problem):
    """Some values are not valid."""

    status = 422
    title = "Unprocessable Content"

    def __init__(self, errors: Iterable[FieldError], detail: str | None = None) -> None:
        self.errors: list[FieldError] = list(errors)
        sentence = detail or " ".join(f"{error.field}: {error.message}" for error in self.errors[:3]) or None
        super().__init__(sentence, errors=[asdict(error) for error in self.errors])


class PreconditionRequired(Problem):
    """Say which version you are changing: send its number in If-Match."""

    status = 428
    title = "Precondition Required"


class TooManyRequests(Problem):
    """This was tried too often; wait a moment."""

    status = 429
    title = "Too Many Requests"

    def __init__(self, detail: str | None = None, *, retry_after: int = 60) -> None:
        """`retry_after` in seconds, for the header of that name."""
        self.retry_after = retry_after
        super().__init__(detail)


class Unavailable(Problem):
    """The hub cannot do this right now; try again shortly."""

    status = 503
    title = "Service Unavailable"

    def __init__(self, detail: str | None = None, *, retry_after: int = 5) -> None:
        """`retry_after` in seconds, for the header of that name."""
        self.retry_after = retry_after
        super().__init__(detail)
