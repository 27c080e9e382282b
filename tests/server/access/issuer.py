"""An issuer of tokens: its keys, its documents on a loopback port, and tokens with any defect."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.sandbox import serve
from server.config.access import AccessSettings, JwtSettings
from server.config.grants import GrantSettings

AUDIENCE = "invoicegraph"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
RSA_KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
EC_KEY = ec.generate_private_key(ec.SECP256R1())
GRANTS = {"finance": GrantSettings(accounts=("*",))}


def jwk(key: PrivateKey, kid: str | None, **more: Any) -> dict[str, Any]:
    """Return the public key of an issuer as it publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        fields = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        fields = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**fields, **({} if kid is None else {"kid": kid}), "use": "sig", **more}


class Issuer:
    """The issuer. `url` is known once it is served."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: list[dict[str, Any]] = [jwk(RSA_KEY, "one")]
        self.paths: list[str] = []  # of the requests to it
        self.is_down = False
        self.discovery: dict[str, Any] = {}  # replaces members of the document

    def token(
        self,
        key: PrivateKey | str = RSA_KEY,
        algorithm: str = "RS256",
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Return a token. A claim of None is left out."""
        now = int(time.time())
        defaults = {"iss": self.url, "aud": AUDIENCE, "sub": "ada", "exp": now + 300, "groups": ["finance"]}
        content = {name: value for name, value in (defaults | claims).items() if value is not None}
        return jwt.encode(content, key, algorithm, {"kid": "one"} if headers is None else headers)

    def access(self, **settings: Any) -> AccessSettings:
        """Return settings that accept tokens of this issuer."""
        options = {"issuer": self.url, "audience": AUDIENCE, "grants": GRANTS, **settings}
        return AccessSettings(jwt=JwtSettings.model_validate(options))

    async def respond(self, request: Request) -> Response:
        self.paths.append(request.url.path)
        if self.is_down:
            return Response(status_code=503)
        if request.url.path == "/keys":
            return JSONResponse({"keys": self.keys})
        return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.discovery})


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    """Serve an issuer on a port of 127.0.0.1."""
    issuer = Issuer()
    app = Starlette(routes=[Route("/{path:path}", issuer.respond)])
    async with serve(app) as url:
        issuer.url = url
        yield issuer
