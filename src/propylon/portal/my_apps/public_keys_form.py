"""Public keys as developers have them: a JWK Set, one JWK, or PEM."""

from __future__ import annotations

import json
import re
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from propylon.design.forms import PageForm

_LONGEST = 64 * 1024
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)
_KINDS = ((EllipticCurvePublicKey, ECKey), (RSAPublicKey, RSAKey), (Ed25519PublicKey, OKPKey))


class PublicKeysForm(PageForm):
    """`cleaned_data["keys"]` is a list of JWKs; what is right in them, and in the address, is for the action to say."""

    keys = forms.CharField(
        label=gettext_lazy("Public keys"),
        help_text=gettext_lazy("A JWK Set, one JWK, or PEM. They replace those above; empty keeps those."),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off", "class": "code"}),
    )

    jwks_uri = forms.CharField(
        label=gettext_lazy("Or the address where they lie (jwks_uri)"),
        help_text=gettext_lazy(
            "https, a JWK Set. We fetch the keys from there, and again when you sign with one that is new to us."
        ),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "inputmode": "url"}),
    )

    requires_signed_requests = forms.BooleanField(
        label=gettext_lazy("Refuse authorization requests that are not signed (RFC 9101)"), required=False
    )

    def __init__(self, *args: Any, known: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    def clean_keys(self) -> list[Any]:
        text = self.cleaned_data["keys"].strip()
        if not text and self.data.get("jwks_uri", "").strip():
            return []
        if not text and self.known:
            return self.known
        found = _from_json(text) if text.startswith(("{", "[")) else _from_pem(text)
        if not found:
            raise forms.ValidationError(_("This is no public key: neither JSON with keys nor PEM."))
        return found


def _from_json(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if isinstance(value, dict):
        value = value.get("keys", [value])
    return value if isinstance(value, list) else []


def _from_pem(text: str) -> list[Any]:
    found = []
    for block in _BLOCK.finditer(text):
        if "PRIVATE" in block[1]:
            raise forms.ValidationError(
                _("This is the private key. Keep that, make a new pair, and register its public half alone.")
            )
        if jwk := _jwk(block[0]):
            found.append(jwk)
    return found


def _jwk(pem: str) -> dict[str, Any] | None:
    """With the thumbprint as `kid`, since PEM has no name for a key."""
    try:
        loaded = load_pem_public_key(pem.encode())
        for kind, jwk in _KINDS:
            if isinstance(loaded, kind):
                key = jwk.import_key(loaded.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
                return {**key.as_dict(private=False), "kid": key.thumbprint()}
    except (ValueError, UnsupportedAlgorithm, JoseError):
        pass
    return None
