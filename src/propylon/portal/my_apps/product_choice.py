"""Products to choose from: the chosen ones first, then those that match; never more than a page can show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from propylon.applications.selectors import subscribable_products
from propylon.catalog.models import Environment, Product

SHOWN = 10


@dataclass(frozen=True, slots=True)
class ProductChoice:
    """`text` is what was searched for; `has_more` says that others match, too, which a narrower search finds."""

    chosen: tuple[Product, ...]
    others: tuple[Product, ...]
    text: str
    has_more: bool

    @property
    def needs_search(self) -> bool:
        return self.has_more or bool(self.text)


def product_choice(
    text: str = "",
    *,
    chosen: Collection[str] = (),
    without: Collection[str] = (),
    environment: Environment | None = None,
) -> ProductChoice:
    """`chosen` are names that stay in sight; `without` names that are not offered."""
    text = text.strip()[:80]
    kept = list(subscribable_products().filter(name__in=list(chosen)[:100])) if chosen else []
    found = subscribable_products(text, environment=environment)
    found = found.exclude(name__in=[*without, *(product.name for product in kept)])
    others = list(found[: SHOWN + 1])
    return ProductChoice(tuple(kept), tuple(others[:SHOWN]), text, has_more=len(others) > SHOWN)
