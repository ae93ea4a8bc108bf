"""The names of the files that a client certificate is handed out in: the download, the samples and the guides agree."""

from __future__ import annotations

CERTIFICATE_FILE = "certificate.crt"
CHAIN_FILE = "chain.crt"  # the issuers above it, without the root
KEY_FILE = "private.key"
CA_FILE = "ca.crt"  # the root, to trust this server by
