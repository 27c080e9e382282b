"""Persisted operations: a request names its document by an id instead of its text.

Automatic persisted queries: a client sends a text once, and only its hash from then on. Trusted documents: the ids and
the texts are in manifests that the operator names.
"""

from hashlib import sha256

import msgspec

from execution.errors import ErrorCode
from execution.lru import ByteBoundedLRU
from resolvers.grants import EVERYTHING, Grants
from server.config.settings import ServerSettings

from .request import BadRequestError, GraphQLRequest

MAX_BYTES = 8 * 1024 * 1024  # bytes of all entries together
ENTRY_OVERHEAD = 300  # bytes that an entry takes besides its text, roughly
_VERSION = 1
_UNKNOWN_ID = "The service has no document with this id. Add the manifest of the client to persisted_manifests."
_NOT_TRUSTED = "The service runs only the documents of its manifests. Send the id of one of them."


class _PersistedQuery(msgspec.Struct, rename="camel"):
    """`extensions.persistedQuery`, as Apollo's clients and urql send it."""

    version: int
    sha256_hash: str


class PersistedQueries:
    """Document texts by id: those of the manifests, and those that clients sent with their hash.

    The latter are bounded in bytes. The least recently used text is evicted first. Clients that still use it send it
    again.
    """

    def __init__(self, settings: ServerSettings, max_bytes: int = MAX_BYTES) -> None:
        self._texts: ByteBoundedLRU[tuple[Grants, str], str] = ByteBoundedLRU(max_bytes)
        self.apply_settings(settings)

    def apply_settings(self, settings: ServerSettings) -> None:
        """Use the mode and the manifests of these settings from now on."""
        self._mode = settings.persisted_operations
        self._trusted: dict[str, str] = {}
        for manifest in settings.persisted_manifests if self._mode != "off" else ():
            self._trusted |= manifest.documents
        self._trusted_texts = frozenset(self._trusted.values())

    def resolve(self, request: GraphQLRequest, grants: Grants = EVERYTHING) -> str:
        """Return the text of the document that a request contains or refers to.

        Callers share the texts that they sent with their hashes if they have equal `grants`. A text can have ids, so
        that one is known must not tell other callers that these ids exist.

        Raises BadRequestError if there is none, if its id is unknown, if its hash is wrong, or if it is not trusted.
        """
        text, extension = request.query, (request.extensions or {}).get("persistedQuery")
        if extension is not None:
            text = self._find_or_store(_parse_hash(extension), text, grants)
        elif not text:
            text = self._trusted_text(request)
        if self._mode == "only" and text not in self._trusted_texts:
            raise BadRequestError(_NOT_TRUSTED)
        return text

    def is_trusted(self, text: str) -> bool:
        """Return whether the text is a document of a manifest."""
        return text in self._trusted_texts

    def _trusted_text(self, request: GraphQLRequest) -> str:
        document_id = request.document_id or request.id or request.doc_id
        if not isinstance(document_id, str):
            raise BadRequestError("The request has no query.")
        text = self._trusted.get(document_id) or self._trusted.get(document_id.removeprefix("sha256:"))
        if text is None:
            self._check_supported()
            raise BadRequestError(_UNKNOWN_ID, 200, ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        return text

    def _find_or_store(self, query_hash: str, text: str | None, grants: Grants) -> str:
        if not text:
            self._check_supported()
            stored_text = self._trusted.get(query_hash) or self._texts.get((grants, query_hash))
            if stored_text is None:
                raise BadRequestError("PersistedQueryNotFound", 200, ErrorCode.PERSISTED_QUERY_NOT_FOUND)
            return stored_text
        encoded_text = text.encode()
        if self._trusted.get(query_hash) == text:  # the tool that wrote the manifest chose the hash
            return text
        if sha256(encoded_text).hexdigest() != query_hash:
            raise BadRequestError("The sha256Hash of the persisted query does not match the query sent with it.")
        if self._mode == "allow":
            self._texts.put((grants, query_hash), text, len(encoded_text) + ENTRY_OVERHEAD)
        return text

    def _check_supported(self) -> None:
        if self._mode == "off":
            raise BadRequestError("PersistedQueryNotSupported", 200, ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)


def _parse_hash(extension: object) -> str:
    """Return the hash in `extensions.persistedQuery`, in lower case. Raises BadRequestError if it is not one."""
    try:
        persisted_query = msgspec.convert(extension, _PersistedQuery)
    except msgspec.ValidationError:
        raise BadRequestError(
            'extensions.persistedQuery must be {"version": 1, "sha256Hash": "..."}, with the hash in hexadecimal.'
        ) from None
    if persisted_query.version != _VERSION:
        raise BadRequestError(f"The service supports only version {_VERSION} of persisted queries.")
    return persisted_query.sha256_hash.lower()
