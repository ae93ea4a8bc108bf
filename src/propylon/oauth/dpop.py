"""DPoP proofs, RFC 9449 section 4.3: which key a proof proves, or why it proves none.

Used where tokens are issued and where they are used, so it leans on nothing of the room but `compact_jws`. What it
cannot know is left to its caller: that there is one header, and that the proof was not used before (section 11.1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from propylon.kernel.token_claims import PROOF_ALGORITHMS
from propylon.oauth.compact_jws import BASE64URL, PRIVATE_MEMBERS, SIGNATURES, decoded, json_object

OLDEST_SECONDS = 60
AHEAD_SECONDS = 10  # of a client's clock (FAPI 2.0, 5.3.2.1)
REPLAYABLE_SECONDS = OLDEST_SECONDS + AHEAD_SECONDS + 1  # so long must a proof that was accepted be remembered

_PROOF_TYPE = "dpop+jwt"
_LONGEST_PROOF = 4096
_LONGEST_ID = 256
_RSA_BITS = range(2048, 4097)  # a larger key costs more to verify than a call may
# What defines a public key (RFC 7638, 3.2); anything else in a JWK is not looked at.
_PUBLIC_MEMBERS = MappingProxyType(
    {
        "ES256": {"kty": "EC", "crv": "P-256", "x": None, "y": None},
        "PS256": {"kty": "RSA", "e": "AQAB", "n": None},
        "Ed25519": {"kty": "OKP", "crv": "Ed25519", "x": None},
        "EdDSA": {"kty": "OKP", "crv": "Ed25519", "x": None},
    }
)
_KEY_TYPES: Mapping[str, type[ECKey] | type[RSAKey] | type[OKPKey]] = MappingProxyType(
    {"ES256": ECKey, "PS256": RSAKey, "Ed25519": OKPKey, "EdDSA": OKPKey}
)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class ProofRefused(Exception):  # noqa: N818  (it is an answer, no failure of ours)
    """The proof proves nothing. The message tells the client's developer what to change."""


class NonceNeeded(ProofRefused):
    """The proof is good but for its nonce (sections 8 and 9): the answer gives one, and the client tries again."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The request that a proof came with. `address` is the one that the caller used; its query does not count.

    `access_token` is "" where none is presented (the token endpoint); `nonces` are those of which one must be in the
    proof, see `dpop_nonce`; none where none is demanded.
    """

    method: str
    address: str
    now: int  # epoch seconds
    access_token: str = ""
    nonces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds. `thumbprint` names its key (RFC 7638) as `cnf.jkt` does."""

    thumbprint: str
    identifier: str  # its `jti`
    nonce: str = ""  # of ours, if one was demanded

    @property
    def digest(self) -> bytes:
        """What to remember of it, 32 bytes: the same again is a replay."""
        return hashlib.sha256(f"{self.thumbprint}.{self.identifier}".encode()).digest()


def check_proof(text: str, occasion: Occasion) -> Proof:
    """The proof in a DPoP header. Raises `ProofRefused`; `NonceNeeded` if nothing but its nonce is wrong."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > _LONGEST_PROOF:
        raise ProofRefused("it is not one signed JWT")
    try:
        key = _key(parts[0])
        signature = decoded(parts[2])
        is_genuine = SIGNATURES[key.algorithm].verify(f"{parts[0]}.{parts[1]}".encode(), signature, key.key)
    except (JoseError, ValueError, TypeError):
        raise ProofRefused("its key or signature is malformed") from None
    if not is_genuine:
        raise ProofRefused("its signature does not verify with the key in its header")
    claims = _object(parts[1])
    identifier = _identifier(claims)
    for check in (_check_request, _check_age, _check_token, _check_nonce):
        check(claims, occasion)
    return Proof(key.thumbprint, identifier, claims["nonce"] if occasion.nonces else "")


@dataclass(frozen=True, slots=True)
class _Key:
    algorithm: str
    key: ECKey | RSAKey | OKPKey
    thumbprint: str


@lru_cache(maxsize=1024)
def _key(header_part: str) -> _Key:
    """A client's proofs all have the same header: its key is read once."""
    header = _object(header_part)
    if header.get("typ") != _PROOF_TYPE:
        raise ProofRefused(f"its header's typ is not {_PROOF_TYPE}")
    if "crit" in header:
        raise ProofRefused("its header asks for extensions (crit)")
    algorithm, jwk = header.get("alg"), header.get("jwk")
    if not isinstance(algorithm, str) or algorithm not in _KEY_TYPES:
        raise ProofRefused(f"its alg is none of {', '.join(PROOF_ALGORITHMS)}")
    if not isinstance(jwk, dict) or not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise ProofRefused("its header's jwk is missing, or is not a public key alone")
    members = _public_members(algorithm, jwk)
    if algorithm == "PS256" and int.from_bytes(decoded(members["n"])).bit_length() not in _RSA_BITS:
        raise ProofRefused("its RSA key has less than 2048 or more than 4096 bits")
    key = _KEY_TYPES[algorithm].import_key({**members})
    return _Key(algorithm, key, key.thumbprint())


def _public_members(algorithm: str, jwk: Mapping[str, Any]) -> dict[str, str]:
    members: dict[str, str] = {}
    for name, wanted in _PUBLIC_MEMBERS[algorithm].items():
        value = jwk.get(name)
        if not isinstance(value, str) or not (value == wanted if wanted else BASE64URL.fullmatch(value)):
            raise ProofRefused(f"its key's {name} does not fit {algorithm}")
        members[name] = value
    return members


def _check_request(claims: Mapping[str, Any], occasion: Occasion) -> None:
    if claims.get("htm") != occasion.method:
        raise ProofRefused("its htm is not the method of this request")
    address = claims.get("htu")
    if not isinstance(address, str) or normalised(address) != normalised(occasion.address):
        raise ProofRefused("its htu is not the address of this request")


def _check_age(claims: Mapping[str, Any], occasion: Occasion) -> None:
    issued_at = claims.get("iat")
    if not isinstance(issued_at, int | float) or isinstance(issued_at, bool):
        raise ProofRefused("it has no iat")
    if not occasion.now - OLDEST_SECONDS <= issued_at <= occasion.now + AHEAD_SECONDS:
        raise ProofRefused(f"its iat is more than {OLDEST_SECONDS} seconds ago, or in the future")


def _check_token(claims: Mapping[str, Any], occasion: Occasion) -> None:
    if occasion.access_token and not _is_same(claims.get("ath"), token_hash(occasion.access_token)):
        raise ProofRefused("its ath is not the hash of this access token")


def _check_nonce(claims: Mapping[str, Any], occasion: Occasion) -> None:
    given = claims.get("nonce")
    if occasion.nonces and not any(_is_same(given, nonce) for nonce in occasion.nonces):
        raise NonceNeeded("its nonce is missing or too old; take the one in the header DPoP-Nonce")


def has_nonce(text: str) -> bool:
    """Whether a proof, good or not, carries a nonce: then its client wants to know the newest one."""
    try:
        return "nonce" in json_object(text.split(".")[1])
    except (ValueError, IndexError):
        return False


def _is_same(given: object, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())


def _identifier(claims: Mapping[str, Any]) -> str:
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_ID:
        raise ProofRefused(f"its jti is missing, or longer than {_LONGEST_ID} characters")
    return identifier


def token_hash(access_token: str) -> str:
    """The claim `ath` of proofs for this token (section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()


@lru_cache(maxsize=1024)
def normalised(address: str) -> str:
    """Syntax- and scheme-based normalisation, RFC 3986 sections 6.2.2 and 6.2.3, without query and fragment.

    "" for what is no absolute https address.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        return ""
    authority = f"[{host}]" if ":" in host else host
    if port not in (None, 443):
        authority += f":{port}"
    return f"https://{authority}{_without_dots(_ESCAPE.sub(_plainest, parts.path))}"


def _plainest(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _object(part: str) -> Mapping[str, Any]:
    try:
        return json_object(part)
    except ValueError:
        raise ProofRefused("it is not one signed JWT") from None
