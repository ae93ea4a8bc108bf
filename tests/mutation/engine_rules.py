"""Every rule of the engine, and how it is broken: what is found by itself, and what is no refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mutation.engine_edits import Mutant, constant, found_mutants, rewritten, table_mutants

# What a mutant cannot show, and why.
EQUIVALENT: Mapping[str, str] = {}

# module, function, what is broken, the text that stands there once, the text instead
WRITTEN: tuple[tuple[str, str, str, str, str], ...] = (
    ("authorization_response", "answer_address", "no iss (RFC 9207, 2)", '{**answer, "iss": issuer})', "answer)"),
    ("authorization_response", "answer_address", "no iss in the fragment", "{**answer, 'iss': issuer}", "answer"),
    ("authorization_response", "answer_address", "no state", '{**members, "state": back.state}', "{**members}"),
    ("authorization_response", "answer_address", "a signed answer for anybody", '"aud": back.client_id, ', ""),
    ("authorization_response", "answer_address", "a signed answer of anybody", '{"iss": issuer, "aud"', '{"aud"'),
    ("authorization_response", "answer_address", "a signed answer for ever", ', "exp": now + RESPONSE_TTL', ""),
    ("authorization_response", "_with_query", "the registered query is broken", '"&" if "?" in uri else "?"', '"?"'),
    ("bearer", "check_binding", "any key's proof", 'str(bound["jkt"]).encode()', "proof.thumbprint.encode()"),
    ("bearer", "check_binding", "proofs for any token", ", access_token=shown.token", ""),
    ("bearer", "InvalidToken.challenge", "no algorithms (RFC 9449, 7.1)", 'if self.scheme == "DPoP"', "if False"),
    ("client_authentication", "_by_secret", "any secret", "is_present or (is_old", "True or (is_old"),
    ("client_authentication", "_by_secret", "the old secret for ever", " and now < old.ends_at", ""),
    ("client_authentication", "_by_secret", "an empty secret", "if presented.secret and (", "if ("),
    (
        "client_authentication",
        "authenticate",
        "a foreign certificate binds",
        "if certificate is not None:",
        "if False:",
    ),
    (
        "client_authentication",
        "challenge",
        "no challenge (RFC 6749, 5.2)",
        "error.status == 401 and authorization",
        "False",
    ),
    (
        "client_authentication",
        "_basic",
        "Basic is not form-encoded (RFC 6749, 2.3.1)",
        'unquote_plus(secret, errors="strict")',
        "secret",
    ),
    (
        "redirect_uris",
        "is_registered",
        "a prefix is enough",
        "if uri in known",
        "if any(uri.startswith(each) for each in known)",
    ),
    (
        "redirect_uris",
        "is_registered",
        "any port for everybody",
        "if rule is not RedirectRule.NATIVE:\n        return False",
        "",
    ),
    ("redirect_uris", "is_registered", "no port of one's choice", "asked == _without_port(each)", "False"),
    ("redirect_uris", "_without_port", "any path on the loopback address", ', found["rest"] or "")', ', "")'),
    ("scopes", "parse_scope", "a name comes twice", 'tuple(dict.fromkeys(text.split(" ")))', 'tuple(text.split(" "))'),
    ("token_request", "_scope", "more than was granted", "require_known(asked, frozenset(granted))", "pass"),
    ("token_request", "_scope", "the refresh request's scope is not read", "granted = asked\n", "pass\n"),
    (
        "token_request",
        "_scope",
        "what is no longer subscribed to",
        "if name == OPENID or name in attempt.client.scopes",
        "if name",
    ),
    ("token_request", "_own_scope", "any scope", "require_known(asked, attempt.client.scopes)", "pass"),
    ("token_request", "decide", "tokens of a proof are not bound to its key", "if attempt.proof:", "if False:"),
    (
        "token_request",
        "decide",
        "the proof is not remembered",
        "attempt.grant_type, attempt.proof)",
        "attempt.grant_type, None)",
    ),
    ("token_request", "decide", "an ID token without openid", 'and OPENID in scope.split(" ")', ""),
    (
        "token_request",
        "decide",
        "tokens are not bound to the certificate",
        "certificate=attempt.certificate,",
        "certificate=None,",
    ),
    (
        "tokens",
        "access_token_claims",
        "no cnf (RFC 8705, 3.1)",
        'claims["cnf"] = {"x5t#S256": certificate.x5t_s256}',
        "pass",
    ),
    (
        "tokens",
        "access_token_claims",
        "no fingerprint for the gateway",
        'claims["x5h"] = certificate.fingerprint',
        "pass",
    ),
    ("tokens", "access_token_claims", "no grant for the gateway", 'claims["gid"] = grant.grant_id', "pass"),
    (
        "tokens",
        "access_token_claims",
        "no generation of the grant",
        'claims["ggn"] = grant_generation(grant.grant_id, grant.generation)',
        "pass",
    ),
    (
        "tokens",
        "access_token_claims",
        "the client is the subject",
        "grant.subject if grant else client.client_id",
        "client.client_id",
    ),
    ("tokens", "access_token_claims", "a token for a day", '"exp": now + ttl', '"exp": now + 86_400'),
    ("tokens", "access_token_claims", "a token for every environment", '"aud": client.audience', '"aud": issuer'),
    (
        "tokens",
        "access_token_claims",
        "no generation of the client",
        "client_generation(client.client_id, client.generation)",
        '""',
    ),
    ("tokens", "bind_to_key", "the certificate is forgotten", '**claims.get("cnf", {}), ', ""),
    (
        "tokens",
        "token_type",
        "always Bearer (RFC 9449, 5)",
        '"DPoP" if "jkt" in claims.get("cnf", {}) else "Bearer"',
        '"Bearer"',
    ),
    ("tokens", "id_token_claims", "no nonce", 'claims["nonce"] = code.nonce', "pass"),
    ("tokens", "id_token_claims", "for another client", '"aud": code.grant.client_id', '"aud": issuer'),
    ("tokens", "id_token_claims", "no auth_time", '"auth_time": code.authenticated_at,', ""),
    ("client_keys", "_key_for", "any key with its algorithm", " and (kid is None or kid == key.kid)", ""),
    (
        "client_assertion",
        "check_assertion",
        "any identifier is the same",
        "assertion.{client_id}.{identifier}",
        "assertion.{client_id}",
    ),
    (
        "client_assertion",
        "check_assertion",
        "of any client",
        "assertion.{client_id}.{identifier}",
        "assertion.{identifier}",
    ),
    (
        "dpop",
        "Proof.digest",
        "proofs of one key are all the same",
        "{self.thumbprint}.{self.identifier}",
        "{self.thumbprint}",
    ),
    (
        "dpop",
        "_check_request",
        "the query counts",
        "normalised(address) != normalised(occasion.address)",
        "address != occasion.address",
    ),
    ("request_object", "signed_parameters", "the JWT's own members are parameters", " if name not in _OF_THE_JWT", ""),
    ("authorization_request", "_way_back", "a repeated state comes back", " if name not in attempt.repeated", ""),
    (
        "authorization_request",
        "_checked",
        "the proof's key does not bind the code",
        "attempt.proof.thumbprint if attempt.proof else ",
        "",
    ),
    (
        "rules.check_source_range",
        "_parsed",
        "an IPv4 address on an IPv6 socket is another",
        "address.ipv4_mapped or address",
        "address",
    ),
    (
        "rules.check_code_verifier",
        "s256",
        "plain",
        'return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()',
        "return verifier",
    ),
)

# module, function, what is broken, the bound, its value instead
BOUNDS: tuple[tuple[str, str, str, str, object], ...] = (
    ("dpop", "_check_age", "proofs of an hour ago", "OLDEST_SECONDS", 3600),
    ("dpop", "_check_age", "proofs of an hour ahead", "AHEAD_SECONDS", 3600),
    ("dpop", "_key", "short RSA keys (FAPI 2.0, 5.4.1-2)", "_RSA_BITS", range(512, 8192)),
    ("dpop", "_key", "any type of JWT", "_PROOF_TYPE", None),
    ("dpop", "check_proof", "endless proofs", "_LONGEST_PROOF", 10**9),
    ("dpop", "_identifier", "endless identifiers", "_LONGEST_ID", 10**9),
    ("client_assertion", "_check_times", "assertions of an hour ahead (FAPI 2.0, 5.3.2.1-13)", "AHEAD_SECONDS", 3600),
    ("client_assertion", "_check_times", "no clock may be ahead (FAPI 2.0, 5.3.2.1-13)", "AHEAD_SECONDS", 0),
    ("client_assertion", "_check_times", "assertions for a day", "LONGEST_SECONDS", 90_000),
    ("client_assertion", "check_assertion", "any type of JWT", "_TYPES", frozenset({"at+jwt", "dpop+jwt"})),
    ("client_keys", "_imported", "short RSA keys (FAPI 2.0, 5.4.1-2)", "_RSA_BITS", range(512, 8193)),
    ("client_keys", "read_keys", "any number of keys", "MOST_KEYS", 10**9),
    ("request_object", "_check_times", "old requests (Message Signing, 5.3.1)", "OLDEST_SECONDS", 86_400),
    ("request_object", "_check_times", "requests for a day (Message Signing, 5.3.1)", "LONGEST_SECONDS", 90_000),
    ("request_object", "_check_times", "requests of the future", "AHEAD_SECONDS", 3600),
    ("form", "parse_form", "endless bodies", "LONGEST_BODY", 10**9),
    ("redirect_uris", "_text_problem", "endless addresses", "_LONGEST", 10**9),
)


def mutants() -> Iterator[Mutant]:
    yield from found_mutants()
    yield from table_mutants()
    for module, function, says, old, new in WRITTEN:
        name = f"propylon.oauth.{module}"
        yield Mutant(f"{module}.{function}: {says}", name, function, rewritten(name, old, new))
    for module, function, says, bound, value in BOUNDS:
        name = f"propylon.oauth.{module}"
        yield Mutant(f"{module}.{function}: {says}", name, function, constant(name, bound, value))
