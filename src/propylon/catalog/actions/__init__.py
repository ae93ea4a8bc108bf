"""Everything that changes the catalogue."""

from propylon.catalog.actions.importing import import_product
from propylon.catalog.actions.infrastructure import create_environment, create_plan, create_upstream
from propylon.catalog.actions.publishing import publish, set_operation_access, set_visibility, unpublish, write_mocks

__all__ = [
    "create_environment",
    "create_plan",
    "create_upstream",
    "import_product",
    "publish",
    "set_operation_access",
    "set_visibility",
    "unpublish",
    "write_mocks",
]
