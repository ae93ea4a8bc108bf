"""Who and what the demonstration consists of: organizations, people, applications, as data."""

from __future__ import annotations

from dataclasses import dataclass

BANK = "Propylon Bank"
PARTNER = "Nordlicht Pay"
OTHER_PARTNER = "Havn Capital"
SANDBOX = "sandbox"
PRODUCTION = "production"
PRODUCT = "accounts"

ORGANIZATIONS = (BANK, PARTNER, OTHER_PARTNER)


@dataclass(frozen=True, slots=True)
class Person:
    organization: str
    role: str
    email: str
    name: str


# The first of each role is the one that a reader of demo.json finds; the last is for who wants to see another's view.
PEOPLE = (
    Person(PARTNER, "developer", "dana@nordlicht.example", "Dana Holm"),
    Person(PARTNER, "analyst", "anton@nordlicht.example", "Anton Berg"),
    Person(PARTNER, "product_manager", "petra@nordlicht.example", "Petra Lund"),
    Person(PARTNER, "organization_manager", "omar@nordlicht.example", "Omar Strand"),
    Person(BANK, "relationship_manager", "rita@bank.example", "Rita Falk"),
    Person(BANK, "operator", "otto@bank.example", "Otto Ek"),
    Person(BANK, "auditor", "alma@bank.example", "Alma Sten"),
    Person(OTHER_PARTNER, "organization_manager", "hedda@havn.example", "Hedda Vik"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """An application of the demonstration. No source ranges: whoever tries it comes from loopback."""

    organization: str
    name: str
    type: str
    security_profile: str = "standard"
    redirect_uris: tuple[str, ...] = ()
    also_in_production: bool = False


_WEB = ("https://localhost/callback", "https://localhost:9443/callback")

PARTS = (
    Part(PARTNER, "Ledger Sync", "server", also_in_production=True),
    Part(PARTNER, "Payout Service", "server"),
    Part(PARTNER, "Account View", "web", redirect_uris=_WEB),
    Part(PARTNER, "Account View FAPI", "web", "fapi2", _WEB),
    Part(BANK, "Branch Desk", "internal", redirect_uris=("https://localhost/branch/callback",)),
    Part(PARTNER, "Budget Board", "spa", redirect_uris=("https://localhost/spa/callback",)),
    Part(
        PARTNER,
        "Pocket Balance",
        "native",
        redirect_uris=("http://127.0.0.1/callback", "com.example.nordlicht:/callback"),
    ),
    Part(OTHER_PARTNER, "Harbour Board", "spa", redirect_uris=("https://localhost/harbour/callback",)),
)
