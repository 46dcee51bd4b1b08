"""What goes wrong between a hub and its database: a proxy before the server's socket that delays or swallows."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit


class Proxy:
    """Passes bytes on both ways, each `delay_seconds` later; none at all while `is_hole` is set."""

    def __init__(self, target: str, folder: Path, name: str) -> None:
        self.folder = folder
        self.delay_seconds = 0.0
        self.is_hole = False
        self._target = target
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, url: str) -> str:
        """The same database by way of this proxy."""
        return url.replace(quote(str(Path(self._target).parent)), quote(str(self.folder)))

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._pass_on, self.folder / self._name)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._target)
        both = [
            asyncio.create_task(self._pump(reader, there_writer)),
            asyncio.create_task(self._pump(there_reader, writer)),
        ]
        self._tasks.update(both)
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        for each in (writer, there_writer):
            each.close()
        await asyncio.gather(*both, return_exceptions=True)
        self._tasks.difference_update(both)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await asyncio.sleep(self.delay_seconds)
                if not self.is_hole:
                    writer.write(data)
                    await writer.drain()

    async def close(self, server: asyncio.Server) -> None:
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # what was passed on takes note of it


@asynccontextmanager
async def proxy_to(url: str) -> AsyncIterator[Proxy]:
    """A proxy before the server that this URL leads to by its socket."""
    options = parse_qs(urlsplit(url).query)
    name = f".s.PGSQL.{options['port'][0]}"
    own = Path(tempfile.mkdtemp(prefix="shub-"))
    proxy = Proxy(f"{options['host'][0]}/{name}", own, name)
    server = await proxy.serve()
    try:
        yield proxy
    finally:
        await proxy.close(server)
        shutil.rmtree(own, ignore_errors=True)
