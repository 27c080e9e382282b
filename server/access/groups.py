"""Grants of a caller by its groups."""

from collections.abc import Collection, Mapping

from resolvers.grants import Grants
from server.config.grants import GrantSettings

NOTHING = Grants(frozenset(), frozenset())


class GroupGrants:
    """The grants of the configured groups.

    A caller has those of its first group in the order of the configuration. Grants are not added up: a scope that one
    group has on some accounts must not apply to the accounts of another group.
    """

    def __init__(self, groups: Mapping[str, GrantSettings]) -> None:
        self._grants = {name: settings.grants for name, settings in groups.items()}

    def of(self, groups: Collection[str]) -> Grants:
        """Return the grants of a caller in these groups. Without a configured group it may see nothing."""
        return next((grants for name, grants in self._grants.items() if name in groups), NOTHING)
