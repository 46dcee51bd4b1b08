import socket
from ipaddress import IPv4Address, IPv6Address

from solarhub.kit.tls import MachineNames, machine_names


def test_this_machines_addresses_can_be_listened_on_and_none_is_the_loopback() -> None:
    machine = machine_names()

    for address in machine.addresses:
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        with socket.socket(family) as listener:
            listener.bind((str(address), 0))
    assert not any(address.is_loopback or address.is_link_local for address in machine.addresses)
    assert machine.all_addresses[-2:] == (IPv4Address("127.0.0.1"), IPv6Address("::1"))


def test_a_machine_answers_to_its_own_name_and_to_the_one_that_is_told_on_the_network() -> None:
    assert MachineNames("hub.example.com", ()).names == ("localhost", "hub.example.com", "hub.local")
    assert MachineNames("hub", ()).names == ("localhost", "hub", "hub.local")
