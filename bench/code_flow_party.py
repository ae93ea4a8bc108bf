"""Prints, as JSON, a web application with its secret and as many customers as asked for. Run inside the installation's
environment: python code_flow_party.py CUSTOMERS
"""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
import django

django.setup()

from propylon.accounts.models import Organization
from propylon.applications.actions import register_application
from propylon.catalog.models import Environment
from propylon.customers.actions import add_customer
from propylon.kernel.actor import Actor

BENCH = Actor("system", "bench", "Bench")
PASSWORD = "a password of the bench"

_, client, secret = register_application(
    acting_user=BENCH,
    organization=Organization.objects.get(name="Bench Partner"),
    name="Code flow",
    type="web",
    contact_email="bench@partner.example",
    environment=Environment.objects.get(name="sandbox"),
    created_by=None,
    redirect_uris=("https://localhost/callback",),
    products=("bench",),
    token_endpoint_auth_method="client_secret_post",
)
assert secret is not None
identities = []
for number in range(int(sys.argv[1])):
    add_customer(
        acting_user=BENCH,
        environment="sandbox",
        identity_number=f"19900101{number:04d}",
        name=f"Customer {number}",
        password=PASSWORD,
        subject=f"cus_bench{number}",
        is_sandbox_identity=True,
    )
    identities.append({"identity-number": f"19900101{number:04d}", "password": PASSWORD})
print(json.dumps({"client_id": client.client_id, "client_secret": secret.reveal(), "identities": identities}))
