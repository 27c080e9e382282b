"""Ids are written and read in one place, and only what could have been written is read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers import ids
from providers.account import AccountRef
from providers.ids import GlobalId

PARTS = {ids.INVOICE: 1, ids.LINE_ITEM: 2, ids.PROJECT: 1, ids.CREDIT: 3}
OWNER = AccountRef("fastly", "Fastly", "cdn")
name = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
part = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=24)


@st.composite
def refs(draw: st.DrawFn) -> GlobalId:
    kind = draw(st.sampled_from(sorted(PARTS)))
    native = tuple(draw(part) for _ in range(PARTS[kind]))
    return GlobalId(ids.account(draw(name), draw(name)), kind, native)


@given(refs())
def test_what_is_written_is_read_again(ref: GlobalId) -> None:
    text = ids.build(ref.account, ref.kind, *ref.provider_keys)

    readable = len(text) <= ids.MAX_LENGTH and ref.provider_keys[0] not in {".", ".."}
    assert ids.parse(text) == (ref if readable else None)


@given(st.text() | st.text("/%.abc0123 \\é\ud800") | st.from_regex(r"([a-z%/.]{1,9}/){2,6}[a-z0-9%]*", fullmatch=True))
@example("a/b/invoice/%")
@example("a/b/invoice/%zz")
@example("a/b/invoice/\ud800")
@example("a/b/invoice/%ED%A0%80")
def test_any_text_is_an_id_to_the_letter_or_none_at_all(text: str) -> None:
    ref = ids.parse(text)

    if ref is not None:
        assert ids.build(ref.account, ref.kind, *ref.provider_keys) == text
        assert len(ref.provider_keys) == PARTS[ref.kind]


@given(refs())
def test_the_native_key_of_an_invoice_is_found_in_its_id(ref: GlobalId) -> None:
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
        "fastly/cdn/invoice/%49NV-1",  # needlessly encoded
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
def test_what_could_not_have_been_written_names_nothing(text: str) -> None:
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
def test_an_id_is_its_parts_percent_encoded(text: str, ref: GlobalId) -> None:
    assert ids.parse(text) == ref
    assert ids.build(ref.account, ref.kind, *ref.provider_keys) == text


def test_an_owner_writes_the_ids_of_its_account() -> None:
    assert [
        OWNER.id,
        OWNER.invoice("INV/1"),
        OWNER.project("p 1"),
        OWNER.line_item("INV/1", "pure"),
        OWNER.credit("INV/1", "50%", 2),
    ] == [
        "fastly/cdn",
        "fastly/cdn/invoice/INV%2F1",
        "fastly/cdn/project/p%201",
        "fastly/cdn/line-item/INV%2F1/pure",
        "fastly/cdn/credit/INV%2F1/50%25/2",
    ]
