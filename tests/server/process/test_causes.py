"""`invoicegraph check` and the log tell the causes of failed calls apart: real sockets, real certificates."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme

from tests.server.command import run_command

KEY = "causes-key"
SENTENCES = {
    "dns": ("UNAVAILABLE", "The host name does not exist."),
    "refused": ("UNAVAILABLE", "Nothing listens at the host and port."),
    "authority": ("UNAVAILABLE", "No trusted authority issued the certificate of the host."),
    "name": ("UNAVAILABLE", "The certificate of the host is for another host name."),
    "expired": ("UNAVAILABLE", "The certificate of the host has expired."),
    "plain": ("UNAVAILABLE", "The port does not speak TLS."),
    "connect": ("UNAVAILABLE", "The host did not accept a connection in time."),
    "error": ("UNAVAILABLE", "The provider returned status 500."),
    "silent": ("TIMED_OUT", "No response arrived before the deadline."),
}
LOGGED = {  # the cause and the status of the log line
    "dns": ("no_such_host", None),
    "refused": ("connection_refused", None),
    "authority": ("unknown_authority", None),
    "name": ("wrong_host_name", None),
    "expired": ("certificate_expired", None),
    "plain": ("not_tls", None),
    "connect": ("connect_timeout", None),
    "error": ("status", 500),
    "silent": ("no_response", None),
}


async def test_check_and_the_log_tell_nine_causes_apart(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    async with broken_providers(authority) as urls:
        config = _write_config(tmp_path, urls)
        code, out, err = await run_command("check", "--config", config, **_trust(tmp_path), NINE_KEY=KEY)

    rows = {
        line.split("/")[1].split()[0]: line.split(maxsplit=3)[2:] for line in out.partition("\n\n")[0].splitlines()[1:]
    }
    assert code == 1
    assert {account: (row[0], row[1].partition(". ")[2]) for account, row in rows.items()} == SENTENCES
    lines = [json.loads(line) for line in err.splitlines()]
    assert {line["account"].partition("/")[2]: (line["cause"], line["status"]) for line in lines} == LOGGED
    assert {(line["level"], line["provider"], line["attempt"]) for line in lines} == {("warning", "fastly", 1)}
    assert all(0 <= line["duration_seconds"] < 10 for line in lines)
    assert len(lines) == 9
    assert KEY not in out + err
    assert "://" not in out + err


async def test_a_refused_key_is_a_warning_without_the_key(tmp_path: Path) -> None:
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    async with _responding(refusal) as port:
        config = _write_config(tmp_path, {"cdn": f"http://127.0.0.1:{port}"})
        code, _, err = await run_command("check", "--config", config, NINE_KEY=KEY)

    [line] = map(json.loads, err.splitlines())
    assert code == 1
    assert KEY not in err
    assert (line["level"], line["event"]) == ("warning", "A call to a provider failed.")
    assert {name: line[name] for name in ("account", "provider", "code", "cause", "status", "attempt")} == {
        "account": "fastly/cdn",
        "provider": "fastly",
        "code": "UNAUTHORIZED",
        "cause": None,
        "status": 401,
        "attempt": 1,
    }


@asynccontextmanager
async def broken_providers(authority: trustme.CA) -> AsyncIterator[dict[str, str]]:
    """Run nine providers, each broken in its own way. Yields their addresses by the names of their accounts."""
    async with AsyncExitStack() as stack:

        async def port(response: bytes = b"", tls: ssl.SSLContext | None = None) -> int:
            return await stack.enter_async_context(_responding(response, tls))

        error = b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"
        expired = datetime(2020, 1, 1, tzinfo=UTC)
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # the queue of connections is then full
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield {
            "dns": "https://no-such-host.invalid",
            "refused": "http://127.0.0.1:1",
            "authority": f"https://localhost:{await port(tls=_tls(trustme.CA(), 'localhost'))}",
            "name": f"https://localhost:{await port(tls=_tls(authority, 'elsewhere.test'))}",
            "expired": f"https://localhost:{await port(tls=_tls(authority, 'localhost', not_after=expired))}",
            "plain": f"https://localhost:{await port(error)}",
            "connect": f"http://127.0.0.1:{full.getsockname()[1]}",
            "error": f"http://127.0.0.1:{await port(error)}",
            "silent": f"http://127.0.0.1:{await port()}",
        }


@asynccontextmanager
async def _responding(response: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Listen on a port. It sends the response to the first bytes of each connection, or stays silent if it is empty."""
    handlers: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.current_task())  # type: ignore[arg-type]
        try:
            await reader.read(1)
            writer.write(response)
            if not response:
                await asyncio.Event().wait()
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls) as listener:
        yield listener.sockets[0].getsockname()[1]
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


def _tls(authority: trustme.CA, host: str, **certificate: Any) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **certificate).configure_cert(tls)
    return tls


def _trust(folder: Path) -> dict[str, Any]:
    return {"SSL_CERT_FILE": str(folder / "authority.pem"), "SSL_CERT_DIR": ""}


def _write_config(folder: Path, urls: dict[str, str]) -> str:
    file = folder / "invoicegraph.toml"
    file.write_text(
        "".join(
            f'[[accounts]]\nid = "{account}"\nprovider = "fastly"\nattempts = 1\nbase_url = "{url}"\n'
            f'api_key = {{ env = "NINE_KEY" }}\n'
            for account, url in urls.items()
        )
    )
    return str(file)
