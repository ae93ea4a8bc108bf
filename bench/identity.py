"""Prints a certificate (PEM) of a client, issued by the installation. Run inside its environment."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
import django

django.setup()

from propylon.applications.models import Client
from propylon.certificates.actions import issue_identity
from propylon.kernel.actor import Actor

chain, _key, certificate = issue_identity(
    acting_user=Actor("system", "bench", "Bench"), client=Client.objects.get(client_id=sys.argv[1])
)
print(certificate.certificate_pem)
