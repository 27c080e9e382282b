"""The least recently used values are evicted when the total size exceeds the bound."""

from execution.lru import ByteBoundedLRU


def _full_lru() -> ByteBoundedLRU[str, str]:
    """Return a cache with room for 10, and with "a", "b" and "c" of sizes 2, 3 and 5."""
    lru: ByteBoundedLRU[str, str] = ByteBoundedLRU(10)
    for key, size in {"a": 2, "b": 3, "c": 5}.items():
        lru.put(key, key.upper(), size)
    return lru


def _keys(lru: ByteBoundedLRU[str, str]) -> str:
    return "".join(key for key in "abcd" if key in lru)


def test_values_within_the_bound_stay() -> None:
    lru = _full_lru()

    assert (lru.get("a"), lru.peek("b"), lru.get("d"), lru.peek("d")) == ("A", "B", None, None)
    assert (_keys(lru), len(lru), lru.size) == ("abc", 3, 10)


def test_get_counts_as_a_use_and_peek_does_not() -> None:
    lru = _full_lru()
    lru.get("a")
    lru.peek("b")
    lru.put("d", "D", 1)

    assert (_keys(lru), lru.size) == ("acd", 8)


def test_as_many_are_evicted_as_needed() -> None:
    lru = _full_lru()
    lru.put("d", "D", 4)

    assert (_keys(lru), lru.size) == ("cd", 9)


def test_a_new_value_replaces_the_old_value_and_its_size() -> None:
    lru = _full_lru()
    lru.put("a", "smaller", 1)
    assert (lru.get("a"), _keys(lru), lru.size) == ("smaller", "abc", 9)

    lru.put("a", "larger", 4)
    assert (lru.get("a"), _keys(lru), lru.size) == ("larger", "ac", 9)


def test_a_value_larger_than_the_bound_is_not_stored_and_evicts_nothing() -> None:
    lru = _full_lru()
    lru.put("d", "D", 11)
    lru.put("a", "too large", 11)

    assert (_keys(lru), lru.get("a"), lru.size) == ("abc", "A", 10)


def test_a_removed_value_frees_its_size() -> None:
    lru = _full_lru()
    lru.remove("b")
    lru.remove("d")

    assert (_keys(lru), len(lru), lru.size) == ("ac", 2, 7)


def test_losses_count_replaced_removed_and_evicted_values() -> None:
    lru = _full_lru()
    assert lru.losses == 0

    lru.put("a", "replaced", 2)
    lru.remove("b")
    lru.remove("unknown")
    lru.put("d", "evicts c", 7)

    assert (_keys(lru), lru.losses) == ("ad", 3)
