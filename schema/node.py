"""The interface of every object with a global id."""

import strawberry


@strawberry.interface(description="An object that can be fetched again by its ID alone.")
class Node:
    """Relay's global object identification."""

    id: strawberry.ID = strawberry.field(
        description=(
            "Global ID: opaque, stable and unique across all types. It identifies the account and the object in it."
        )
    )
