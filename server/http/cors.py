"""Cross-origin resource sharing: closed, except for the origins that the settings name."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.config.settings import ServerSettings

MAX_AGE_SECONDS = 600  # for which a browser remembers the answer to a preflight request
_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Cache-Control",
    "GraphQL-Cost",
    "GraphQL-Require-Preflight",
    "Apollo-Require-Preflight",
    "X-API-Key",
    "X-Request-Id",
    "traceparent",
    "tracestate",
)
_RESPONSE_HEADERS = "Age", "ETag", "Retry-After", "WWW-Authenticate", "X-Request-Id"


class CorsPolicy:
    """The origins whose pages may read responses. Each is named exactly: there is no wildcard."""

    def __init__(self, settings: ServerSettings) -> None:
        self.apply_settings(settings)

    def apply_settings(self, settings: ServerSettings) -> None:
        self.origins = frozenset(origin.encode() for origin in settings.cors_origins)
        self._options = {"allow_origins": settings.cors_origins, "allow_credentials": settings.cors_credentials}

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Return the application with the headers of CORS, for a page of one of the origins."""
        return CORSMiddleware(
            app,
            **self._options,  # type: ignore[arg-type]
            allow_methods=("GET", "POST"),
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_RESPONSE_HEADERS,
            max_age=MAX_AGE_SECONDS,
        )


class CorsMiddleware:
    """Answers preflight requests of the policy's origins, and adds the headers of CORS to responses for their pages.

    Other requests pass unchanged. Their responses then say that they depend on Origin, for the caches of browsers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        policy = scope["app"].state.cors if scope["type"] == "http" else None
        if policy is None or not policy.origins:
            await self._app(scope, receive, send)
            return
        if dict(scope["headers"]).get(b"origin") in policy.origins:
            await policy.wrap(self._app)(scope, receive, send)
            return

        async def send_varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Origin")]
            await send(message)

        await self._app(scope, receive, send_varying)
