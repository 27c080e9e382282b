"""Trusted documents: manifests as the tools of clients write them, and the modes of persisted operations."""

import json
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any

import pytest

from server.config.manifests import Manifest, read_manifest
from tests.harness import running_service, sandbox_of
from tests.server.operations.test_persisted_queries import url_parameters
from tests.server.wire import error_codes_and_messages
from tests.streams.clients import open_socket

QUERY, OTHER = "query Accounts { accounts { id } }", "{ providers { id } }"
SHA1, SHA256, MD5 = (create(QUERY.encode()).hexdigest() for create in (sha1, sha256, md5))
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": SHA256, "name": "Accounts", "type": "query", "body": QUERY}],
}
MANIFESTS = {"graphql-codegen": {SHA1: QUERY}, "Relay": {MD5: QUERY}, "Apollo": APOLLO}


def _apq(query_hash: str, **members: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": query_hash}}, **members}


REQUESTS = {  # by the tool that wrote the manifest: what its clients send
    "graphql-codegen": [{"documentId": SHA1}, _apq(SHA1), _apq(SHA1, query=QUERY)],
    "Relay": [{"id": MD5}, {"doc_id": MD5}],
    "Apollo": [_apq(SHA256), {"documentId": f"sha256:{SHA256}"}],
}
NOT_FOUND, NOT_SUPPORTED = "PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED"
REFUSED = ("BAD_USER_INPUT", "The service runs only the documents of its manifests. Send the id of one of them.")
ACCOUNTS = {"accounts": [{"id": f"{name}/sandbox-{name}"} for name in ("archera", "fastly")]}
TRUSTED = (Manifest(path=Path("/x"), documents={SHA256: QUERY}),)


@pytest.mark.parametrize("tool", MANIFESTS)
@pytest.mark.parametrize("mode", ["allow", "only"])
async def test_the_documents_of_a_manifest_run(tool: str, mode: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(MANIFESTS[tool]))
    settings: dict[str, Any] = {"persisted_operations": mode, "persisted_manifests": (read_manifest(file),)}
    async with running_service(sandbox_of("archera", "fastly"), **settings) as service:
        responses = [await service.post(request) for request in [*REQUESTS[tool], {"query": QUERY}]]
        by_get = await service.client.get("/graphql", params=url_parameters(REQUESTS[tool][0]))

    assert {response.text for response in responses} == {by_get.text}
    assert by_get.json()["data"] == ACCOUNTS


async def test_only_runs_nothing_else() -> None:
    async with running_service(persisted_operations="only", persisted_manifests=TRUSTED) as service:
        other_hash = sha256(OTHER.encode()).hexdigest()
        requests = [{"query": OTHER}, {"query": f"{QUERY} "}, _apq(other_hash, query=OTHER)]
        errors = [error_codes_and_messages(await service.post(request)) for request in requests]
        unknown = [await service.post(_apq(other_hash)), await service.post({"documentId": "x"})]
        async with open_socket(service) as socket:
            await socket.send("subscribe", "1", {"query": OTHER})
            over_socket = await socket.receive()

    assert errors == [[REFUSED]] * 3
    assert over_socket["payload"][0]["message"] == REFUSED[1]
    assert [error_codes_and_messages(response)[0][0] for response in unknown] == [NOT_FOUND, NOT_FOUND]
    assert service.all_calls() == []


async def test_off_knows_texts_only() -> None:
    async with running_service(persisted_operations="off", persisted_manifests=TRUSTED) as service:
        stored = await service.post(_apq(SHA256, query=QUERY))
        by_hash, by_id = await service.post(_apq(SHA256)), await service.post({"documentId": SHA256})

    assert len(stored.json()["data"]["accounts"]) == 3
    assert error_codes_and_messages(by_hash) == [(NOT_SUPPORTED, "PersistedQueryNotSupported")]
    assert error_codes_and_messages(by_id) == [(NOT_SUPPORTED, "PersistedQueryNotSupported")]


@pytest.mark.parametrize("member", [{"id": 1}, {"id": None}, {"documentId": {"a": "b"}}, {"doc_id": ["x"]}])
async def test_an_id_that_is_no_text_is_none(member: dict[str, Any]) -> None:
    async with running_service(persisted_manifests=TRUSTED) as service:
        response = await service.post(member)
        with_query = await service.post({"query": QUERY, **member})

    assert error_codes_and_messages(response) == [("BAD_USER_INPUT", "The request has no query.")]
    assert with_query.status_code == 200


@pytest.mark.parametrize(
    "content", ["", "[]", '{"a": 1}', '{"operations": []}', '{"a": {"b": "c"}}', "[" * 100_000, '{"\\ud800": "a"}']
)
def test_another_file_is_no_manifest(content: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="cannot be used; it should be a manifest of graphql-codegen, Relay or Apollo"):
        read_manifest(file)
