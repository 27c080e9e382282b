"""Who calls: methods of authentication, and the grants that they lead to."""
