"""Whether a connection of a pool still leads to the server, without asking the server.

`pool_pre_ping` takes three round trips for each use of a connection, more than most statements take.

The socket itself is asked, and asyncpg has no public way to it: `connect` takes no socket, `connection_class` is given
the transport by a constructor that is as private, and `is_closed` and termination listeners know only what the event
loop has read by then. `tcp_keepalives_*` and `tcp_user_timeout` tell the server of a client that is gone, nobody else.
"""

import select
from typing import Any

from sqlalchemy.exc import DisconnectionError


def leave_dead_ones(connection: Any, _record: object, _proxy: object) -> None:
    """Listens to a pool's `checkout`: a connection that the server closed meanwhile is replaced by a new one."""
    if is_dead(connection.driver_connection):
        raise DisconnectionError


def is_dead(driver: Any) -> bool:
    """Whether a connection that nobody uses leads nowhere any more."""
    return driver.is_closed() or _has_something_to_say(driver)


def _has_something_to_say(driver: Any) -> bool:
    """An idle server speaks unasked only to say that it ends; the event loop may not have heard it yet."""
    socket = driver._transport.get_extra_info("socket")  # noqa: SLF001 - see above
    heard = select.poll()
    heard.register(socket.fileno(), select.POLLIN)
    return bool(heard.poll(0))
