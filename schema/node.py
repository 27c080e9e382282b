"""What every object with an id has in common."""

import strawberry


@strawberry.interface(description="An object that can be asked for again by its id alone.")
class Node:
    """Relay's global object identification."""

    id: strawberry.ID = strawberry.field(
        description="Opaque, stable and unique over all types; names the account and the object in it."
    )
