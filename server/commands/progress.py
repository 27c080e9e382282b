"""Progress of a command, on a terminal only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """Show on stderr that the command works."""
    console = Console(stderr=True)
    with console.status(text) if console.is_terminal else nullcontext():
        yield


@contextmanager
def row_progress() -> Iterator[Callable[[int], None]]:
    """Show how many rows have been read, on stderr. Yield the function to call with their number."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 (not for serve)

    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.completed:,} rows"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda rows: progress.update(task, completed=rows)
