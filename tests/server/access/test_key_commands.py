"""`invoicegraph keys`: create, list and revoke."""

import asyncio
import fcntl
import json
import os
import re
from pathlib import Path

import pytest

from server.access.key_file import changed_keys
from server.access.keys import hash_key
from tests.server.command import run_command

PROVIDERS = "archera, fastly, spectrocloud"
INVALID = {
    ("a b", "--account", "*"): "name: write 1 to 64 characters from a-z, A-Z, 0-9, '.', '_' and '-'.",
    ("a", "--account", "x/*"): (f'accounts: write "*", "PROVIDER/*" or "PROVIDER/ID", with a PROVIDER of {PROVIDERS}.'),
    ("a", "--account", "*", "--expires", "2020-01-31"): "--expires is past. Write a time in the future.",
    ("a", "--account", "*", "--expires", "soon"): (
        "--expires is not a time. Write 90d, 2027-01-31, or 2027-01-31T00:00:00Z."
    ),
    ("a", "--account", "*", "--file", "/no/keys.json"): (
        "The file of keys cannot be written: No such file or directory."
    ),
}


async def test_a_key_is_stored_as_its_hash(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    arguments = ("--account", "fastly/*", "--account", "archera/x", "--scope", "raw:read", "--expires", "2099-01-31")
    code, out, err = await run_command("keys", "create", "finance", *arguments, "--file", str(file))

    [entry] = json.loads(file.read_text())["keys"]
    assert (code, err, bool(re.fullmatch(r"ig_[A-Za-z0-9_-]{43}\n", out))) == (0, "", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.pop("created"))
    assert entry == {
        "name": "finance",
        "hash": hash_key(out.strip().encode()),
        "accounts": ["fastly/*", "archera/x"],
        "scopes": ["raw:read"],
        "expires": "2099-01-31T00:00:00Z",
    }


async def test_keys_are_listed_and_revoked(tmp_path: Path) -> None:
    file = str(tmp_path / "keys.json")
    for name in ("finance", "sales"):
        await run_command("keys", "create", name, "--account", "*", "--file", file)
    again = await run_command("keys", "create", "sales", "--account", "*", "--file", file)
    revoked = await run_command("keys", "revoke", "finance", INVOICEGRAPH_ACCESS__KEYS_FILE=file)
    unknown = await run_command("keys", "revoke", "finance", "--file", file)

    table = "NAME   ACCOUNTS  SCOPES         EXPIRES\nsales  *         invoices:read  never\n"
    assert await run_command("keys", "list", "--file", file) == (0, table, "")
    taken = f"{file} has a key with the name sales already. Use another name, or revoke it.\n"
    assert again == (1, "", taken)
    assert revoked == (0, "", "")
    assert unknown == (1, "", f"{file} has no key with the name finance.\n")


async def test_without_a_file_the_table_is_printed() -> None:
    code, out, err = await run_command("keys", "create", "finance", "--account", "*")

    table = f'[[access.keys]]\nname = "finance"\nhash = "{hash_key(out.strip().encode())}"\naccounts = ["*"]\n'
    assert (code, err) == (0, f'{table}scopes = ["invoices:read"]\n\n')


async def test_commands_at_once_lose_no_key(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    names = [f"key{number}" for number in range(4)]
    await asyncio.gather(
        *(run_command("keys", "create", name, "--account", "*", "--file", str(file)) for name in names)
    )

    assert sorted(entry["name"] for entry in json.loads(file.read_text())["keys"]) == names
    assert os.listdir(tmp_path) == ["keys.json"]  # noqa: PTH208 (no temporary file is left)


def test_a_command_does_not_wait_for_a_lock_for_ever(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with (
        pytest.raises(TimeoutError, match="another program holds the lock"),
        changed_keys(tmp_path / "keys.json", 0.05),
    ):
        pass
    os.close(folder)

    with changed_keys(tmp_path / "keys.json", 0.05) as keys:
        assert keys == []


@pytest.mark.parametrize("arguments", INVALID, ids=" ".join)
async def test_a_wrong_argument_is_told(arguments: tuple[str, ...]) -> None:
    assert await run_command("keys", "create", *arguments) == (1, "", INVALID[arguments] + "\n")


async def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("notes")
    code, _, err = await run_command("keys", "create", "a", "--account", "*", "--file", str(file))

    assert (code, file.read_text()) == (1, "notes")
    assert err == f"{file} is not a file of `invoicegraph keys create`: it cannot be read\n"
