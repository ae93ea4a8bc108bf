"""What the gateway's own answers say: every row of the refusals, every form, every header."""

from __future__ import annotations

import json
from typing import Any

from mutation.edits import Edit, Json, objects
from mutation.mutant import Mutant
from propylon.gateway.refusals import REFUSALS, Refusal

# Row of the table: the test that sees its words on a real Envoy. "": none can, and why is said in test_envoy_refusals.
PROOF_OF_ROW = {
    "gateway.token.missing": "refusals.asked_for_rfc6750_3",
    "gateway.token.expired": "refusals.token_that_does_not_hold",
    "gateway.token.not_yet_valid": "refusals.token_that_does_not_hold",
    "gateway.token.signature": "refusals.token_that_does_not_hold",
    "gateway.token.issuer": "refusals.token_that_does_not_hold",
    "gateway.token.audience": "refusals.token_that_does_not_hold",
    "gateway.token.malformed": "refusals.token_that_does_not_hold",
    "gateway.token.binding": "refusals.bound_token_works",
    "gateway.token.proof_needed": "check.bound_token_needs_its_scheme",
    "gateway.token.unbound": "check.bound_token_needs_its_scheme",
    "gateway.token.binding_needed": "rules.bound_token_is_asked_for",
    "gateway.proof.invalid": "check.whatever_is_not_good",
    "gateway.proof.nonce_needed": "check.whatever_is_not_good",
    "gateway.check.unavailable": "check.without_the_check",
    "gateway.certificate.revoked": "refusals.revoked_certificate",
    "gateway.token.revoked": "refusals.mark_refuses",
    "gateway.certificate.missing": "refusals.mutual_asks",
    "gateway.source.refused": "refusals.source_ranges",
    "gateway.scope.missing": "refusals.another_scope",
    "gateway.role.missing": "rules.that_does_not",
    "gateway.plan.excluded": "rules.that_does_not",
    "gateway.authentication.insufficient": "rules.that_does_not rules.what_to_ask_the_customer_for",
    "gateway.authentication.too_old": "rules.long_ago_or_never",
    "gateway.organization.stopped": "stops.stopped_organization",
    "gateway.stopped": "stops.stopped_product",
    "gateway.path.unknown": "refusals.unknown_path",
    "gateway.method.refused": "refusals.another_method",
    "gateway.request.timeout": "refusals.drip_of_headers",
    "gateway.version.sunset": "versions.ended_is_gone",
    "gateway.body.too_large": "refusals.announced_body",
    "gateway.url.too_long": "refusals.get_address_has",
    "gateway.host.unknown": "refusals.foreign_host",
    "gateway.site.elsewhere": "refusals.without_sites",
    "gateway.protocol.too_old": "refusals.refused_before_the_filters",
    "gateway.rate.exceeded": "refusals.rate_of_a_plan",
    "gateway.quota.day": "stops.spent_quota",
    "gateway.quota.month": "stops.spent_quota",
    "gateway.headers.too_large": "refusals.too_large_headers",
    "gateway.upstream.timeout": "refusals.takes_too_long",
    "gateway.upstream.unreachable": "refusals.upstream_that_is_away",
    "gateway.answer.too_large": "bounds.answer_that_is_too_large",
    "gateway.upstream.failed": "refusals.breaks_off",
    "gateway.overloaded": "",
    "gateway.request.malformed": "refusals.refused_before_the_filters",
}
_OF_A_QUOTA = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
_FORMS = {"tpp": "refusals.berlin_group", "problem": "refusals.takes_too_long", "oauth": "refusals.oauth_form"}
_ROWS = {row.code: row for row in REFUSALS}


def _mappers(node: Any) -> list[Json]:
    return [each for each in objects(node) if isinstance(each.get("mappers"), list)]


def _is_of(mapper: Json, row: Refusal) -> bool:
    return row.message in str(mapper["body_format_override"])


def _without_row(row: Refusal) -> Edit:
    def change(node: Any) -> None:
        for config in _mappers(node):
            config["mappers"] = [each for each in config["mappers"] if not _is_of(each, row)]

    return change


def _without_header(row: Refusal, header: str) -> Edit:
    def change(node: Any) -> None:
        for mapper in (each for config in _mappers(node) for each in config["mappers"] if _is_of(each, row)):
            added = mapper["headers_to_add"]
            mapper["headers_to_add"] = [each for each in added if each["header"]["key"] != header]

    return change


def _without_form(form: str) -> Edit:
    def change(node: Any) -> None:
        for config in _mappers(node):
            config["mappers"] = [each for each in config["mappers"] if f"== '{form}'" not in json.dumps(each["filter"])]

    return change


def _early_as_others(node: Any) -> None:
    """What was refused early is named as the caller wants."""
    for config in _mappers(node):
        config["mappers"] = [each for each in config["mappers"] if "START_TIME" not in str(each)]


def _header_mutants() -> list[Mutant]:
    said = {
        "WWW-Authenticate": [code for code, row in _ROWS.items() if row.www_authenticate],
        "Retry-After": [code for code, row in _ROWS.items() if row.retry_after],
        **{key: [code for code, row in _ROWS.items() if row.is_quota] for key in _OF_A_QUOTA},
    }
    return [
        Mutant(
            f"answer {code}: no {header}",
            "lds",
            _without_header(_ROWS[code], header),
            "check.spent_quota_is_told" if header in _OF_A_QUOTA else PROOF_OF_ROW[code],
        )
        for header, codes in said.items()
        for code in codes
        if PROOF_OF_ROW[code]
    ]


ANSWERS = (
    *(
        Mutant(f"answer {code}: has no words", "lds", _without_row(_ROWS[code]), proof, f"refusal {code}")
        for code, proof in PROOF_OF_ROW.items()
        if proof
    ),
    *(Mutant(f"answers: no form {form}", "lds", _without_form(form), proof) for form, proof in _FORMS.items()),
    Mutant("answers: early ones have no id", "lds", _early_as_others, "refusals.refused_before_the_filters"),
    *_header_mutants(),
)
