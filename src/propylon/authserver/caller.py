"""A back-channel request: its form, its proof of possession, and who the gateway says is at the other end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from propylon.authserver.nonces import nonce_key
from propylon.authserver.peer_certificate import peer_certificate
from propylon.kernel.peer_certificate import PeerCertificate
from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.dpop import NonceNeeded, Occasion, Proof, ProofRefused, check_proof
from propylon.oauth.dpop_nonce import good_nonces
from propylon.oauth.errors import invalid_dpop_proof, use_dpop_nonce
from propylon.oauth.form import parse_form
from propylon.oauth.json_form import is_json_type, parse_json
from propylon.oauth.records import BackchannelRecord, ClientRecord, CodeRecord, RefreshRecord


@dataclass(frozen=True, slots=True)
class Caller:
    """`listener` is public or mutual; identity headers are believed because only Envoy reaches the socket.

    `dpop` is the header of that name, "" if there is none; `path` is the endpoint's.
    """

    form: Mapping[str, str]
    authorization: str
    certificate: PeerCertificate | None
    listener: str
    source_address: str
    path: str
    dpop: str = ""
    accept: str = ""
    is_json: bool = False  # the body was; only an alias of the token endpoint takes that

    def proof(self, client: ClientRecord, now: int) -> Proof | None:
        """The DPoP proof that came along, if it holds; that it is not used again is for `authserver.proofs`."""
        if not self.dpop:
            return None
        origin = settings.PROPYLON_ISSUER_MUTUAL_URL if self.listener == "mutual" else settings.PROPYLON_ISSUER_URL
        nonces = good_nonces(nonce_key(), now) if client.demands_nonces else ()
        try:
            return check_proof(self.dpop, Occasion("POST", origin + self.path, now, nonces=nonces))
        except NonceNeeded:
            raise use_dpop_nonce() from None
        except ProofRefused as refusal:
            raise invalid_dpop_proof(str(refusal)) from None

    def attempt(
        self,
        client: ClientRecord,
        grant_type: str,
        now: int,
        *,
        code: CodeRecord | None = None,
        refresh: RefreshRecord | None = None,
        backchannel: BackchannelRecord | None = None,
    ) -> TokenAttempt:
        return TokenAttempt(
            client=client,
            grant_type=grant_type,
            form=self.form,
            certificate=self.certificate,
            listener=self.listener,
            source_address=self.source_address,
            now=now,
            code=code,
            refresh=refresh,
            backchannel=backchannel,
            proof=self.proof(client, now),
            is_json=self.is_json,
        )


def caller_of(headers: Mapping[str, str], *, path: str, query: bytes, body: bytes, takes_json: bool = False) -> Caller:
    """`headers` with lower-case names. Raises `OAuthError` for a body that is no form."""
    content_type = headers.get("content-type", "")
    is_json = takes_json and is_json_type(content_type)
    parse = parse_json if is_json else parse_form
    return Caller(
        form=parse(content_type=content_type, query=query, body=body),
        authorization=headers.get("authorization", ""),
        certificate=peer_certificate(headers.get("x-propylon-peer-certificate", "")),
        listener=headers.get("x-propylon-listener", "public"),
        source_address=headers.get("x-propylon-source-address", ""),
        path=path,
        dpop=headers.get("dpop", ""),
        accept=headers.get("accept", ""),
        is_json=is_json,
    )
