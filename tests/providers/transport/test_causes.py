"""Both carriers tell why no status has arrived, and trust only the authorities of the environment."""

import asyncio
import ssl
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from providers.errors import FailureCause

from .carrying import Open, Server, failure, get, listening, server_tls


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", None])
async def test_only_trusted_certificate_authorities(
    variable: str | None, open_carrier: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, server = trustme.CA(), Server()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "authority.pem" if variable == "SSL_CERT_FILE" else tmp_path))
    async with listening(server, server_tls(authority, "localhost")) as url, aclosing(open_carrier()) as carrier:
        if variable:
            assert await get(carrier, url) == (200, b"hi")
        else:
            assert await failure(carrier, url) is FailureCause.UNKNOWN_AUTHORITY
            assert server.heads == []


@pytest.mark.parametrize(
    ("host", "expiry", "cause"),
    [
        ("elsewhere.test", None, FailureCause.WRONG_HOST_NAME),
        ("localhost", datetime(2020, 1, 1, tzinfo=UTC), FailureCause.EXPIRED),
    ],
)
async def test_an_invalid_certificate_is_rejected(
    host: str,
    expiry: datetime | None,
    cause: FailureCause,
    open_carrier: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    tls = server_tls(authority, host, not_after=expiry)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with listening(Server(), tls) as url, aclosing(open_carrier()) as carrier:
        assert await failure(carrier, url) is cause


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("https://no-such-host.invalid/", FailureCause.NO_SUCH_HOST),
        ("http://127.0.0.1:1/", FailureCause.REFUSED),
        ("http://[::1/", FailureCause.INVALID_ADDRESS),
    ],
)
async def test_causes_without_a_server(url: str, cause: FailureCause, open_carrier: Open) -> None:
    async with aclosing(open_carrier()) as carrier:
        assert await failure(carrier, url) is cause


@pytest.mark.parametrize(
    ("response", "cause"), [(b"", FailureCause.DISCONNECTED), (b"SSH-2.0-OpenSSH\r\n\r\n", FailureCause.NOT_HTTP)]
)
async def test_causes_without_a_status(response: bytes, cause: FailureCause, open_carrier: Open) -> None:
    async with listening(Server(response, closes=not response)) as url, aclosing(open_carrier()) as carrier:
        assert await failure(carrier, url) is cause


async def test_tls_to_a_plain_port(open_carrier: Open) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listener, aclosing(open_carrier()) as carrier:
        port = listener.sockets[0].getsockname()[1]
        assert await failure(carrier, f"https://localhost:{port}/") is FailureCause.NOT_TLS


async def test_no_common_version_of_tls(open_carrier: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    tls = server_tls(authority, "localhost")
    tls.set_ciphers("AES128-SHA")
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with listening(Server(), tls) as url, aclosing(open_carrier()) as carrier:
        assert await failure(carrier, url) is FailureCause.TLS_HANDSHAKE
