from datetime import UTC
from uuid import UUID, uuid4

import pytest

from solarhub.devices.identity import KnownDevice
from solarhub.telemetry.mqtt.topics import Owner, Routes, below, own_device

ACME, OTHER = uuid4(), uuid4()


def owner(key: int, prefix: str, organization_id: UUID = ACME) -> Owner:
    return Owner(KnownDevice(UUID(int=key), organization_id, 1, key), prefix, UTC, "broker:1883")


def keys(routes: Routes, topic: str) -> list[int]:
    return sorted(each.device.device_key for each in routes.owners(topic.encode()))


@pytest.mark.parametrize(
    ("topic", "owners"),
    [
        ("plants", [1]),
        ("plants/x", [1]),
        ("plants/a", [2, 3]),
        ("plants/a/b/c", [2, 3]),
        ("plants/ab", [1]),
        ("plant", []),
        ("/plants/a", [4]),
        ("/", [4]),
        ("//", [4]),
    ],
)
def test_a_topic_is_that_of_the_longest_prefix_in_each_organization(topic: str, owners: list[int]) -> None:
    routes = Routes([owner(1, "plants"), owner(2, "plants/a"), owner(3, "plants/a/", OTHER), owner(4, "/")])

    # the other organization has nothing above plants/a
    assert keys(routes, topic) == owners


def test_what_lies_below_another_filter_is_not_subscribed_to_twice() -> None:
    routes = Routes([owner(1, "plants"), owner(2, "plants/a/b"), owner(3, "farms/a"), owner(4, "farms/ab/")])

    assert routes.filters() == {"plants/#", "farms/a/#", "farms/ab/#"}
    assert routes.filter_of("plants/a/b") == "plants/#"


def test_of_two_devices_with_one_prefix_the_first_owns_it() -> None:
    routes = Routes([owner(2, "plants/"), owner(1, "plants")])

    assert keys(routes, "plants/x") == [1]
    assert {device_id: first.device.device_key for device_id, first in routes.doubled.items()} == {UUID(int=2): 1}


def test_topics_that_are_no_text_are_nobodys() -> None:
    assert keys(Routes([owner(1, "plants")]), "pl\udcffants".encode("utf-8", "surrogateescape").decode("latin-1")) == []


def test_every_filter_that_a_topic_may_have_come_by_is_known() -> None:
    assert below("a/b") == {"a/#", "a/b/#"}


def test_at_the_hubs_own_broker_a_topic_names_its_device() -> None:
    device = uuid4()

    assert own_device(f"solarhub/{device}/telemetry".encode()) == device
    assert own_device(f"solarhub/{device}".encode()) == device
    for topic in (b"solarhub", b"solarhub/hub/x", b"elsewhere/x", f"x/{device}".encode(), b"solarhub/\xff\xfe/x"):
        assert own_device(topic) is None
