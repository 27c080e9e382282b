"""Fixtures of the tests of the console."""

import fcntl
import os
import subprocess

import pytest

from .console import CONSOLE


@pytest.fixture(scope="session")
def built() -> None:
    """Build the console if it is older than its sources. The workers of a run wait for the one that builds."""
    folder = os.open(CONSOLE, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        result = subprocess.run([CONSOLE / "build.sh"], capture_output=True, text=True, timeout=300, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
    finally:
        os.close(folder)
