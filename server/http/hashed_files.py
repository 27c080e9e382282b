"""Files whose names contain a hash of their content, read and compressed once and then served from memory."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from .compression import encode_file

# The registry of the system may have other types, and browsers run no script of another type.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
_NAME = re.compile(r"\w[\w.-]*", re.ASCII)  # of a file in the folder itself: without a separator, and not hidden
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    encoded: dict[str, bytes] = field(default_factory=dict)  # the compressed content by content coding


class HashedFiles:
    """The files of one folder. A client that has one never needs to ask for it again."""

    def __init__(self, folder: Path, headers: dict[str, str]) -> None:
        """`headers` are those of each response, beside the headers of caching."""
        self._folder, self._headers = folder, headers | _HEADERS
        self._files: dict[str, _File] = {}  # by name; a name never gets another content

    async def respond(self, request: Request, name: str) -> Response:
        """Return a file in the encoding that the client prefers. Raises HTTPException if there is none of that name."""
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = await asyncio.to_thread(self._read, name)
        accept_encoding = request.headers.get("accept-encoding", "")
        encoding, body = await encode_file(file.content, accept_encoding, file.encoded)
        headers = self._headers if encoding == "identity" else self._headers | {"Content-Encoding": encoding}
        return Response(body, headers=headers, media_type=file.media_type)

    def _read(self, name: str) -> _File:
        path = self._folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise HTTPException(404)
        return _File(path.read_bytes(), _MEDIA_TYPES.get(path.suffix, "application/octet-stream"))
