"""A key of one's own and the signing request for it (PKCS #10, RFC 2986)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from propylon.kernel.certificate_files import KEY_FILE
from propylon.pki.keys import key_mistake
from propylon.pki.pem import private_pem
from propylon.pki.signing_request import check_request
from propylon.toolkit.findings import finding, refusal
from propylon.toolkit.outputs import OutputFile, check_new_password

REQUEST_FILE = "request.csr"
OwnKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

KEY_KINDS: Mapping[str, Callable[[], OwnKey]] = MappingProxyType(
    {
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
        "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
        "rsa4096": lambda: rsa.generate_private_key(65537, 4096),
    }
)


def request_for(common_name: str, key: object) -> OutputFile:
    """Signed by `key`, and found good by the rules of an order. Raises `key.refused` and `certificate.csr.refused`."""
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise refusal(finding("key.refused", mistake="A request takes an EC or RSA key."))
    if mistake := key_mistake(key.public_key()):
        raise refusal(finding("key.refused", mistake=mistake))
    try:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    except ValueError:
        raise refusal(finding("key.refused", mistake="A common name has 1 to 64 characters.")) from None
    digest = hashes.SHA384() if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size > 256 else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, digest)
    data = request.public_bytes(Encoding.PEM)
    check_request(data, common_name=common_name)
    return OutputFile(REQUEST_FILE, data)


def new_key(kind: str, *, password: str = "") -> tuple[OwnKey, OutputFile]:
    """`kind` is one of KEY_KINDS."""
    if password:
        check_new_password(password)
    key = KEY_KINDS[kind]()
    return key, OutputFile(KEY_FILE, private_pem(key, password=password).encode(), is_private=True)
