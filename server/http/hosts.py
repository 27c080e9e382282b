"""Refuses requests that name a host of another site, and requests of pages of another origin."""

from collections.abc import Awaitable
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from execution.errors import ErrorCode
from server.config.hosts import is_allowed_host
from server.config.origin import is_own_origin
from server.config.settings import ServerSettings
from server.operations.response import error_payload

_MAX_KNOWN = 1_000  # pairs of Host and Origin that are accepted without another check


def _refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse(error_payload(message, ErrorCode.BAD_USER_INPUT), status)


MISDIRECTED = _refusal(
    421,
    "This service does not accept the host that the request names. The operator of the service can add it to "
    "allowed_hosts in [server].",
)
FOREIGN_PAGE = _refusal(
    403,
    "This request comes from a page of another origin. The operator of the service can add the origin to "
    "public_origins in [server].",
)


class HostGuard:
    """The hosts and origins that the settings accept."""

    def __init__(self, settings: ServerSettings) -> None:
        self.apply_settings(settings)

    def apply_settings(self, settings: ServerSettings) -> None:
        self._origins = settings.public_origins + settings.cors_origins
        self._hosts = {settings.host.lower(), *settings.allowed_hosts}
        self._hosts |= {str(urlsplit(origin).hostname) for origin in settings.public_origins}
        self._known = set[tuple[bytes | None, bytes | None]]()

    def refusal(self, headers: list[tuple[bytes, bytes]]) -> JSONResponse | None:
        """Return the response to a request that must be refused, else None.

        Browsers send Host, and Origin with each request that another site could misuse. Other clients need no check.
        """
        fields = dict(headers)
        host, origin = fields.get(b"host"), fields.get(b"origin")
        if (host, origin) in self._known:
            return None
        name = "" if host is None else host.decode("latin-1")
        if host is not None and not is_allowed_host(name, self._hosts):
            return MISDIRECTED
        if origin is not None and not is_own_origin(origin.decode("latin-1"), name, self._origins):
            return FOREIGN_PAGE
        if len(self._known) < _MAX_KNOWN:
            self._known.add((host, origin))
        return None

    def is_allowed_host(self, headers: list[tuple[bytes, bytes]]) -> bool:
        host = dict(headers).get(b"host")
        return host is None or is_allowed_host(host.decode("latin-1"), self._hosts)


class HostMiddleware:
    """Refuses HTTP requests as the application's HostGuard says. WebSockets are checked by their endpoint."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        refusal = scope["app"].state.hosts.refusal(scope["headers"]) if scope["type"] == "http" else None
        return (refusal or self._app)(scope, receive, send)
