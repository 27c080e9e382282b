"""Small programs with the files of docs/clients.md, type-checked and compiled as users would do it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests import node
from tests.harness import Service

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_FILE = re.compile(r"```\w+\n(?://|#) (\S+)\n(.*?)```", re.DOTALL)
GENERATORS = {"app": "graphql-codegen", "relay": "relay-compiler"}


def files(*headings: str) -> dict[str, str]:
    """The files in the sections of docs/clients.md with these headings: the text of each, by its path."""
    _, *sections = (ROOT / "docs/clients.md").read_text().split("\n## ")
    matching = [section for section in sections if section.split("\n")[0] in headings]
    assert len(matching) == len(headings)
    return dict(_FILE.findall("".join(matching)))


def unpack(folder: Path, *headings: str) -> None:
    """Write those files into a folder, beside the schema that they refer to."""
    (folder / "schema").symlink_to(ROOT / "schema")
    for path, text in files(*headings).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


async def build(folder: Path, name: str, *headings: str) -> None:
    """Build a program of this folder with those files: generate types, check them strictly, compile the scripts."""
    unpack(folder, *headings)
    shutil.copytree(HERE / name, folder / "src", dirs_exist_ok=True)
    shutil.copy(HERE / "program.ts", folder / "src")
    shutil.copy(HERE / "tsconfig.json", folder)
    (folder / "package.json").write_text("{}")
    (folder / "node_modules").symlink_to(node.SCRIPTS / "node_modules")
    for tool in (GENERATORS[name], "tsc"):
        await node.run_script(f"node_modules/.bin/{tool}", folder=folder)


async def run_script(folder: Path, script: str, service: Service | None = None, *arguments: str) -> list[Any]:
    """The values that a built script prints, one a line. If it needs a service, it gets its URL."""
    url = [f"{service.url}/graphql"] if service else []
    output = await node.run_script(f"built/{script}.js", *url, *arguments, folder=folder)
    return [json.loads(line) for line in output.splitlines()]
