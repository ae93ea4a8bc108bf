"""What the worker repeats for this room."""

from __future__ import annotations

from propylon.certificates.actions import order_wished, renew_crls, renew_test_qwacs, resume_orders, revoke_orphans
from propylon.kernel.periodic import Periodic

PERIODIC: tuple[Periodic, ...] = (
    Periodic("certificates.order_wished", 2, order_wished),
    Periodic("certificates.resume_orders", 30, resume_orders),
    Periodic("certificates.renew_crls", 3600, renew_crls),
    Periodic("certificates.renew_test_qwacs", 3600, renew_test_qwacs),
    Periodic("certificates.revoke_orphans", 60, revoke_orphans),
)
