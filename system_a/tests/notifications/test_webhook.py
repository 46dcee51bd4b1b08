"""Against a real receiver with TLS; names lead where the test says, as an attacker's own name server would."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Signature
from standardwebhooks import WebhookVerificationError

from solarhub.kit.clock import now
from solarhub.kit.ids import uuid7
from solarhub.notifications.parcel import DeliveryFailed, Endpoint, Parcel
from solarhub.notifications.webhook import Webhook
from solarhub.notifications.webhook_secret import new_secret
from tests.notifications.peers import Receiver, Trust, receiver

AT = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"),)
SECRET = new_secret()


class Names:
    """A resolver whose answers change from one question to the next; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer:
            raise OSError("no such name")
        return answer


def parcel(url: str) -> Parcel:
    return Parcel(
        id=uuid7(),
        recipient="a webhook",
        event="alert.opened",
        subject="Inverter 1 is off",
        text="Inverter 1 is off.",
        created_at=AT,
        payload={"alert": "عائشہ", "power_kw": 1.5},
        endpoint=Endpoint(url, SECRET),
    )


def https(receiving: Receiver, path: str) -> str:
    return f"https://localhost:{receiving.port}{path}"


async def failure(way: Webhook, url: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await way.deliver(parcel(url))
    return failed.value


async def test_a_message_is_signed_and_carries_the_id_that_it_always_has(trust: Trust, trusted: Path) -> None:
    async with receiver(trust) as receiving:
        sent = parcel(https(receiving, "/200?key=x"))
        way = Webhook(allowed=LOOPBACK, resolver=Names(["127.0.0.1"]))
        assert (await way.deliver(sent)).provider_id == "200"
        assert (await way.deliver(sent)).provider_id == "200"
    first, second = receiving.requests
    assert first.path == "/200?key=x"
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(sent.id)
    assert first.body == second.body
    assert Signature(SECRET).verify(first.body, first.headers) == {
        "type": "alert.opened",
        "timestamp": "2026-06-01T07:30:00Z",
        "data": {"alert": "عائشہ", "power_kw": 1.5},
    }
    with pytest.raises(WebhookVerificationError):
        Signature(new_secret()).verify(first.body, first.headers)


async def test_the_receiver_hears_the_name_that_was_given_and_nothing_else_of_us(trust: Trust, trusted: Path) -> None:
    async with receiver(trust) as receiving:
        await Webhook(allowed=LOOPBACK, resolver=Names(["127.0.0.1"])).deliver(parcel(https(receiving, "/200")))
    headers = receiving.requests[0].headers
    assert headers["host"] == f"localhost:{receiving.port}"
    assert headers["user-agent"].startswith("SolarHub/")
    assert headers.keys() == {
        *("host", "content-type", "content-length", "user-agent", "accept"),
        *("webhook-id", "webhook-timestamp", "webhook-signature"),
    }


async def test_a_message_without_data_says_its_words(trust: Trust, trusted: Path) -> None:
    async with receiver(trust) as receiving:
        sent = parcel(https(receiving, "/200"))
        plain = Parcel(**{**vars(sent), "payload": None})
        await Webhook(allowed=LOOPBACK, resolver=Names(["127.0.0.1"])).deliver(plain)
    data = json.loads(receiving.requests[0].body)["data"]
    assert data == {"subject": "Inverter 1 is off", "text": "Inverter 1 is off."}


@pytest.mark.parametrize(
    ("status", "permanent", "gone"),
    [
        *((status, False, False) for status in (408, 425, 429, 500, 502, 503, 504, 301, 302, 307, 308)),
        *((status, True, False) for status in (400, 401, 403, 404, 422)),
        (410, True, True),
    ],
    ids=str,
)
async def test_whether_trying_again_helps_is_read_from_the_status(status: int, permanent: bool, gone: bool) -> None:
    async with receiver(None) as receiving:
        receiving.headers.append(f"Location: http://127.0.0.1:{receiving.port}/200")
        way = Webhook(allowed=LOOPBACK, resolver=Names(["127.0.0.1"]))
        failed = await failure(way, f"http://127.0.0.1:{receiving.port}/{status}")
    assert (failed.permanent, failed.gone, failed.everyone) == (permanent, gone, False)
    assert str(status) in failed.sentence
    assert len(receiving.requests) == 1, "no redirect is followed"


@pytest.mark.parametrize(
    ("written", "least", "most"),
    [
        ("120", 120, 120),
        (timedelta(seconds=300), 240, 300),
        (timedelta(seconds=-300), 0, 0),
        ("999999999999", 86400, 86400),
        ("-5", 0, 0),
        ("soon", 0, 0),
        ("", 0, 0),
    ],
    ids=["seconds", "date", "past", "too long", "negative", "a word", "nothing"],
)
async def test_a_receiver_may_ask_for_time(written: str | timedelta, least: float, most: float) -> None:
    text = written if isinstance(written, str) else format_datetime(now() + written, usegmt=True)
    async with receiver(None) as receiving:
        receiving.headers.append(f"Retry-After: {text}")
        failed = await failure(Webhook(allowed=LOOPBACK), f"http://127.0.0.1:{receiving.port}/503")
    assert least <= failed.retry_after <= most


async def test_a_name_that_leads_elsewhere_after_it_was_judged_leads_nowhere_new(trust: Trust, trusted: Path) -> None:
    """The second answer is what an attacker would have us connect to: it is never asked for."""
    async with receiver(trust) as receiving:
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        way = Webhook(allowed=LOOPBACK, resolver=names)
        await way.deliver(parcel(https(receiving, "/200")))
        assert names.asked == [("localhost", receiving.port)]
        failed = await failure(way, https(receiving, "/200"))
        assert "must lead to a public address" in failed.sentence
        assert failed.permanent
        assert receiving.connections == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["2002:7f00:1::"],
        ["64:ff9b::7f00:1"],
        ["fe80::1%lo"],
        ["0.0.0.0"],  # noqa: S104 - an answer that is refused
    ],
    ids=["loopback", "one of two", "mapped", "6to4", "nat64", "link-local", "unspecified"],
)
async def test_a_name_with_any_address_that_is_not_public_is_not_connected_to(addresses: list[str]) -> None:
    async with receiver(None) as receiving:
        failed = await failure(Webhook(resolver=Names(addresses)), "https://hooks.example.org/x")
    assert failed.sentence == "The webhook's address must lead to a public address; its host does not."
    assert receiving.connections == 0


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "x@127.0.0.1"]
)
async def test_another_way_to_write_the_loopback_is_not_looked_up_at_all(host: str) -> None:
    names = Names(["127.0.0.1"])
    failed = await failure(Webhook(resolver=names), f"https://{host}/")
    assert failed.permanent
    assert names.asked == []


async def test_the_next_address_is_tried_where_the_first_does_not_answer(trust: Trust, trusted: Path) -> None:
    async with receiver(trust) as receiving:
        way = Webhook(allowed=LOOPBACK, resolver=Names(["127.0.0.99", "127.0.0.1"]))
        await way.deliver(parcel(https(receiving, "/200")))
    assert len(receiving.requests) == 1


async def test_the_system_resolves_names_by_default(trust: Trust, trusted: Path) -> None:
    async with receiver(trust) as receiving:
        way = Webhook(allowed=(*LOOPBACK, ip_network("::1")))
        assert (await way.deliver(parcel(https(receiving, "/200")))).provider_id == "200"
        failed = await failure(way, "https://nobody.invalid/")
    assert failed.sentence == "The webhook's host cannot be found."
    assert not failed.permanent


async def test_a_certificate_for_another_name_is_not_taken(trust: Trust, trusted: Path) -> None:
    async with receiver(trust) as receiving:
        way = Webhook(allowed=LOOPBACK, resolver=Names(["127.0.0.1"]))
        failed = await failure(way, f"https://hooks.example.org:{receiving.port}/200")
    assert failed.sentence.startswith("The webhook's certificate cannot be trusted: ")
    assert receiving.requests == []


async def test_an_unknown_authority_is_not_taken(trust: Trust) -> None:
    async with receiver(trust) as receiving:
        failed = await failure(Webhook(allowed=LOOPBACK, resolver=Names(["127.0.0.1"])), https(receiving, "/200"))
    assert failed.sentence.startswith("The webhook's certificate cannot be trusted: ")
    assert not failed.permanent


async def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    async with receiver(None) as receiving:
        port = receiving.port
    failed = await failure(Webhook(allowed=LOOPBACK), f"http://127.0.0.1:{port}/secret-path")
    assert failed.sentence == "The webhook cannot be reached."
    assert not failed.permanent
    assert "secret-path" not in failed.sentence


async def test_no_long_answer_is_read_to_its_end() -> None:
    async with receiver(None) as receiving:
        receiving.body = b"x" * (20 * 2**20)
        async with asyncio.timeout(2):
            await Webhook(allowed=LOOPBACK).deliver(parcel(f"http://127.0.0.1:{receiving.port}/200"))
