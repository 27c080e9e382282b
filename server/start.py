"""The entry point of the command `invoicegraph`."""

import gc


def main() -> None:
    """Import the command line and run it.

    Nothing that is imported is garbage. Searching it for garbage would take a tenth of the time of a start.
    """
    gc.disable()
    from .cli import main as run  # noqa: PLC0415 (after garbage collection is disabled)

    gc.enable()
    run()
