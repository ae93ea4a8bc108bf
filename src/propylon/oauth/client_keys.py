"""The public keys that a client registers (RFC 7517), and JWTs that it signs with them (RFC 7515; FAPI 2.0, 5.4.1).

Keys are registered by value, or fetched from the address that the client registered (`oauth.key_address`). No header
of a JWT leads to another key: `jwk`, `jku`, `x5c` and `x5u` are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from propylon.kernel.errors import FieldError
from propylon.kernel.token_claims import PROOF_ALGORITHMS
from propylon.oauth.compact_jws import BASE64URL, PRIVATE_MEMBERS, SIGNATURES, decoded, json_object

MOST_KEYS = 10
LONGEST_JWT = 16 * 1024
_LONGEST_KID = 256
_RSA_BITS = range(2048, 8193)

_Key = ECKey | RSAKey | OKPKey


@dataclass(frozen=True, slots=True)
class _Family:
    """Keys of one kind: what must stand in their JWK (None: any value), and which algorithms sign with them."""

    kind: type[ECKey] | type[RSAKey] | type[OKPKey]
    members: Mapping[str, str | None]
    algorithms: tuple[str, ...]


_FAMILIES: Mapping[str, _Family] = MappingProxyType(
    {
        "EC": _Family(ECKey, {"crv": "P-256", "x": None, "y": None}, ("ES256",)),
        "RSA": _Family(RSAKey, {"n": None, "e": "AQAB"}, ("PS256",)),
        "OKP": _Family(OKPKey, {"crv": "Ed25519", "x": None}, ("Ed25519", "EdDSA")),
    }
)


@dataclass(frozen=True, slots=True)
class ClientKey:
    """`jwk` has the members that define the public key, and `kid`, "" if the client gave none."""

    kid: str
    algorithms: tuple[str, ...]
    jwk: Mapping[str, str]
    key: _Key


class NotSigned(Exception):  # noqa: N818  (it is an answer, no failure of ours)
    """The text is no JWT that one of the client's keys has signed. The message tells its developer what is wrong."""


def read_keys(keys: object) -> tuple[tuple[ClientKey, ...], list[FieldError]]:
    """The members of a JWK Set's `keys`, and every mistake in them, by place."""
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        return (), [FieldError("keys", "body", f"must be a list of at most {MOST_KEYS} public keys")]
    found: list[ClientKey] = []
    errors: list[FieldError] = []
    for place, jwk in enumerate(keys):
        try:
            found.append(_read_key(jwk))
        except _Unfit as unfit:
            errors.append(FieldError(f"keys.{place}", "body", str(unfit)))
    kids = [each.kid for each in found]
    if len(found) > 1 and ("" in kids or len(set(kids)) < len(kids)):
        errors.append(FieldError("keys", "body", "give each of several keys a kid of its own"))
    return tuple(found), errors


class _Unfit(Exception):  # noqa: N818
    """The JWK cannot be registered."""


def _read_key(jwk: object) -> ClientKey:
    if not isinstance(jwk, dict):
        raise _Unfit("is not a JSON Web Key")
    if not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise _Unfit("holds the private key. Keep that, make a new pair, and register its public half alone")
    family = _FAMILIES.get(str(jwk.get("kty")))
    if family is None:
        raise _Unfit("must have kty EC (P-256), RSA or OKP (Ed25519)")
    members = {"kty": str(jwk["kty"])}
    for name, wanted in family.members.items():
        value = jwk.get(name)
        if not isinstance(value, str) or not (value == wanted if wanted else BASE64URL.fullmatch(value)):
            raise _Unfit(f"has no usable {name}; {members['kty']} keys need {_needs(family)}")
        members[name] = value
    _check_purpose(jwk, family)
    kid = jwk.get("kid", "")
    if not isinstance(kid, str) or len(kid) > _LONGEST_KID or not kid.isprintable():
        raise _Unfit(f"has a kid that is no text of at most {_LONGEST_KID} characters")
    return ClientKey(kid, family.algorithms, members | ({"kid": kid} if kid else {}), _imported(family, members))


def _needs(family: _Family) -> str:
    return ", ".join(f"{name} {wanted}" if wanted else name for name, wanted in family.members.items())


def _check_purpose(jwk: Mapping[str, Any], family: _Family) -> None:
    if jwk.get("use", "sig") != "sig":
        raise _Unfit('is not for signatures: its use is not "sig"')
    if jwk.get("alg", family.algorithms[0]) not in family.algorithms:
        raise _Unfit(f"must have alg {' or '.join(family.algorithms)}, or none")


def _imported(family: _Family, members: Mapping[str, str]) -> _Key:
    if "n" in members and int.from_bytes(decoded(members["n"])).bit_length() not in _RSA_BITS:
        raise _Unfit("is an RSA key of less than 2048 or more than 8192 bits")
    try:
        key = family.kind.import_key({**members})
        key.get_op_key("verify")
    except (JoseError, ValueError, TypeError) as error:
        raise _Unfit("is not a public key") from error
    return key


def verified_claims(text: str, keys: Iterable[ClientKey], *, types: frozenset[str]) -> Mapping[str, Any]:
    """The claims of a JWT that one of the keys has signed. `types`: the header's `typ` if it has one, lower-case.

    Raises `NotSigned`.
    """
    parts = text.split(".")
    if len(parts) != 3 or len(text) > LONGEST_JWT:
        raise NotSigned("it is not one signed JWT")
    header = _object(parts[0])
    key = _key_for(header, keys, types)
    try:
        signed = f"{parts[0]}.{parts[1]}".encode()
        is_genuine = SIGNATURES[str(header["alg"])].verify(signed, decoded(parts[2]), key.key)
    except (JoseError, ValueError, TypeError):
        is_genuine = False
    if not is_genuine:
        raise NotSigned("its signature does not verify with the registered key")
    return _object(parts[1])


def unverified_claims(text: str) -> Mapping[str, Any]:
    """What a JWT says, before anybody knows whose it is. Raises `NotSigned`."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > LONGEST_JWT:
        raise NotSigned("it is not one signed JWT")
    return _object(parts[1])


def signed_with(text: str) -> tuple[str, str | None]:
    """The algorithm and the key id that a JWT names; raises `NotSigned` if it names no algorithm of ours."""
    unverified_claims(text)  # its three parts are there
    header = _object(text.split(".", 1)[0])
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in PROOF_ALGORITHMS or not isinstance(kid, str | None):
        raise NotSigned("it names no algorithm and key of ours")
    return str(algorithm), kid


def _key_for(header: Mapping[str, Any], keys: Iterable[ClientKey], types: frozenset[str]) -> ClientKey:
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in PROOF_ALGORITHMS:
        raise NotSigned(f"its alg is none of {', '.join(PROOF_ALGORITHMS)}")
    if "crit" in header:
        raise NotSigned("its header asks for extensions (crit)")
    if str(header.get("typ", "JWT")).lower() not in types | {"jwt"}:
        raise NotSigned("its typ is that of another kind of JWT")
    fitting = [key for key in keys if algorithm in key.algorithms and (kid is None or kid == key.kid)]
    if len(fitting) != 1:
        raise NotSigned("no registered key has its kid and alg" if not fitting else "it needs the kid of its key")
    return fitting[0]


def _object(part: str) -> Mapping[str, Any]:
    try:
        return json_object(part)
    except ValueError:
        raise NotSigned("it is not one signed JWT") from None
