"""The wheel, installed into an empty environment: the command serves the README's query and the pages."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.command import start_command
from tests.test_readme import README

ROOT = Path(__file__).resolve().parent.parent
NEWER = "3.13"
pytestmark = pytest.mark.exclusive  # the installation must end within the time of a test


def find_python() -> str | None:
    """Return an executable of the newer Python, which may be a version of pyenv that is not selected."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{NEWER}*/bin/python"))
    for candidate in (shutil.which(f"python{NEWER}"), *map(str, installed)):
        if (
            candidate
            and subprocess.run([candidate, "-c", "import venv"], capture_output=True, check=False).returncode == 0
        ):
            return candidate
    return None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module", params=[sys.executable, find_python()], ids=["this Python", NEWER])
def command(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and its pinned dependencies. Returns the command."""
    if request.param is None:
        pytest.skip(f"there is no Python {NEWER}")
    folder = tmp_path_factory.mktemp("empty")
    subprocess.run([request.param, "-m", "venv", str(folder)], check=True, capture_output=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    for arguments in (["--require-hashes", "-r", str(ROOT / "requirements/run.txt")], [str(wheel)]):
        subprocess.run([*pip, *arguments], check=True, capture_output=True)
    return folder / "bin/invoicegraph"


def test_it_states_its_version(command: Path) -> None:
    assert subprocess.run([command, "--version"], capture_output=True, check=True).stdout == b"invoicegraph 0.1.0\n"


async def test_it_answers_the_queries_of_the_readme(command: Path, tmp_path: Path) -> None:
    queries = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    answers = re.findall(r"```json\n(.*?)```", README, re.DOTALL)

    async with start_command("serve", "--sandbox", "--port", "0", command=[str(command)], cwd=tmp_path) as service:
        responses = [await service.query(query) for query in queries]
        pages = [await service.get(path, "text/html") for path in ("/graphql", "/")]
        scripts = [script for page in pages for script in re.findall(r'src="(?:\./)?(\S+\.js)"', page.text)]
        assets = [await service.get(f"/{script}") for script in scripts]

    assert [response.json()["data"] for response in responses] == [json.loads(answer)["data"] for answer in answers]
    assert [script.split("/")[0] for script in scripts] == ["graphiql", "console"]
    assert [response.status_code for response in pages + assets] == [200] * 4
