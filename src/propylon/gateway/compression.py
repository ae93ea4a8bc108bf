"""Answers of APIs are compressed for callers that ask for it (RFC 9110 section 12.5.3): gzip, Brotli, Zstandard.

What a foreign page could measure must not be compressed together with a secret (BREACH). So the web application's
answers never are: its pages know their reader by a cookie, and the authorization server's answers hold tokens. An
API's caller needs a token that no browser sends by itself. An upstream whose answer holds a secret beside what
strangers wrote says `Cache-Control: no-transform` (RFC 9111 section 5.2.2.6) and is left alone.
"""

from __future__ import annotations

from propylon.gateway.envoy_types import (
    BROTLI,
    COMPRESSOR,
    EXTENSION_WITH_MATCHER,
    GZIP,
    SKIP_FILTER,
    ZSTD,
    Json,
    extension,
    full_match,
    header_predicate,
    typed,
)

# By name of the filter. Levels are low: a level more costs much time and saves few bytes.
_LIBRARIES: dict[str, Json] = {
    "gzip": extension("gzip", GZIP, compression_level="COMPRESSION_LEVEL_3", memory_level=8, window_bits=15),
    "br": extension("br", BROTLI, quality=3, window_bits=18),
    "zstd": extension("zstd", ZSTD, compression_level=3),
}
COMPRESSIONS = tuple(_LIBRARIES)
_PREFERRED = "zstd"  # the quickest of the three; taken when the caller likes them equally
_SMALLEST_BYTES = 1024  # below, the answer fits one packet anyway
_CONTENT_TYPES = (
    "application/geo+json",
    "application/hal+json",
    "application/json",
    "application/ld+json",
    "application/problem+json",
    "application/vnd.api+json",
    "application/xml",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
)


def compression_filter(name: str) -> Json:
    """Skipped for a caller that asks for no compression."""
    is_silent = {"not_matcher": header_predicate("accept-encoding", full_match(".*"))}
    skip = {"predicate": is_silent, "on_match": {"action": extension("skip", SKIP_FILTER)}}
    common = {"min_content_length": _SMALLEST_BYTES, "content_type": list(_CONTENT_TYPES)}
    compressor = typed(
        COMPRESSOR,
        compressor_library=_LIBRARIES[name],
        choose_first=name == _PREFERRED,
        # An ETag names the bytes, and callers send it back in If-Match: such an answer stays what it was.
        response_direction_config={"common_config": common, "disable_on_etag_header": True},
    )
    return extension(
        name,
        EXTENSION_WITH_MATCHER,
        xds_matcher={"matcher_list": {"matchers": [skip]}},
        extension_config={"name": name, "typed_config": compressor},
    )
