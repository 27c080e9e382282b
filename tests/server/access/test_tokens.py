"""JSON Web Tokens: which are accepted, over HTTP and WebSocket."""

import base64
import hmac
import json
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.harness import running_service

from .callers import bearer_status, socket_accepts, status
from .issuer import AUDIENCE, EC_KEY, OTHER_KEY, RSA_KEY, Issuer, jwk, running_issuer

PUBLIC_PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _unsigned(issuer: Issuer, algorithm: str) -> str:
    return f"{_part({'alg': algorithm, 'kid': 'one'})}.{issuer.token().split('.')[1]}."


def _signed_with_the_public_key(issuer: Issuer) -> str:
    """Return a token of HS256 whose secret is the text of the public key, which everybody knows."""
    content = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{issuer.token().split('.')[1]}"
    mac = hmac.digest(PUBLIC_PEM.encode(), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _with_other_claims(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return ".".join((head, issuer.token(sub="eve").split(".")[1], signature))


REFUSED_TOKENS: dict[str, Callable[[Issuer], str]] = {
    "alg none": lambda issuer: _unsigned(issuer, "none"),
    "alg None": lambda issuer: _unsigned(issuer, "None"),
    "no signature": lambda issuer: _unsigned(issuer, "RS256"),
    "HS256 with the public key": _signed_with_the_public_key,
    "an algorithm that is not accepted": lambda issuer: issuer.token(algorithm="RS512"),
    "a foreign key with a known id": lambda issuer: issuer.token(OTHER_KEY),
    "an unknown key id": lambda issuer: issuer.token(OTHER_KEY, headers={"kid": "two"}),
    "its own key": lambda issuer: issuer.token(OTHER_KEY, headers={"kid": "one", "jwk": jwk(OTHER_KEY, "one")}),
    "an unknown critical extension": lambda issuer: issuer.token(headers={"kid": "one", "crit": ["x"], "x": 1}),
    "other claims": _with_other_claims,
    "wrong issuer": lambda issuer: issuer.token(iss="https://other.example"),
    "wrong audience": lambda issuer: issuer.token(aud="other"),
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 31),
    "not valid yet": lambda issuer: issuer.token(nbf=int(time.time()) + 600),
    "issued in the future": lambda issuer: issuer.token(iat=int(time.time()) + 600),
    "no expiry": lambda issuer: issuer.token(exp=None),
    "no issuer": lambda issuer: issuer.token(iss=None),
    "no audience": lambda issuer: issuer.token(aud=None),
    "no name": lambda issuer: issuer.token(sub=None),
    "a name of control characters": lambda issuer: issuer.token(sub="\x1b[2J"),
    "a header nested deeply": lambda _: base64.urlsafe_b64encode(b"[" * 9000).decode().rstrip("=") + ".e30.x",
    "longer than 16 KB": lambda issuer: issuer.token(more="x" * 16_384),
    "no token": lambda _: "x",
    "empty": lambda _: "",
}


@pytest.mark.parametrize("create", REFUSED_TOKENS.values(), ids=REFUSED_TOKENS.keys())
async def test_a_wrong_token_is_refused(create: Callable[[Issuer], str]) -> None:
    async with running_issuer() as issuer, running_service(access=issuer.access()) as service:
        token = create(issuer)
        assert await bearer_status(service, token) == 401
        assert not await socket_accepts(service, {"Authorization": f"Bearer {token}"})
        assert await bearer_status(service, issuer.token()) == 200


async def test_an_expiry_may_be_of_any_size() -> None:
    async with running_issuer() as issuer, running_service(access=issuer.access()) as service:
        for expires_at in (10**400, "9" * 400, 1e308):
            token = issuer.token(exp=expires_at)
            assert [await bearer_status(service, token) for _ in range(2)] == [200, 200]


async def test_a_token_is_accepted_over_both_transports() -> None:
    async with running_issuer() as issuer, running_service(access=issuer.access()) as service:
        assert await bearer_status(service, issuer.token()) == 200
        assert await socket_accepts(service, {"Authorization": f"Bearer {issuer.token()}"})
        assert await status(service) == 401

    assert issuer.paths == ["/.well-known/openid-configuration", "/keys"]


async def test_clocks_may_differ_a_little() -> None:
    async with running_issuer() as issuer, running_service(access=issuer.access(leeway=60)) as service:
        now = int(time.time())
        assert await bearer_status(service, issuer.token(exp=now - 5)) == 200
        assert await bearer_status(service, issuer.token(nbf=now + 55)) == 200


async def test_a_token_may_be_for_several_audiences() -> None:
    async with running_issuer() as issuer, running_service(access=issuer.access()) as service:
        assert await bearer_status(service, issuer.token(aud=["other", AUDIENCE])) == 200


async def test_the_algorithm_is_that_of_the_key() -> None:
    async with running_issuer() as issuer:
        issuer.keys = [jwk(RSA_KEY, "one", alg="PS256"), jwk(EC_KEY, "ec"), jwk(OTHER_KEY, "enc", use="enc")]
        access = issuer.access(algorithms=["RS256", "PS256", "ES256"])
        async with running_service(access=access) as service:
            assert await bearer_status(service, issuer.token()) == 401
            assert await bearer_status(service, issuer.token(algorithm="PS256")) == 200
            assert await bearer_status(service, issuer.token(EC_KEY, "ES256", {"kid": "ec"})) == 200
            assert await bearer_status(service, issuer.token(OTHER_KEY, "RS256", {"kid": "enc"})) == 401


async def test_a_token_without_key_id_needs_a_single_key() -> None:
    async with running_issuer() as issuer:
        async with running_service(access=issuer.access()) as service:
            assert await bearer_status(service, issuer.token(headers={})) == 200
        issuer.keys.append(jwk(OTHER_KEY, "two"))
        async with running_service(access=issuer.access()) as service:
            assert await bearer_status(service, issuer.token(headers={})) == 401
