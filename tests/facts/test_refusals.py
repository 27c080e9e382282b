"""Refused keys and refused requests, and the codes in the bodies of errors."""

from typing import Any

import pytest
import structlog

from providers.sandbox import Fault
from providers.sandbox.data import encode
from tests.harness import Service

pytestmark = pytest.mark.accounts_of("spectrocloud")
ACCOUNT = "spectrocloud/sandbox-palette"
UNKNOWN = f'{{ invoice(id: "{ACCOUNT}/invoice/unknown") {{ id }} }}'
LIST = "{ invoices(first: 1) { nodes { id } coverage { code message } } }"


def refuse(service: Service, status: int, **body: object) -> None:
    service.control("spectrocloud").faults.append(Fault(kind="status", status=status, body=encode(body).decode()))


async def failed_calls(service: Service, document: str) -> tuple[Any, list[Any]]:
    """Return the payload of an operation, and the lines of its failed calls."""
    with structlog.testing.capture_logs() as logs:
        payload = await service.query(document)
    return payload, [entry for entry in logs if entry["event"] == "A call to a provider failed."]


async def test_a_key_refused_with_404_is_an_error_without_the_key(service: Service) -> None:
    service.control("spectrocloud").faults.append(Fault(kind="shape", shape="refused_key"))

    payload, [line] = await failed_calls(service, UNKNOWN)

    assert payload["data"] == {"invoice": None}
    assert payload["errors"][0]["extensions"]["code"] == "UNAUTHORIZED"
    assert (line["code"], line["status"], line["provider_code"]) == ("UNAUTHORIZED", 404, "ResourceNotFound")
    assert line["provider_ref"] == "ref-5ca1ab1e"
    assert "sandbox-palette-key" not in f"{payload} {line}"
    assert "ref-5ca1ab1e" not in str(payload)


async def test_a_404_before_any_success_is_an_error(service: Service) -> None:
    payload, lines = await failed_calls(service, UNKNOWN)

    assert payload["data"] == {"invoice": None}
    assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert lines == []


async def test_a_404_after_a_success_is_null(service: Service) -> None:
    await service.data(LIST)

    assert await service.data(UNKNOWN) == {"invoice": None}


async def test_a_500_with_a_code_for_absence_is_not_found(service: Service) -> None:
    await service.data(LIST)
    refuse(service, 500, code="ResourceNotFound", message="no such thing", ref="r-1")

    payload, [line] = await failed_calls(service, UNKNOWN)

    assert payload == {"data": {"invoice": None}} | {"extensions": payload["extensions"]}
    assert (line["code"], line["status"], line["provider_ref"]) == ("NOT_FOUND", 500, "r-1")


@pytest.mark.parametrize("status", [400, 422])
async def test_an_invalid_request_has_words_of_its_own(service: Service, status: int) -> None:
    refuse(service, status, code="InvalidArgument", message="secret words", ref="r-2")

    payload, [line, *_] = await failed_calls(service, LIST)

    [coverage] = payload["data"]["invoices"]["coverage"]
    assert coverage["code"] == "UNAVAILABLE"
    assert coverage["message"].startswith(
        "Spectro Cloud Palette refused a request of account sandbox-palette as invalid. "
    )
    assert (line["cause"], line["provider_code"]) == ("invalid_request", "InvalidArgument")
    assert "secret words" not in f"{payload} {line}"


@pytest.mark.parametrize("msg", ["Record not found", "not a code: 5%", "x sandbox-palette-key x", 7, None])
async def test_only_words_without_the_key_reach_the_log(service: Service, msg: object) -> None:
    refuse(service, 503, msg=msg, ref="sandbox-palette-key")

    _, [line, *_] = await failed_calls(service, UNKNOWN)

    assert line["provider_code"] == ("Record not found" if msg == "Record not found" else None)
    assert line["provider_ref"] is None
