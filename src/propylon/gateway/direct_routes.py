"""Routes that answer by themselves: refusals that need no token. Their words are in gateway.refusals."""

from __future__ import annotations

from collections.abc import Sequence

from propylon.gateway.clusters import WEB
from propylon.gateway.envoy_types import ROUTE_LIST, Json, extension
from propylon.gateway.filters import LISTENER_HEADER, disabled
from propylon.gateway.model import GatewayModel
from propylon.gateway.requirements import NOBODY, token_of

OPEN = disabled("jwt", "scope", "limits")
ANY_PATH = {"prefix": "/"}
ON_PUBLIC = {"name": LISTENER_HEADER, "string_match": {"exact": "public"}}
_ON_MUTUAL = {"name": LISTENER_HEADER, "string_match": {"exact": "mutual"}}
_LONGEST_REPETITION = 1000  # of RE2


def guards(model: GatewayModel, method: str, place: Json, largest_body: int) -> list[Json]:
    """What is refused before any operation is looked for."""
    guards = [without_certificate(ANY_PATH, place)]
    if method in ("GET", "HEAD"):
        too_long = {"name": ":path", "string_match": {"safe_regex": {"regex": _longer_than(model.max_url_length)}}}
        guards.append(refuse(414, {**ANY_PATH, "headers": [too_long]}, place))
    if method in ("", "OPTIONS"):
        guards.insert(0, _preflight())
    return [*guards, too_large(largest_body, ANY_PATH, place)]


def _preflight() -> Json:
    """A page asks before it calls (Fetch, CORS-preflight): the filter "cors" answers, and needs a route that forwards.
    Nothing is forwarded: this route asks for a token that nobody can make."""
    asks = [{"name": name, "present_match": True} for name in ("origin", "access-control-request-method")]
    options = {"name": ":method", "string_match": {"exact": "OPTIONS"}}
    match = {**ANY_PATH, "headers": [ON_PUBLIC, options, *asks]}
    return {
        "name": "preflight",
        "match": match,
        "route": {"cluster": WEB},
        "typed_per_filter_config": token_of(NOBODY),
    }


def without_certificate(match: Json, place: Json) -> Json:
    return refuse(401, {**match, "headers": [_ON_MUTUAL], "tls_context": {"presented": False}}, place)


def too_large(most: int, match: Json, place: Json) -> Json:
    """Announced bodies of more than so many bytes."""
    more = {"name": "content-length", "range_match": {"start": most + 1, "end": 2**63 - 1}}
    return refuse(413, {**match, "headers": [more]}, place)


def _longer_than(length: int) -> str:
    whole, rest = divmod(length, _LONGEST_REPETITION)
    return "(?s)" + f".{{{_LONGEST_REPETITION}}}" * whole + (f".{{{rest}}}" if rest else "") + ".+"


def refuse(status: int, match: Json, metadata: Json) -> Json:
    """A route that answers by itself; gateway.refusals gives the words."""
    return {
        "name": f"refuse.{status}",
        "match": match,
        "direct_response": {"status": status},
        "metadata": metadata or propylon_metadata(format="standard"),
        "typed_per_filter_config": OPEN,
    }


def propylon_metadata(**fields: str) -> Json:
    return {"filter_metadata": {"propylon": {name: text for name, text in fields.items() if text}}}


def route_list(routes: Sequence[Json]) -> Json:
    return {"action": extension("routes", ROUTE_LIST, routes=list(routes))}
