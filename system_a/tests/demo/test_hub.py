"""A hub of the demo's own."""

import os
import socket

import httpx
import pytest

from solarhub.demo.hub import HubEnded, throw_away_hub


async def test_a_hub_that_cannot_start_says_why() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with throw_away_hub(port) as hub:
            async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as nobody:
                with pytest.raises(HubEnded, match=f"Nobody can listen on 127.0.0.1 port {port}"):
                    await hub.ready(nobody)


async def test_a_hub_that_is_killed_is_missed() -> None:
    with throw_away_hub(0) as hub:
        os.kill(hub.pid, 9)
        with pytest.raises(HubEnded, match="status -9"):
            await hub.ended()
