"""Signs what is asked for with the installation's own key: run in the environment of a running system.

One JSON object of claims a line on standard input, one access token a line on standard output.
"""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
import django

django.setup()

from propylon.authserver.signing import signers  # noqa: E402  (needs django.setup)

for line in sys.stdin:
    print(signers.get().access_token(json.loads(line)), flush=True)
