"""Each line of the log is a JSON object, also the lines of libraries."""

import asyncio
import signal
from urllib.parse import urlsplit

from tests.server.command import start_command


async def test_a_line_of_a_library_is_json() -> None:
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        address = urlsplit(service.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(b"\x16\x03\x01 is TLS\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        event = await service.next_log_line()
        await service.stop(signal.SIGINT)

    assert (event["event"], event["logger"], event["level"]) == (
        "A request is not valid HTTP.",
        "uvicorn.error",
        "warning",
    )
