"""What can be written out again: an identity of which everything needed was read."""

from __future__ import annotations

from dataclasses import replace

from propylon.toolkit.contents import Contents
from propylon.toolkit.findings import finding, refusal
from propylon.toolkit.identity import Identity, identity_of
from propylon.toolkit.identity_rules import key_findings


def usable_identity(contents: Contents, *, needs_key: bool, way_out: str = "") -> Identity:
    """Raises what stands in the way, in words. `way_out` is added where only the key is missing."""
    closed = [each for file in contents.files for each in file.findings if each.is_error]
    if closed:
        raise refusal(closed[0], others=closed[1:])
    identity = identity_of(contents)
    if identity is None:
        found = key_findings(contents, None, is_key_needed=needs_key)
        raise refusal(next(iter(found), finding("certificate.none")))
    hindrances = list(key_findings(contents, identity, is_key_needed=True)) if needs_key else []
    if hindrances and not contents.keys:
        told = [each for each in contents.findings if each.code in {"key.never_in_format", "key.not_in_pfx"}]
        why = (told or hindrances)[0]
        raise refusal(replace(why, next_step=f"{why.next_step} {way_out}".strip()))
    if hindrances:
        raise refusal(hindrances[0])
    return identity
