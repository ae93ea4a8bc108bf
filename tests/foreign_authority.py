"""An authority that is none of the installation's: what operators trust, and partners bring certificates of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class ForeignAuthority:
    """Issues by another one (as those in trusted lists do), so it is no root. `days` until it ends."""

    def __init__(
        self, name: str, *, days: int = 100, key: _Key | None = None, subject: x509.Name | None = None
    ) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.subject = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Root above {name}")])
        usage = x509.KeyUsage(*(number in (5, 6) for number in range(9)))
        self.certificate = (
            _builder(self.subject, root, self.key.public_key(), days)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        )

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def crl(self, *revoked: int, days: int = 5, is_delta: bool = False) -> bytes:
        """PEM; `revoked` are serial numbers, `days` until it ends."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder(
            self.subject, now - timedelta(days=9), now + timedelta(days=days)
        )
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder(serial, now).build()
            builder = builder.add_revoked_certificate(entry)
        if is_delta:
            builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(
        self, common_name: str, *extensions: x509.ExtensionType, days: int = 30, key: _Key | None = None
    ) -> tuple[str, str]:
        """(certificate, private key) as PEM, for clients."""
        own = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        usage = x509.KeyUsage(*(number == 0 for number in range(9)))
        builder = (
            _builder(subject, self.subject, own.public_key(), days)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(usage, critical=True)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        certificate = builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        form = serialization.PrivateFormat.PKCS8
        pem = own.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        return certificate.decode(), pem.decode()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
    )
