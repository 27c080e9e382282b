"""A start imports only what its configuration uses: each of these libraries takes up to a tenth of its time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.command import environment

OPTIONAL = ["cryptography", "httpx", "jwt", "opentelemetry", "pyarrow", "redis", "rich.progress"]
START = """
import asyncio, sys
from pathlib import Path
import server.cli
from server.accounts import configured_accounts
from server.config.loading import load
from server.http.app import create_app

async def start(config):
    settings = load(config, sandbox=True)
    app = create_app(configured_accounts(settings), settings)
    async with app.router.lifespan_context(app):
        return [name for name in sys.argv[2:] if name in sys.modules]

print(*asyncio.run(start(Path(sys.argv[1]) if sys.argv[1] else None)))
"""


def imported_by_a_start(config: Path | None = None) -> list[str]:
    """Return the optional modules that a process has imported when it has started."""
    command = [sys.executable, "-c", START, str(config or ""), *OPTIONAL]
    process = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    return process.stdout.split()


@pytest.mark.skipif(sys.platform not in {"linux", "darwin"}, reason="calls are carried by httpx here")
def test_without_their_settings_no_optional_library_is_imported() -> None:
    assert imported_by_a_start() == []


def test_the_library_of_redis_is_imported_if_one_is_configured(tmp_path: Path) -> None:
    config = tmp_path / "accounts.toml"
    config.write_text('[cache]\nurl = "redis://127.0.0.1:1/0"\n')

    assert "redis" in imported_by_a_start(config)


def test_garbage_collection_is_enabled_after_the_imports() -> None:
    code = (
        "import gc, server.cli; server.cli.main = lambda: print(gc.isenabled()); from server.start import main; main()"
    )
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert process.stdout == "True\n"
