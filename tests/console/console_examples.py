"""What the tests of the console share: a document, a call record."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from propylon.usage.models import CallRecord

DOCUMENT = """
openapi: 3.0.3
info: {title: Cards, version: 1.2.0}
paths:
  /cards:
    get:
      operationId: listCards
      summary: The customer's cards
      responses: {"200": {description: Cards}}
  /cards/{id}:
    get:
      operationId: getCard
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: One card}}
"""


def call_record(**wishes: Any) -> CallRecord:
    return CallRecord.objects.create(
        **{
            "tracking_id": str(uuid.uuid4()),
            "at": timezone.now(),
            "node": "node-1",
            "listener": "public",
            "environment": "sandbox",
            "product": "accounts",
            "version": "v1",
            "operation": "listAccounts",
            "method": "GET",
            "path": "/sandbox/accounts/v1/accounts",
            "status": 401,
            "refusal_code": "gateway.token.expired",
            "duration_ms": 3,
            **wishes,
        }
    )
