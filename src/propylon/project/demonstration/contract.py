"""`demo.json`: the demonstration in the form that outsiders rely on (ARCHITECTURE, contract)."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from propylon.applications.selectors import scopes_of
from propylon.catalog.addresses import address_of
from propylon.catalog.models import Environment, Publication
from propylon.kernel.home import Home
from propylon.project.demonstration import cast
from propylon.project.demonstration.credentials import ClientCredentials, Credentials
from propylon.project.whole_file import write_file
from propylon.sandbox.people import PEOPLE


def write_contract(home: Home, *, public_url: str, mutual_url: str, credentials: Credentials) -> None:
    """Whole or not at all; it holds passwords, so only the owner reads it."""
    contract = {
        "issuer": settings.PROPYLON_ISSUER_URL,
        "public_url": public_url,
        "mutual_url": mutual_url,
        "ca_file": str(home.ca_file),
        "environments": {
            row.name: {"public_url": address.public_url, "mutual_url": address.mutual_url}
            for row, address in ((row, address_of(row)) for row in Environment.objects.order_by("position"))
        },
        "users": [
            {"role": person.role, "email": person.email, "password": credentials.passwords[person.email]}
            for person in cast.PEOPLE
        ],
        "applications": [_application(each) for each in credentials.clients],
        "identities": [
            {
                "identity_number": person.identity_number,
                "name": person.name,
                "password": credentials.identity_passwords[person.identity_number],
                "product": cast.PRODUCT,
            }
            for person in PEOPLE
        ],
        "products": _products(),
    }
    write_file(home.demo_file, json.dumps(contract, indent=2, ensure_ascii=False) + "\n", mode=0o600)


def _application(given: ClientCredentials) -> dict[str, Any]:
    """What an application does not have is null: a secret, a service account, a certificate."""
    client = given.client
    account = getattr(client, "service_account", None)
    return {
        "name": client.application.name,
        "type": client.application.type,
        "client_id": client.client_id,
        "client_secret": given.secret,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "redirect_uris": client.redirect_uris,
        "scopes": list(scopes_of(client)),
        "security_profile": client.security_profile,
        "environment": client.environment.name,
        "service_account": account.name if account else None,
        "certificate_file": str(given.files.certificate) if given.files else None,
        "private_key_file": str(given.files.private_key) if given.files else None,
    }


def _products() -> list[dict[str, str]]:
    """Paths follow the environment's URL."""
    rows = Publication.objects.select_related("product_version__product", "environment").order_by(
        "environment__position", "pk"
    )
    return [
        {
            "name": row.product_version.product.name,
            "version": row.product_version.version,
            "environment": row.environment.name,
            "base_path": row.product_version.mount_path,
            "sample_get": f"{row.product_version.mount_path}/accounts",
        }
        for row in rows
    ]
