"""The variables about certificates and proxies: what they change, and one sentence for each mistake in them."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import pathsep
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.server.command import run_command

LIST = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + b'{"data": [], "meta": {"n": 0}}'
WITHOUT_PROXIES: dict[str, Any] = dict.fromkeys(
    ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"), ""
)


async def test_certificate_variables_add_up(tmp_path: Path) -> None:
    authorities = [trustme.CA() for _ in range(3)]
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for authority, folder in zip(authorities, folders, strict=True):
        folder.mkdir()
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        (folder / "README").write_text("no certificate")
    async with _tls_servers(authorities) as ports:
        config = _write_config(tmp_path, {f"cdn{n}": f"https://localhost:{port}" for n, port in enumerate(ports)})
        file = str(folders[0] / "authority.pem")
        code, out, err = await run_command(
            "check",
            "--config",
            config,
            KEY="key",
            SSL_CERT_FILE=file,
            SSL_CERT_DIR=f"{folders[1]}{pathsep}{folders[2]}",
        )
        fewer = await run_command("check", "--config", config, KEY="key", SSL_CERT_FILE=file, SSL_CERT_DIR="")

    assert (code, err) == (0, "")
    assert [line.split()[2] for line in out.partition("\n\n")[0].splitlines()[1:]] == ["ok"] * 3
    assert [line.split()[2] for line in fewer[1].partition("\n\n")[0].splitlines()[1:]] == [
        "ok",
        "UNAVAILABLE",
        "UNAVAILABLE",
    ]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"SSL_CERT_FILE": "/not/there.pem"},
            "SSL_CERT_FILE names /not/there.pem, which cannot be read: No such file or directory. "
            "Name a file of certificates in PEM.",
        ),
        (
            {"SSL_CERT_FILE": "{file}"},
            "SSL_CERT_FILE names {file}, which has no certificate. Name a file in PEM.",
        ),
        (
            {"SSL_CERT_DIR": "{folder}:/not/there"},
            "SSL_CERT_DIR names /not/there, which cannot be read: No such file or directory. "
            "Name folders of certificates in PEM.",
        ),
        ({"SSL_CERT_DIR": "{folder}"}, "SSL_CERT_DIR has no readable certificate. Name certificates in PEM."),
        (
            {"HTTPS_PROXY": "http://user:secret@"},
            "HTTPS_PROXY is not the address of a proxy. Write http://HOST:PORT.",
        ),
        ({"https_proxy": "none at all"}, "https_proxy is not the address of a proxy. Write http://HOST:PORT."),
        ({"ALL_PROXY": "http://proxy:99999"}, "ALL_PROXY is not the address of a proxy. Write http://HOST:PORT."),
    ],
)
async def test_a_mistake_is_one_sentence(variables: dict[str, str], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk")
    names = {"file": str(tmp_path / "junk"), "folder": str(tmp_path)}
    given = {name: value.format(**names) for name, value in variables.items()}

    outcome = await run_command("check", **{**WITHOUT_PROXIES, "SSL_CERT_FILE": "", "SSL_CERT_DIR": "", **given})

    assert outcome == (2, "", f"{sentence.format(**names)}\n")


async def test_a_mistake_ends_serve(tmp_path: Path) -> None:
    code, out, err = await run_command("serve", HTTPS_PROXY="//", https_proxy="")

    assert (code, out, err.count("\n")) == (2, "", 1)


async def test_calls_use_the_proxy_unless_no_proxy_names_their_host(tmp_path: Path) -> None:
    hosts = {
        "far": "far.invalid",
        "domain": "domain.invalid",
        "sub": "api.domain.invalid",
        "star": "api.star.invalid",
        "port": "port.invalid:8443",
        "other": "port.invalid:9443",
        "network": "10.1.2.3",
    }
    config = _write_config(tmp_path, {account: f"https://{host}" for account, host in hosts.items()})
    async with _proxy() as (port, targets):
        variables = {
            **WITHOUT_PROXIES,
            "HTTPS_PROXY": f"127.0.0.1:{port}",
            "NO_PROXY": "domain.invalid, *.star.invalid,port.invalid:8443, 10.0.0.0/8",
        }
        await run_command("check", "--config", config, KEY="key", INVOICEGRAPH_SERVER__DEADLINE="2", **variables)

    assert sorted(targets) == ["far.invalid:443", "port.invalid:9443"]


async def test_a_host_of_this_machine_needs_no_proxy(tmp_path: Path) -> None:
    async with _proxy() as (port, targets):
        config = _write_config(tmp_path, {"cdn": "https://127.0.0.1:1"})
        variables = {**WITHOUT_PROXIES, "HTTPS_PROXY": f"http://127.0.0.1:{port}"}
        _, out, _ = await run_command("check", "--config", config, KEY="key", **variables)

    assert "Nothing listens" in out
    assert targets == []


async def test_httpx_carries_calls_where_reqwest_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ry'] = None\n")

    code, out, err = await run_command("check", "--sandbox", PYTHONPATH=str(tmp_path))

    assert (code, err) == (0, "")
    assert all(") ok " in " ".join(line.split()) for line in out.partition("\n\n")[0].splitlines()[1:])


@asynccontextmanager
async def _tls_servers(authorities: list[trustme.CA]) -> AsyncIterator[list[int]]:
    """Run an empty Fastly API for each authority, with a certificate of it. Yields their ports."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(LIST)
        writer.close()

    servers = []
    for authority in authorities:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(tls)
        servers.append(await asyncio.start_server(respond, "127.0.0.1", 0, ssl=tls))
    yield [server.sockets[0].getsockname()[1] for server in servers]
    for server in servers:
        server.close()


@asynccontextmanager
async def _proxy() -> AsyncIterator[tuple[int, list[str]]]:
    """Run a proxy that refuses every tunnel. Yields its port, and the targets of the tunnels."""
    targets: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        targets.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], targets


def _write_config(folder: Path, urls: dict[str, str]) -> str:
    file = folder / "invoicegraph.toml"
    account = (
        '[[accounts]]\nid = "{}"\nprovider = "fastly"\nattempts = 1\nbase_url = "{}"\napi_key = {{ env = "KEY" }}\n'
    )
    file.write_text("".join(account.format(name, url) for name, url in urls.items()))
    return str(file)
