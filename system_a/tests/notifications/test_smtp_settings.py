import pytest

from solarhub.notifications.smtp_settings import EXAMPLE, Secrecy, SmtpSettings, UnusableMailServer


def test_one_url_says_everything() -> None:
    settings = SmtpSettings.parse(
        "smtps://hub%40example.org:p%40ss%3Aw%2F@mail.example.org:4465/?from=Solar%20Hub%20<h+b@example.org>"
    )
    assert (settings.host, settings.port, settings.secrecy) == ("mail.example.org", 4465, Secrecy.TLS)
    assert (settings.user, settings.password) == ("hub@example.org", "p@ss:w/")
    assert (settings.sender.display_name, settings.sender.addr_spec) == ("Solar Hub", "h+b@example.org")
    assert str(settings) == "mail.example.org port 4465 (TLS)"
    assert "p@ss" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "port", "secrecy"),
    [
        (EXAMPLE, 465, Secrecy.TLS),
        ("smtps://mail.example.org?from=a@example.org", 465, Secrecy.TLS),
        ("smtp://mail.example.org?from=a@example.org", 587, Secrecy.STARTTLS),
        ("smtp://mail.example.org:2525/?from=a@example.org&tls=none", 2525, Secrecy.NONE),
        ("smtp://10.0.0.5?from=a@example.org", 587, Secrecy.STARTTLS),
        ("smtp://localhost?from=a@example.org", 25, Secrecy.NONE),
        ("smtp://127.0.0.1:1025?from=a@example.org", 1025, Secrecy.NONE),
        ("smtp://[::1]?from=a@example.org", 25, Secrecy.NONE),
        ("smtp://localhost?from=a@example.org&tls=starttls&ca=ca.pem", 587, Secrecy.STARTTLS),
    ],
    ids=[
        "example",
        "tls",
        "starttls",
        "plain on demand",
        "private",
        "localhost",
        "loopback",
        "v6 loopback",
        "local tls",
    ],
)
def test_nothing_goes_out_in_the_clear_unless_to_this_machine_or_on_demand(
    url: str, port: int, secrecy: Secrecy
) -> None:
    settings = SmtpSettings.parse(url)
    assert (settings.port, settings.secrecy) == (port, secrecy)


def test_the_sender_may_be_the_user() -> None:
    sender = SmtpSettings.parse("smtps://hub%40example.org:x@mail.example.org").sender
    assert (sender.display_name, sender.addr_spec) == ("Solar Hub", "hub@example.org")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example.org:465", "smtps://"),
        ("https://mail.example.org/?from=a@example.org", "smtps://"),
        ("smtps:///?from=a@example.org", "with a host"),
        ("smtps://user:se/cret@mail.example.org/?from=a@example.org", "cannot be read|%2F"),
        ("smtps://mail.example.org:port/?from=a@example.org", "cannot be read"),
        ("smtps://mail.example.org/?form=a@example.org", "takes from, tls and ca behind the \\?, not form"),
        ("smtps://mail.example.org/?from=a@example.org&tls=none", "TLS already"),
        ("smtp://mail.example.org/?from=a@example.org&tls=maybe", "none or starttls"),
        ("smtps://user:secret@mail.example.org", "whom letters are from"),
        ("smtps://user:secret@mail.example.org/?from=nobody", "whom letters are from"),
        ("smtps://user:secret@mail.example.org/?from=Hub%0d%0aBcc:%20x%20<a@example.org>", "whom letters are from"),
        ("smtps://user:secret@mail.example.org/?from=<a@example.org><b@example.org>", "whom letters are from"),
    ],
    ids=[
        "no scheme",
        "another scheme",
        "no host",
        "slash in the password",
        "no port",
        "misspelt option",
        "tls twice",
        "unknown tls",
        "no sender",
        "sender without a domain",
        "line break in the sender",
        "two senders",
    ],
)
def test_a_url_that_cannot_be_used_says_why_and_keeps_the_password_to_itself(url: str, said: str) -> None:
    with pytest.raises(UnusableMailServer, match=said) as refused:
        SmtpSettings.parse(url)
    assert "cret" not in str(refused.value).replace("secrecy", "")
