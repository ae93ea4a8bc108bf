"""Everything that changes the catalogue."""

from propylon.catalog.actions.detail_types import (
    add_detail_type,
    change_detail_type,
    remove_detail_type,
    set_asks_accounts,
)
from propylon.catalog.actions.drafts import (
    Destination,
    change_draft,
    draft_import,
    forget_drafts,
    import_draft,
    preview_of,
)
from propylon.catalog.actions.importing import import_product, store_api
from propylon.catalog.actions.infrastructure import create_environment, create_plan, create_upstream
from propylon.catalog.actions.infrastructure_changes import (
    change_environment,
    change_plan,
    change_upstream,
    remove_plan,
)
from propylon.catalog.actions.lifecycle import LifecycleWish, end_versions, set_lifecycle
from propylon.catalog.actions.listing import set_listing
from propylon.catalog.actions.publishing import publish, set_visibility, unpublish, write_mocks
from propylon.catalog.actions.risks import set_scope_risks
from propylon.catalog.actions.rules import set_call_rules, set_operation_access

__all__ = [
    "Destination",
    "LifecycleWish",
    "add_detail_type",
    "change_detail_type",
    "change_draft",
    "change_environment",
    "change_plan",
    "change_upstream",
    "create_environment",
    "create_plan",
    "create_upstream",
    "draft_import",
    "end_versions",
    "forget_drafts",
    "import_draft",
    "import_product",
    "preview_of",
    "publish",
    "remove_detail_type",
    "remove_plan",
    "set_asks_accounts",
    "set_call_rules",
    "set_lifecycle",
    "set_listing",
    "set_operation_access",
    "set_scope_risks",
    "set_visibility",
    "store_api",
    "unpublish",
    "write_mocks",
]
