"""Prints a certificate (PEM) of a client, issued by the installation. Run inside its environment:
python identity.py CLIENT_ID [FILE], where the chain and the key go to FILE.crt and FILE.key.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
import django

django.setup()

from propylon.applications.models import Client
from propylon.certificates.actions import issue_identity
from propylon.kernel.actor import Actor

chain, key, certificate = issue_identity(
    acting_user=Actor("system", "bench", "Bench"), client=Client.objects.get(client_id=sys.argv[1])
)
print(certificate.certificate_pem)
if len(sys.argv) > 2:
    Path(f"{sys.argv[2]}.crt").write_text(chain)
    Path(f"{sys.argv[2]}.key").write_text(key)
