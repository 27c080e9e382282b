"""The limit on open files of this process, which bounds its connections."""

import resource


def max_connections(configured: int) -> int:
    """Raise the limit on open files as far as permitted. Returns how many client connections fit.

    A quarter of the limit stays for calls to providers, for Redis and for files.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return configured if soft == resource.RLIM_INFINITY else min(configured, soft * 3 // 4)
