"""Nothing that was typed as a secret comes back: not in an answer, not in a log, not in the audit log."""

import json
import logging
from typing import Any

import pytest
from pydantic import ValidationError

from solarhub.accounts.schemas.proofs import (
    Credentials,
    EmailChange,
    GivenCode,
    GivenToken,
    PasswordChange,
    PasswordReset,
)
from tests.accounts.front_desk import URL, FrontDesk

CANARY = "canary-9d1f-tells-all"

BODIES: list[Any] = [
    CANARY,
    [CANARY],
    {"email": "a@example.com", "password": CANARY, "extra": 1},
    {"email": "a@example.com", "pw": CANARY},
    {"email": "a@example.com", "passwrod": CANARY},
    {"email": "a@example.com", "password": [CANARY]},
    {"email": "a@example.com", "password": {"x": CANARY}},
    {"email": "a@example.com", "password": CANARY * 100},
    {"email": "a@example.com", "password": CANARY + "\ud800"},
    {"email": "nobody", "password": CANARY},
    {"token": CANARY},
    {"token": CANARY, "password": "short" + CANARY[:3], "x": CANARY},
    {"code": CANARY},
    {"code": CANARY * 5},
    {"current_password": CANARY, "password": CANARY},
]
PATHS = [
    ("POST", "/sessions"),
    ("POST", "/sessions/second-factor"),
    ("POST", "/sessions/link"),
    ("PUT", "/me/password"),
    ("POST", "/me/email"),
    ("POST", "/me/second-factor"),
    ("POST", "/me/second-factor/confirm"),
    ("DELETE", "/me/second-factor"),
    ("POST", "/me/recovery-codes"),
    ("POST", "/email-verifications"),
    ("POST", "/password-resets/confirm"),
]


async def test_no_answer_and_no_line_of_a_log_repeats_a_secret(
    front_desk: FrontDesk,
    subtests: pytest.Subtests,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    await front_desk.person()
    browser = await front_desk.signed_in()
    for method, path in PATHS:
        for body in BODIES:
            with subtests.test(path=path, body=str(body)[:40]):
                answer = await browser.request(method, URL + path, content=_json(body), headers=_AS_JSON)
                assert 400 <= answer.status_code < 500
                assert "canary" not in answer.text
    printed = capsys.readouterr()
    assert "canary" not in caplog.text + printed.out + printed.err
    assert "canary" not in str(front_desk.database.fetch("select a::text from audit_entries a"))
    assert "canary" not in str(front_desk.database.fetch("select t::text from throttles t"))


FORMS: list[tuple[Any, dict[str, str]]] = [
    (Credentials, {"email": "a@example.com", "password": CANARY}),
    (GivenCode, {"code": CANARY}),
    (GivenToken, {"token": CANARY}),
    (PasswordChange, {"current_password": CANARY, "password": CANARY}),
    (EmailChange, {"email": "a@example.com", "password": CANARY}),
    (PasswordReset, {"token": CANARY, "password": CANARY}),
]


@pytest.mark.parametrize(("form", "document"), FORMS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_form_that_is_printed_shows_no_secret(form: Any, document: dict[str, str]) -> None:
    assert "canary" not in repr(form.model_validate(document))
    with pytest.raises(ValidationError) as refusal:
        form.model_validate(document | {"unknown": CANARY})
    assert "canary" not in str(refusal.value)


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


_AS_JSON = {"content-type": "application/json"}
