import pytest

from solarhub.accounts.network import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
    ids=["ipv4", "mapped", "ipv6", "link-local", "none", "socket"],
)
def test_an_address_counts_as_its_customer(address: str, network: str) -> None:
    assert network_of(address) == network
