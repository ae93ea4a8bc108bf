"""`python -m propylon.toolkit.reference > docs/reference/certificate-findings.md`: the tables of findings as a page."""

from __future__ import annotations

import sys

from propylon.toolkit.connection_words import CONNECTION_WORDS
from propylon.toolkit.words import WORDS

_HEAD = """# Findings of `propylon cert`

Made from the tables by `make docs`. An error is refused somewhere for sure, a warning may be, a note only tells.
Codes that begin with `csr.`, `psd2.`, `qc.` or `organization_identifier.` come from `pki/`, with words of their own.
"""


def page() -> str:
    parts = [_HEAD]
    for title, table in (("Files, keys, certificates and chains", WORDS), ("Connections (`doctor`)", CONNECTION_WORDS)):
        parts.append(f"\n## {title}\n\n| code | | what is the case | what to do next |\n|---|---|---|---|\n")
        parts += [
            f"| `{code}` | {words.severity} | {words.sentence} | {words.next_step} |\n" for code, words in table.items()
        ]
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
