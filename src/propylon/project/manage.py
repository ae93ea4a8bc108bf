"""The management API: every room's routers in one place, `/manage/v1`."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from propylon.accounts.api import router as accounts
from propylon.accounts.api_auth import PermittedTokenAuth, PersonalAccessTokenAuth
from propylon.accounts.organizations_api import router as organizations
from propylon.accounts.roles import Permission
from propylon.applications.api import router as applications
from propylon.applications.clients_api import router as clients
from propylon.applications.contracts_api import router as contracts
from propylon.applications.detail_types_api import router as client_detail_types
from propylon.applications.end_users_api import router as end_users
from propylon.applications.regenerations_api import router as regenerations
from propylon.applications.registration_tokens_api import router as registration_tokens
from propylon.audit.api import router as audit
from propylon.authserver.api import router as simulated_approvals
from propylon.authserver.logout_api import router as logout_uris
from propylon.authserver.subject_type_api import router as subject_types
from propylon.catalog.api import router as products
from propylon.catalog.changes_api import router as version_changes
from propylon.catalog.customer_directories_api import router as customer_directories
from propylon.catalog.detail_types_api import router as detail_types
from propylon.catalog.infrastructure_api import environments_router
from propylon.catalog.preview_api import router as previews
from propylon.certificates.api import router as certificates
from propylon.certificates.trust_anchors_api import router as trust_anchors
from propylon.controlplane.api import router as controlplane
from propylon.controlplane.marks_api import router as marks
from propylon.controlplane.metrics_api import router as metrics
from propylon.customers.accounts_api import router as customer_accounts
from propylon.news.api import router as news
from propylon.notifications.api import router as notifications
from propylon.portal.calling.api import router as calling
from propylon.project.api_errors import ERROR_SCHEMA, answer_errors
from propylon.usage.analytics_api import router as analytics
from propylon.usage.api import router as usage
from propylon.usage.versions_api import router as version_callers

DESCRIPTION = (
    "Everything that portal and console can do. Sign in with `POST /manage/v1/access-tokens` and send the token as "
    "`Authorization: Bearer …`. Errors have one form, described as `Error`."
)


class ManagementAPI(NinjaAPI):
    """Describes the standard error of every operation, so that no router has to."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"]["schemas"]["Error"] = ERROR_SCHEMA
        answer = {
            "description": "Refused; `code` says why and `message` what to do next.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = answer
        return schema


api = ManagementAPI(
    title="Propylon management API",
    version="v1",
    description=DESCRIPTION,
    urls_namespace="manage",
    docs_url=None,  # ninja's page would load its scripts from another host
    auth=PersonalAccessTokenAuth(),
)
answer_errors(api)

api.add_router("", accounts)
api.add_router("/organizations", organizations)
api.add_router("/applications", applications)
api.add_router("/clients", clients)
api.add_router("/clients", client_detail_types)
api.add_router("/clients", subject_types)
api.add_router("", regenerations)
api.add_router("", registration_tokens)
api.add_router("", end_users)
api.add_router("", contracts)
api.add_router("", previews)
api.add_router("", version_changes)
api.add_router("/products", products)
api.add_router("/products", detail_types)
api.add_router("/products", calling)
api.add_router("", environments_router)
api.add_router("", customer_directories)
api.add_router("", customer_accounts)
api.add_router("", certificates)
api.add_router("", trust_anchors)
api.add_router("/clients", simulated_approvals)
api.add_router("/clients", logout_uris)
api.add_router("", analytics)
api.add_router("", metrics)
api.add_router("", usage)
api.add_router("", version_callers)
api.add_router("/marks", marks)
api.add_router("/news", news)
api.add_router("/gateway", controlplane)
# These rooms lie below accounts and cannot ask for a permission themselves.
api.add_router("/events", audit, auth=PermittedTokenAuth(Permission.VIEW_PROGRAM))
api.add_router("/mails", notifications, auth=PermittedTokenAuth(Permission.VIEW_PROGRAM))
