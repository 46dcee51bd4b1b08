"""From where a request about an account comes, before it is known whose."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Caller:
    """`token`: of the session whose cookie the browser still has, in force or not."""

    address: str
    user_agent: str | None = None
    request_id: str | None = None
    token: str | None = field(default=None, repr=False)
