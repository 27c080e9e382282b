"""Reference cycles: objects that only the garbage collector would free."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def live_ids(*types: type) -> set[int]:
    """Return the ids of the live objects of these types."""
    return {id(obj) for obj in gc.get_objects() if isinstance(obj, types)}
