"""Answers of APIs are compressed for callers that ask for it (RFC 9110 section 12.5.3): gzip, Brotli, Zstandard.

What a foreign page could measure must not be compressed together with a secret (BREACH). So the web application's
answers never are: its pages know their reader by a cookie, and the authorization server's answers hold tokens. An
API's caller needs a token that no browser sends by itself. An upstream whose answer holds a secret beside what
strangers wrote says `Cache-Control: no-transform` (RFC 9111 section 5.2.2.6) and is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from propylon.gateway.envoy_types import (
    BROTLI,
    COMPOSITE,
    COMPRESSOR,
    EXECUTE_FILTER,
    EXTENSION_WITH_MATCHER,
    GZIP,
    ZSTD,
    Json,
    extension,
    header_predicate,
)

# By name in Accept-Encoding. Levels are low: a level more costs much time and saves few bytes.
_LIBRARIES: dict[str, Json] = {
    "gzip": extension("gzip", GZIP, compression_level="COMPRESSION_LEVEL_3", memory_level=8, window_bits=15),
    "br": extension("br", BROTLI, quality=3, window_bits=18),
    "zstd": extension("zstd", ZSTD, compression_level=3),
}
COMPRESSIONS = tuple(_LIBRARIES)
_BY_PREFERENCE = ("zstd", "br", "gzip")  # where the caller likes them equally: the quickest first, then the smallest
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


def compression_filter() -> Json:
    """One filter that puts in the compressor of the caller's choice, and nothing for who asks for none.

    Where forms are weighed against each other, or any is welcome, all three stand in line and agree among themselves.
    """
    choices = [*((sign, COMPRESSIONS) for sign in (";", "*")), *((name, (name,)) for name in _BY_PREFERENCE)]
    matchers = [
        {
            "predicate": header_predicate("accept-encoding", {"contains": text, "ignore_case": True}),
            "on_match": {"action": _put_in(names)},
        }
        for text, names in choices
    ]
    return extension(
        "compression",
        EXTENSION_WITH_MATCHER,
        xds_matcher={"matcher_list": {"matchers": matchers}},
        extension_config=extension("compression", COMPOSITE),
    )


def _put_in(names: Sequence[str]) -> Json:
    if len(names) == 1:
        return extension("compress", EXECUTE_FILTER, typed_config=_compressor(names[0]))
    return extension("compress", EXECUTE_FILTER, filter_chain={"typed_config": [_compressor(name) for name in names]})


def _compressor(name: str) -> Json:
    common = {"min_content_length": _SMALLEST_BYTES, "content_type": list(_CONTENT_TYPES)}
    return extension(
        name,
        COMPRESSOR,
        compressor_library=_LIBRARIES[name],
        choose_first=name == _BY_PREFERENCE[0],
        # An ETag names the bytes, and callers send it back in If-Match: such an answer stays what it was.
        response_direction_config={"common_config": common, "disable_on_etag_header": True},
    )
