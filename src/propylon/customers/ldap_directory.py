"""Customers in an LDAP server: found by the operator's account, then proven by a bind as themselves (RFC 4511, 4.2).

TLS always comes first (LDAPS, or StartTLS of RFC 4511, 4.14); what customers type reaches a filter only escaped
(RFC 4515, 3).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ldap3 import NONE, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from propylon.customers.conversation import ANSWER_SECONDS, CONNECT_SECONDS, conversation
from propylon.customers.directory_errors import DirectoryUnavailable, unreachable
from propylon.customers.directory_records import secret_of, settings_of
from propylon.customers.directory_settings import LdapSettings
from propylon.customers.foreign_customers import ForeignPerson
from propylon.customers.models import CustomerDirectory
from propylon.kernel.secret import Secret

_BUSY = frozenset({3, 51, 52, 80})  # RFC 4511, appendix A: time limit, busy, unavailable, other
_WRONG_CREDENTIALS, _NO_SUCH_OBJECT = 49, 32


class _VerifiedTls(Tls):  # type: ignore[misc]  # the library has no types
    """TLS with the standard library's own checks of chain and name, and with SNI."""

    def __init__(self, ca_pem: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = ssl.create_default_context(cadata=ca_pem or None)
        self.failure: Exception | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)
        except OSError as error:
            self.failure = error
            raise


def find_and_bind(row: CustomerDirectory, name: str, password: str) -> ForeignPerson | None:
    """The person whose `name` and `password` are right. An empty password would be an anonymous bind: never sent."""
    settings = settings_of(row)
    assert isinstance(settings, LdapSettings)  # noqa: S101  (the kind of the row says so)
    if not name or not password or "\0" in name or "\0" in password:
        return None
    with bound(settings, secret_of(row)) as connection:
        found = _entries(connection, settings, name)
        # Nobody, or two: still a bind, of nobody, so that a name that is there takes no longer than one that is not.
        dn = found[0]["dn"] if len(found) == 1 else f"cn=nobody-{new_name()},{settings.base_dn}"
        is_right = _proves(connection, dn, password)
    return _person(settings, found[0]) if is_right and len(found) == 1 else None


def new_name() -> str:
    from propylon.sealing.entropy import new_public_id

    return new_public_id("x")


@contextmanager
def bound(settings: LdapSettings, secret: Secret) -> Iterator[Connection]:
    """A connection of the operator's account, over TLS. Raises `DirectoryUnavailable` with the reason in words."""
    tls = _VerifiedTls(settings.ca_pem)
    server = Server(
        settings.host,
        settings.port,
        use_ssl=settings.is_tls_from_start,
        tls=tls,
        get_info=NONE,
        connect_timeout=CONNECT_SECONDS,
    )
    connection = Connection(
        server,
        user=settings.bind_dn,
        password=secret.reveal(),
        authentication=SIMPLE,
        receive_timeout=ANSWER_SECONDS,
        read_only=True,
        auto_referrals=False,
        check_names=False,
        raise_exceptions=False,
    )
    place = f"{settings.host}:{settings.port}"
    with conversation(lambda: _cut(connection)):
        try:
            _open(connection, settings)
            yield connection
        except (LDAPException, OSError) as error:
            raise unreachable(place, tls.failure or _cause(error)) from error
        finally:
            with suppress(LDAPException, OSError):
                connection.unbind()


def _open(connection: Connection, settings: LdapSettings) -> None:
    connection.open(read_server_info=False)
    if not settings.is_tls_from_start:
        connection.start_tls(read_server_info=False)
    if connection.bind(read_server_info=False):
        return
    code = connection.result["result"]
    if code == _WRONG_CREDENTIALS:
        raise DirectoryUnavailable("The account of the search is refused: check its name (bind_dn) and password.")
    raise DirectoryUnavailable(f"The account of the search cannot bind: {connection.result['description']}.")


def _entries(connection: Connection, settings: LdapSettings, name: str) -> list[dict[str, Any]]:
    wanted = f"({settings.login_attribute}={escape_filter_chars(name)})"
    if settings.filter:
        wanted = f"(&{settings.filter}{wanted})"
    told = [settings.subject_attribute, settings.name_attribute, settings.mail_attribute]
    return search(connection, settings, wanted, [name for name in told if name], most=2)


def search(
    connection: Connection, settings: LdapSettings, wanted: str, attributes: list[str], *, most: int
) -> list[dict[str, Any]]:
    """At most so many entries below the base; more may be there."""
    connection.search(settings.base_dn, wanted, SUBTREE, attributes=attributes, size_limit=most, time_limit=3)
    code = connection.result["result"]
    if code == _NO_SUCH_OBJECT:
        raise DirectoryUnavailable("There is nothing at the base of the search: check base_dn.")
    if code not in {0, 4}:  # 4: more than were asked for
        raise DirectoryUnavailable(f"The search is refused: {connection.result['description']}.")
    return [each for each in connection.response or () if each["type"] == "searchResEntry"]


def _proves(connection: Connection, dn: str, password: str) -> bool:
    is_right = bool(connection.rebind(user=dn, password=password, authentication=SIMPLE, read_server_info=False))
    if not is_right and connection.result["result"] in _BUSY:
        raise DirectoryUnavailable(f"The directory cannot judge passwords now: {connection.result['description']}.")
    return is_right


def _person(settings: LdapSettings, entry: dict[str, Any]) -> ForeignPerson:
    attributes: Mapping[str, Sequence[bytes]] = entry["raw_attributes"]
    identifiers = attributes.get(settings.subject_attribute, ())
    if len(identifiers) != 1 or not identifiers[0]:
        raise DirectoryUnavailable(
            f"An entry does not have exactly one {settings.subject_attribute}, by which its customer is known."
        )
    name, email = (
        next(iter(attributes.get(attribute, ())), b"").decode(errors="replace")
        for attribute in (settings.name_attribute, settings.mail_attribute)
    )
    return ForeignPerson(settings.base_dn.lower(), bytes(identifiers[0]), name, email)


def _cut(connection: Connection) -> None:
    """Ends what hangs: whoever reads from the socket gets an error."""
    with suppress(OSError, AttributeError):
        connection.socket.shutdown(socket.SHUT_RDWR)


def _cause(error: Exception) -> Exception:
    """What the library wrapped, as far as it can be told."""
    said = str(error)
    if "refused" in said:
        return ConnectionRefusedError()
    if "timed out" in said or "imeout" in said:
        return TimeoutError()
    if "invalid server address" in said or "Name or service" in said:
        return socket.gaierror()
    return error
