"""The certificate of the server, where it speaks TLS by itself."""

from __future__ import annotations

import ssl

from tickstream.errors import UsageError
from tickstream.server.settings import Settings

__all__ = ["load_tls"]


def load_tls(settings: Settings) -> ssl.SSLContext | None:
    """The context of `tls_cert` and `tls_key`; None where there is no certificate.

    Raises:
        UsageError: the certificate or its key cannot be used.
    """
    if not settings.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Without a password of its own OpenSSL would ask on the terminal, and wait.
        context.load_cert_chain(settings.tls_cert, settings.tls_key or None, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"the certificate {settings.tls_cert!a} cannot be used: {_why(error)}") from None
    return context


def _no_password() -> str:
    raise UsageError("the key of the certificate has a password: give one without")


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "it and its key must be PEM, and belong together"
    return getattr(error, "strerror", None) or str(error)
