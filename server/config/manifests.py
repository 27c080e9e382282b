"""Manifests of operations, as the tools of clients write them: document texts by their ids.

graphql-codegen, Relay   {"<id>": "<text>", ...}
Apollo                   {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body"}]}
"""

from pathlib import Path
from typing import Literal

import msgspec
from pydantic import BaseModel, ConfigDict

from .private_file import read_protected

MAX_MANIFEST = 16_000_000  # bytes
_FORMS = "it should be a manifest of graphql-codegen, Relay or Apollo"


class _ApolloOperation(msgspec.Struct):
    id: str
    body: str


class _ApolloManifest(msgspec.Struct):
    format: Literal["apollo-persisted-query-manifest"]
    version: Literal[1]
    operations: list[_ApolloOperation]


class Manifest(BaseModel):
    """A manifest, as it was read."""

    model_config = ConfigDict(frozen=True)

    path: Path
    documents: dict[str, str]  # texts by id


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in a file. Raises ValueError if it cannot be read or has another form."""
    content = read_protected(path, MAX_MANIFEST)
    try:
        members = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        if "operations" in members:
            operations = msgspec.json.decode(content, type=_ApolloManifest).operations
            return Manifest(path=path, documents={operation.id: operation.body for operation in operations})
        return Manifest(path=path, documents=msgspec.json.decode(content, type=dict[str, str]))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ValueError(f"{path} cannot be used; {_FORMS}") from None
