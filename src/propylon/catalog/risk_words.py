"""What people read of the risk classes of scopes."""

from __future__ import annotations

from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

RISK_WORDS = MappingProxyType(
    {
        "low": (_("Low"), _("Little could happen: a login is enough.")),
        "normal": (_("Normal"), _("A login is enough.")),
        "high": (_("High"), _("Customers need a second step at their login before they can consent.")),
    }
)
