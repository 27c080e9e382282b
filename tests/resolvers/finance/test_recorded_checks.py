"""Checks of the recorded samples. The expected outcomes were worked out by hand, from the samples' own digits."""

from .checking import found, reconciliations, short
from .test_recorded_sums import recorded  # noqa: F401 (a fixture)
from .world import World

EXACT, OPEN = "EXACT", "NOT_EVALUABLE"


async def outcomes(world: World, provider: str) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return for each invoice its verdict, and its outcomes that are no plain EXACT."""
    return [
        (each["verdict"], [(check["code"], *short(check)) for check in each["checks"] if check["verdict"] != EXACT])
        for each in await reconciliations(world, provider)
    ]


async def test_fastly(recorded: World) -> None:  # noqa: F811
    # 292.03 + 2600 - 75 - 25 = 2792.03, and 0.002 x 146017.0369 = 292.0340738
    line = ("LINE_PRODUCT", "ROUNDING", "292.0340738", "292.03")
    detail = ("LIST_DETAIL", OPEN, "NOT_READ")
    assert await outcomes(recorded, "fastly") == [
        ("ROUNDING", [line, detail]),
        ("ROUNDING", [line, ("PAYMENT_HISTORY", OPEN, "NOT_STATED"), detail]),
    ]
    # June 2024 to June 2026
    gaps = await found(recorded, "MONTH_GAP", filter={"providers": ["fastly"]})
    assert gaps == [(None, ("MISMATCH", "25", "0"))]


async def test_palette(recorded: World) -> None:  # noqa: F811
    january, trial = await outcomes(recorded, "spectrocloud")

    assert january == (
        "WITHIN_TOLERANCE",
        [
            # 1253.06 + 0.5 + an amount that is left out
            ("PROJECTS_TOTAL", "WITHIN_TOLERANCE", "1253.06", "1253.56"),
            ("PROJECT_USAGE", OPEN, "NOT_STATED"),  # of the two other projects
        ],
    )
    assert trial[0] == OPEN
    assert {outcome[1:] for outcome in trial[1]} == {(OPEN, "NOT_STATED")}


async def test_archera(recorded: World) -> None:  # noqa: F811
    # 100.5 - 12.340 + 3.21 = 91.37; 40 - 10 + 0 = 30; -50.25 - 0 + 45.22 = -5.03
    detail = ("LIST_DETAIL", OPEN, "NOT_READ")
    assert await outcomes(recorded, "archera") == [
        (EXACT, [detail]),
        (EXACT, [detail]),
        (EXACT, [("SAVINGS", OPEN, "NOT_STATED"), detail]),
    ]
