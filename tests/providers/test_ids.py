"""Ids are built and parsed, and only an id that `build` returns can be parsed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers import ids
from providers.account import AccountRef
from providers.ids import GlobalId

KEY_COUNTS = {ids.INVOICE: 1, ids.LINE_ITEM: 2, ids.PROJECT: 1, ids.CREDIT: 3}
ACCOUNT_REF = AccountRef("fastly", "Fastly", "cdn")
name = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
part = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=24)


@st.composite
def refs(draw: st.DrawFn) -> GlobalId:
    kind = draw(st.sampled_from(sorted(KEY_COUNTS)))
    keys = tuple(draw(part) for _ in range(KEY_COUNTS[kind]))
    return GlobalId(ids.account_id(draw(name), draw(name)), kind, keys)


@given(refs())
def test_parse_reverses_build(ref: GlobalId) -> None:
    text = ids.build(ref.account, ref.kind, *ref.provider_keys)

    is_parsable = len(text) <= ids.MAX_LENGTH and ref.provider_keys[0] not in {".", ".."}
    assert ids.parse(text) == (ref if is_parsable else None)


@given(st.text() | st.text("/%.abc0123 \\é\ud800") | st.from_regex(r"([a-z%/.]{1,9}/){2,6}[a-z0-9%]*", fullmatch=True))
@example("a/b/invoice/%")
@example("a/b/invoice/%zz")
@example("a/b/invoice/\ud800")
@example("a/b/invoice/%ED%A0%80")
def test_any_parsed_text_is_exactly_an_id(text: str) -> None:
    ref = ids.parse(text)

    if ref is not None:
        assert ids.build(ref.account, ref.kind, *ref.provider_keys) == text
        assert len(ref.provider_keys) == KEY_COUNTS[ref.kind]


@given(refs())
def test_an_invoice_id_contains_the_provider_key(ref: GlobalId) -> None:
    assert ids.provider_key(ids.build(ref.account, ids.INVOICE, ref.provider_keys[0])) == ref.provider_keys[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fastly",
        "fastly/cdn",
        "fastly/cdn/invoice",
        "fastly/cdn/invoice/",
        "fastly/cdn/invoice/INV-1/more",
        "fastly/cdn/invoice/INV-1/",
        "/fastly/cdn/invoice/INV-1",
        " fastly/cdn/invoice/INV-1",
        "fastly/cdn/invoice/INV-1\n",
        "fastly/cdn/receipt/INV-1",
        "fastly/cdn/Invoice/INV-1",
        "fastly/cdn/line-item/INV-1",
        "fastly/cdn/credit/INV-1/SUMMER",
        "fastly/cdn/line-item/INV-1/",
        "fastly/cdn/invoice/a b",
        "fastly/cdn/invoice/a+b",
        "fastly/cdn/invoice/%49NV-1",  # encoded without need
        "fastly/cdn/invoice/%2f",  # lower-case digits
        "fastly/cdn/invoice/é",
        "fastly/cdn/invoice/%C3",  # half a character
        "fastly/cdn/invoice/.",
        "fastly/cdn/invoice/..",
        "fastly/cdn/invoice/%2E%2E",
        "fastly/cdn/line-item/../INV-1",
        "fastly/cdn/invoice/" + "9" * 1100,
    ],
)
def test_a_malformed_id_is_none(text: str) -> None:
    assert ids.parse(text) is None


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("fastly/cdn/invoice/INV-375119", GlobalId("fastly/cdn", "invoice", ("INV-375119",))),
        ("archera/savings/invoice/2026-09", GlobalId("archera/savings", "invoice", ("2026-09",))),
        ("fastly/cdn/invoice/month-to-date", GlobalId("fastly/cdn", "invoice", ("month-to-date",))),
        ("spectrocloud/p/project/5fbb", GlobalId("spectrocloud/p", "project", ("5fbb",))),
        ("fastly/cdn/line-item/INV-1/ab-1", GlobalId("fastly/cdn", "line-item", ("INV-1", "ab-1"))),
        ("fastly/cdn/credit/INV-1/10%25%20OFF%2F/2", GlobalId("fastly/cdn", "credit", ("INV-1", "10% OFF/", "2"))),
        ("fastly/cdn/invoice/%C3%A9%2F..%3Fa%23", GlobalId("fastly/cdn", "invoice", ("é/..?a#",))),
    ],
)
def test_ids_join_percent_encoded_parts(text: str, ref: GlobalId) -> None:
    assert ids.parse(text) == ref
    assert ids.build(ref.account, ref.kind, *ref.provider_keys) == text


def test_an_account_ref_builds_ids() -> None:
    assert [
        ACCOUNT_REF.id,
        ACCOUNT_REF.invoice_id("INV/1"),
        ACCOUNT_REF.project_id("p 1"),
        ACCOUNT_REF.line_item_id("INV/1", "pure"),
        ACCOUNT_REF.credit_id("INV/1", "50%", 2),
    ] == [
        "fastly/cdn",
        "fastly/cdn/invoice/INV%2F1",
        "fastly/cdn/project/p%201",
        "fastly/cdn/line-item/INV%2F1/pure",
        "fastly/cdn/credit/INV%2F1/50%25/2",
    ]
