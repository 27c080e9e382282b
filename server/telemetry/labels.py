"""Bounded label values: what clients or a long configuration could make endless."""

OTHER, UNNAMED = "(other)", "(unnamed)"  # no name of an operation, and no id of an account, has parentheses


class BoundedLabels:
    """The first `most` values of a label. Further values become OTHER."""

    def __init__(self, most: int) -> None:
        self._most, self._values = most, set[str]()

    def __call__(self, value: str, *, may_add: bool = True) -> str:
        """Return the value or OTHER. Without `may_add` a new value is OTHER, too."""
        if value in self._values:
            return value
        if not may_add or len(self._values) >= self._most:
            return OTHER
        self._values.add(value)
        return value
