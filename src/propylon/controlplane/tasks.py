"""What the worker repeats for the control plane."""

from __future__ import annotations

from propylon.controlplane.quota_leases import forget_days
from propylon.kernel.periodic import Periodic

PERIODIC = (Periodic("controlplane.forget_days", 3600.0, forget_days),)
