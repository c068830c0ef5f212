"""TLS: a certificate authority that is kept, and a certificate of its making for many names.

Certificates go by this machine's time, not by the mock's clock, for clients hold them against
their own.
"""

import os
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mockserver.gateway.names import SERVER_NAME

CA_FILE, KEY_FILE = "ca.pem", "ca-key.pem"
# Names beside the service's own: this machine's, and those in the compose file.
NEAR = ("localhost", "127.0.0.1", "::1", "facefusion", "facefusion.localhost")
_VALID = timedelta(days=800)  # Apple's libraries refuse a certificate of more than 825
_BEFORE = timedelta(days=1)  # for clients whose clock is late
_OWNER = "facefusion-mock"


class AuthorityError(Exception):
    """What the folder holds is no certificate authority; the text says so in one line."""


class Authority:
    """A certificate authority in a folder: made on first use, made anew once it has expired.

    `ca.pem` is what clients trust; `ca-key.pem` holds its key as well and is for the owner alone.
    """

    def __init__(self, folder: Path) -> None:
        """Raises AuthorityError, OSError."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._ca = self._load()
        self.pem: bytes = self._ca.cert_pem.bytes()
        self.file = folder / CA_FILE
        if not self.file.exists() or self.file.read_bytes() != self.pem:
            part = _part(folder, CA_FILE)
            part.write_bytes(self.pem)
            part.replace(self.file)

    def server_context(self, names: list[str]) -> ssl.SSLContext:
        """Return what a server needs to be these host names and addresses."""
        now = datetime.now(UTC).replace(tzinfo=None)  # as the library wants it
        certificate = self._ca.issue_cert(
            *names,
            organization_name=_OWNER,
            not_before=now - _BEFORE,
            not_after=now - _BEFORE + _VALID,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = _remember_name
        pem = certificate.private_key_and_cert_chain_pem
        with pem.tempfile(dir=str(self._folder)) as file:  # ssl takes no bytes
            context.load_cert_chain(file)
        return context

    def _load(self) -> trustme.CA:
        file = self._folder / KEY_FILE
        if file.exists() and _expiry(file) <= datetime.now(UTC):
            file.unlink()
        if not file.exists():
            _make(file)
        pem = file.read_bytes()
        return trustme.CA.from_pem(pem, pem)


def _remember_name(connection: object, name: str | None, _: ssl.SSLContext) -> None:
    """Keep the name that the client asked for, which the standard library does not tell."""
    setattr(connection, SERVER_NAME, name)


def _expiry(file: Path) -> datetime:
    """Return the end of a certificate that stands in a file with its key."""
    pem = file.read_bytes()
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        matches = load_pem_private_key(pem, None).public_key() == certificate.public_key()
    except (ValueError, TypeError):
        matches = False
    if not matches:
        raise AuthorityError(
            f"{file} is no certificate with its key; remove it, and a new one is made"
        )
    return certificate.not_valid_after_utc


def _make(file: Path) -> None:
    """Make an authority, unless another server, starting just now, is quicker."""
    authority = trustme.CA(organization_name=_OWNER, organization_unit_name=f"{_OWNER} CA")
    part = _part(file.parent, file.name)
    part.touch(0o600, exist_ok=False)
    part.write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())
    try:
        with suppress(FileExistsError):
            os.link(part, file)
    except OSError:  # a file system without links
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _part(folder: Path, name: str) -> Path:
    return folder / f"{name}.{os.getpid()}.part"
