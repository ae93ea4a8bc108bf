"""Lines of a call log as a gateway writes them, for the benches of ingestion and analytics."""

from __future__ import annotations

import random
import uuid

from propylon.gateway.call_log import FIELDS, LINE_MARK

APPLICATIONS, OPERATIONS, PRODUCTS = 500, 300, 30
_EXPIRED = "jwt_authn_access_denied{Jwt_is_expired}"


def lines(count: int, *, began_at: float, per_second: int, operations_of_each: int, seed: int) -> list[bytes]:
    """Applications and operations in even order; each application calls so many operations. 3 per cent are refused."""
    chance = random.Random(seed)
    return [_line(chance, began_at + number / per_second, operations_of_each) for number in range(count)]


def application_name(number: int) -> str:
    return f"app_{number:016d}"


def operation_of(number: int) -> tuple[str, str]:
    """Product and operation."""
    return f"product-{number % PRODUCTS}", f"operation{number // PRODUCTS}"


def _line(chance: random.Random, at: float, operations_of_each: int) -> bytes:
    application = chance.randrange(APPLICATIONS)
    product, operation = operation_of((application * 7 + chance.randrange(operations_of_each)) % OPERATIONS)
    is_fine = chance.random() < 0.97
    call = {
        "at": f"{at:.3f}",
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "early_id": "20261122-0046-4350-8000-000585843000",
        "listener": "mutual",
        "environment": "sandbox",
        "product": product,
        "version": "v1",
        "operation": operation,
        "status": 200 if is_fine else 401,
        "details": "via_upstream" if is_fine else _EXPIRED,
        "client": f"cli_{application:016d}",
        "application": application_name(application),
        "jti": f"jti_{chance.getrandbits(96):024x}",
        "duration_ms": int(chance.lognormvariate(3, 1)),
        "upstream_ms": 3,
        "received": 0,
        "sent": 2048,
        "address": "127.0.0.1",
        "fingerprint": "ab" * 32,
        "protocol": "HTTP/2",
        "tls": "TLSv1.3",
        "method": "GET",
        "path": f"/sandbox/{product}/v1/accounts/acc-000001/transactions",
    }
    values = (str(call.get(key, "-")) for key in FIELDS)
    return ("\t".join([LINE_MARK, *values]) + "\n").encode()
