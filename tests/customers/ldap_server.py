"""A bank's LDAP server: Debian's slapd with a folder, certificate and people of the test's own, ended by its pid."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from customers.ldap_authority import TestAuthority

BASE = "ou=customers,dc=bank,dc=example"
READER, READER_PASSWORD = "cn=reader,dc=bank,dc=example", "the reader's own words"
PASSWORD = "seven grey geese"

_CONFIG = """
modulepath /usr/lib/ldap
moduleload back_mdb
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
pidfile {folder}/slapd.pid
disallow bind_anon
database mdb
suffix "dc=bank,dc=example"
rootdn "cn=root,dc=bank,dc=example"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=bank,dc=example" read by * none
"""
_PEOPLE = f"""
dn: dc=bank,dc=example
objectClass: domain
dc: bank

dn: {READER}
objectClass: person
cn: reader
sn: reader
userPassword: {READER_PASSWORD}

dn: {BASE}
objectClass: organizationalUnit
ou: customers
"""


def _person(uid: str, name: str, employee_type: str = "customer") -> str:
    return (
        f"\ndn: uid={uid},{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {name}\nsn: {name}\n"
        f"mail: {uid}@customers.example\nemployeeType: {employee_type}\nemployeeNumber: N-{uid}\n"
        f"userPassword: {PASSWORD}\n"
    )


@dataclass(frozen=True)
class LdapServer:
    """`port` speaks StartTLS, `tls_port` TLS from the start."""

    process: subprocess.Popen[bytes]
    port: int
    tls_port: int
    ca_pem: str

    def settings(self, **changes: str) -> dict[str, str]:
        told = {
            "address": f"ldaps://localhost:{self.tls_port}",
            "base_dn": BASE,
            "bind_dn": READER,
            "login_attribute": "uid",
            "subject_attribute": "employeeNumber",
            "name_attribute": "cn",
            "filter": "(employeeType=customer)",
            "ca_pem": self.ca_pem,
        }
        return told | changes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def ldap_server() -> Iterator[LdapServer]:
    # slapd's own folder of sockets must be short, and its data wants a real disk.
    folder = Path(tempfile.mkdtemp(prefix="propylon-ldap-"))
    authority = TestAuthority()
    (folder / "ca.pem").write_text(authority.pem)
    certificate, key = authority.server("localhost")
    (folder / "server.pem").write_text(certificate)
    (folder / "server.key").write_text(key)
    (folder / "data").mkdir()
    config = folder / "slapd.conf"
    config.write_text(_CONFIG.format(folder=folder))
    people = _PEOPLE + _person("maja", "Maja Lind") + _person("per", "Per Berg") + _person("clerk", "A Clerk", "staff")
    slapd = shutil.which("slapd", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "slapd"
    try:
        add = [slapd, "-T", "add", "-f", str(config)]
        subprocess.run(add, input=people.encode(), check=True, capture_output=True)
        ports = free_port(), free_port()
        addresses = f"ldap://127.0.0.1:{ports[0]} ldaps://127.0.0.1:{ports[1]}"
        process = subprocess.Popen(
            [slapd, "-d", "0", "-f", str(config), "-h", addresses], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait(process, ports[1])
            yield LdapServer(process, *ports, authority.pem)
        finally:
            process.terminate()
            process.wait(10)
    finally:
        shutil.rmtree(folder)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, "slapd ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("slapd does not listen")
