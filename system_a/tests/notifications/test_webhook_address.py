from ipaddress import ip_address, ip_network

import pytest

from solarhub.notifications.webhook_address import AddressRefused, Target, check_url, is_public, vet

OFFICE = (ip_network("192.168.0.0/16"), ip_network("fd00::/8"))
PUBLIC = Target("https", "hooks.example.org", 443, "/")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.org", Target("https", "hooks.example.org", 443, "/")),
        (
            "https://HOOKS.Example.org.:8443/a%20b?c=d&e=%2F",
            Target("https", "hooks.example.org", 8443, "/a%20b?c=d&e=%2F"),
        ),
        ("https://bücher.example/für", Target("https", "xn--bcher-kva.example", 443, "/f%C3%BCr")),
        ("https://8.8.8.8/x", Target("https", "8.8.8.8", 443, "/x")),
        ("https://[2606:4700:4700::1111]/x", Target("https", "2606:4700:4700::1111", 443, "/x")),
    ],
    ids=["short", "port and query", "other letters", "v4", "v6"],
)
def test_an_address_is_read_once_into_its_parts(url: str, target: Target) -> None:
    assert check_url(url) == target


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example.org/", "must begin with https"),
        ("ftp://hooks.example.org/", "must begin with https"),
        ("//hooks.example.org/", "must begin with https"),
        ("https://hooks.example.org:22/", "port 443, 80 or 8443"),
        ("https://hooks.example.org:0/", "port that exists"),
        ("https://hooks.example.org:99999/", "cannot be read"),
        ("https://user:password@hooks.example.org/", "user name"),
        ("https://hooks.example.org@127.0.0.1/", "user name"),
        ("https://@hooks.example.org/", "user name"),
        ("https://hooks.example.org\\@127.0.0.1/", "backslashes"),
        ("https://hooks.example.org/ x", "blanks"),
        ("https://hooks.example.org/\r\nHost: x", "blanks"),
        ("https://hooks.\texample.org/", "blanks"),
        ("https://hooks.example.org/#x", "#"),
        ("https://localhost/", "on the internet"),
        ("https://router/", "on the internet"),
        ("https:///x", "name a host"),
        ("https://hooks..example.org/", "name a host"),
        ("https://-hooks.example.org/", "name a host"),
        ("https://127.0.0.1/", "public"),
        ("https://2130706433/", "four decimal numbers"),
        ("https://0x7f000001/", "four decimal numbers"),
        ("https://0x7f.0.0.1/", "four decimal numbers"),
        ("https://0177.0.0.1/", "four decimal numbers"),
        ("https://127.1/", "four decimal numbers"),
        ("https://127.0.0.0x1/", "four decimal numbers"),
        ("https://１２７.0.0.1/", "public"),  # noqa: RUF001 - such digits are what is tested
        ("https://①②⑦.0.0.1/", "public"),
        ("https://127。0。0。1/", "public"),
        ("https://[::1]/", "public"),
        ("https://[::ffff:127.0.0.1]/", "public"),
        ("https://[::ffff:8.8.8.8]/", "public"),
        ("https://[fe80::1%25eth0]/", "name a host"),
        ("https://[v1.x]/", "cannot be read|name a host"),
        ("https://" + "a" * 2000, "at most 2000"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_an_address_that_is_not_taken_says_why(url: str, said: str) -> None:
    with pytest.raises(AddressRefused, match=said):
        check_url(url)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.0.2.1"),
        *("192.168.1.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "224.0.1.1"),
        *("240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"),
        *("64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1"),
        *("fc00::1", "fd12::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "ff0e::1"),
    ],
)
def test_what_is_not_one_machine_on_the_internet_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(AddressRefused, match="public address"):
        vet([ip_address("8.8.8.8"), ip_address(address)], PUBLIC)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_a_machine_on_the_internet_is_public(address: str) -> None:
    assert vet([ip_address(address)], PUBLIC) == [ip_address(address)]


def test_a_host_without_addresses_is_refused() -> None:
    with pytest.raises(AddressRefused, match="leads nowhere"):
        vet([], PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20:8123/api/webhook/x",
        "https://192.168.1.20:9443/",
        "http://[fd00::1]:8080/",
        "http://nas/hook",
    ],
    ids=["http", "https", "v6", "name"],
)
def test_in_networks_that_the_operator_opens_http_and_any_port_are_fine(url: str) -> None:
    target = check_url(url, OFFICE)
    assert vet([ip_address("192.168.1.20"), ip_address("fd00::1")], target, OFFICE)
    with pytest.raises(AddressRefused):
        check_url(url)


def test_opening_one_network_opens_no_other() -> None:
    target = check_url("http://nas/hook", OFFICE)
    for address in ("10.0.0.1", "127.0.0.1", "::ffff:192.168.1.20"):
        with pytest.raises(AddressRefused, match="public address"):
            vet([ip_address(address)], target, OFFICE)
    with pytest.raises(AddressRefused, match="https://"):
        vet([ip_address("8.8.8.8")], target, OFFICE)
    with pytest.raises(AddressRefused, match="port"):
        vet([ip_address("8.8.8.8")], check_url("https://nas:22/", OFFICE), OFFICE)
