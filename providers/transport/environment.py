"""What the environment says about connections: certificate authorities and proxies."""

import os
import re
import ssl
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from providers.regular_file import read_regular_file

_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PROXY = re.compile(r"https?://(?:[^/@\s]+@)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")


class InvalidVariableError(Exception):
    """A variable of the environment cannot be used. The message names it and says what to write instead."""


def trusted_certificates() -> bytes:
    """Return the certificates of the trusted authorities, in PEM.

    These are the file SSL_CERT_FILE and the files of the folders in SSL_CERT_DIR, as in OpenSSL, or those of certifi if
    neither variable is set. Raises InvalidVariableError if a file or folder cannot be read.
    """
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR", "").split(os.pathsep)
    parts = [_read_certificates(Path(file))] if file else []
    parts += [_read_folder(Path(folder)) for folder in folders if folder]
    if not parts:
        return Path(certifi.where()).read_bytes()
    certificates = b"\n".join(parts)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificates.decode("ascii", "replace"))
    except (ssl.SSLError, ValueError):
        names = " or ".join(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name))
        raise InvalidVariableError(f"{names} has no readable certificate. Name certificates in PEM.") from None
    return certificates


def check_environment() -> None:
    """Raise InvalidVariableError if a variable about certificates or proxies cannot be used."""
    trusted_certificates()
    Proxies()


def _read_certificates(file: Path) -> bytes:
    try:
        content = read_regular_file(file).content
    except OSError as error:
        raise InvalidVariableError(
            f"SSL_CERT_FILE names {file}, which cannot be read: {error.strerror}. Name a file of certificates in PEM."
        ) from None
    if _CERTIFICATE not in content:
        raise InvalidVariableError(f"SSL_CERT_FILE names {file}, which has no certificate. Name a file in PEM.")
    return content


def _read_folder(folder: Path) -> bytes:
    """Return the certificates of a folder. Files without certificates, such as revocation lists, are left out."""
    try:
        contents = {read_regular_file(file).content: None for file in sorted(folder.iterdir()) if file.is_file()}
    except OSError as error:
        raise InvalidVariableError(
            f"SSL_CERT_DIR names {folder}, which cannot be read: {error.strerror}. Name folders of certificates in PEM."
        ) from None
    return b"\n".join(content for content in contents if _CERTIFICATE in content)


class Proxies:
    """The proxies of HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, and the hosts of NO_PROXY, which need none.

    Raises InvalidVariableError if a variable is not the address of a proxy.
    """

    def __init__(self) -> None:
        _, no_proxy = _variable("NO_PROXY")
        self._exceptions = [entry.strip().lower() for entry in no_proxy.split(",") if entry.strip()]
        self._proxies = {name: _proxy(f"{name.upper()}_PROXY") for name in ("http", "https", "all")}

    def for_url(self, url: str) -> str | None:
        """Return the address of the proxy for a URL, or None if calls go directly to its host."""
        parts = urlsplit(url)
        proxy = self._proxies.get(parts.scheme) or self._proxies["all"]
        host, port = (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme)
        return None if proxy is None or _matches_any(self._exceptions, host, port) else proxy


def _variable(name: str) -> tuple[str, str]:
    """Return the name and value of a variable: lower case wins over upper case, and empty is the same as not set."""
    return next(
        ((spelling, os.environ[spelling]) for spelling in (name.lower(), name) if os.environ.get(spelling)), (name, "")
    )


def _proxy(name: str) -> str | None:
    """Return the address in a variable, or None. The error does not show the address: it can hold a password."""
    name, proxy = _variable(name)
    if not proxy:
        return None
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        is_valid = bool(_PROXY.fullmatch(address)) and urlsplit(address).port != 0
    except ValueError:  # the port is too large
        is_valid = False
    if not is_valid:
        raise InvalidVariableError(f"{name} is not the address of a proxy. Write http://HOST:PORT.")
    return address


def _matches_any(exceptions: Iterable[str], host: str, port: int | None) -> bool:
    return any(_matches(exception, host, port) for exception in exceptions)


def _matches(exception: str, host: str, port: int | None) -> bool:
    """Whether an entry of NO_PROXY names a host: `*`, a host with its subdomains, an address or a network.

    `*.host` and `.host` are the same as `host`. An entry with a port names only that port.
    """
    if exception == "*":
        return True
    name, colon, number = exception.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        exception = name
    exception = exception.strip("[]").removeprefix("*").removeprefix(".")
    try:
        return ip_address(host) in ip_network(exception, strict=False)
    except ValueError:
        return bool(exception) and (host == exception or host.endswith(f".{exception}"))
