"""A new key and its signing request (RFC 2986): `python -m propylon.dataplane.new_identity <node>` prints both as JSON.

A process of its own, because the library that makes keys takes more memory than the agent has, every two months.
"""

from __future__ import annotations

import json
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def main() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, sys.argv[1])])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    text = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    json.dump({"key": text, "csr": request.public_bytes(encoding).decode()}, sys.stdout)


if __name__ == "__main__":
    main()
