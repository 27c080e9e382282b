"""Authentication: finds out who sends a request."""

from .caller import ANONYMOUS, Caller
from .credentials import Credentials
from .errors import Unauthenticated


class Authenticator:
    """The methods of authentication that are configured now. Without one, every caller is ANONYMOUS."""

    async def authenticate(self, _: Credentials) -> Caller:
        """Return the caller. Raises Unauthenticated."""
        return ANONYMOUS

    async def is_current(self, credentials: Credentials, caller: Caller) -> bool:
        """Return whether the credentials still authenticate this caller, with the same grants."""
        try:
            return await self.authenticate(credentials) == caller
        except Unauthenticated:
            return False
