"""Pages that `make setup` builds with Node.js: their folders, and the headers that all of them have."""

from hashlib import blake2b
from pathlib import Path

_PACKAGE, _CHECKOUT = Path(__file__).parents[1], Path(__file__).parents[2]


def page_folder(name: str) -> Path:
    """Return the folder of a built page. The wheel has it inside the package `server`, a checkout in `<name>/dist`.

    The folder does not exist if the page is not built.
    """
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _CHECKOUT / name / "dist"


def security_headers(*sources: str) -> dict[str, str]:
    """Return the security headers of a page that may load only these sources: directives of a CSP."""
    closed = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": "; ".join(("default-src 'none'", *sources, closed)),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def weak_etag(content: bytes) -> str:
    """Return the ETag of a content in any encoding."""
    return f'W/"{blake2b(content, digest_size=16).hexdigest()}"'
