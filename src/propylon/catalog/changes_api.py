"""What changed between two versions of a product, in the management API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.api_auth import current_user
from propylon.catalog import access
from propylon.catalog.change_words import what_changed, why_it_breaks
from propylon.catalog.version_difference import version_before, version_difference
from propylon.kernel.errors import Kind, PropylonError
from propylon.openapi.difference import Difference

router = Router(tags=["Products"])


class ChangeOut(Schema):
    code: str = Field(description="What it is, such as property.removed.")
    what: str
    is_breaking: bool = Field(description="May a program that was written for the old version fail?")
    why: str = Field(description="Of a change that breaks: the reason.")
    place: str = Field(description="JSON pointer into the new document; into the old one for what is gone.")
    name: str
    before: str
    after: str
    direction: str = Field(description="request, response or empty")
    operations: list[str]


class DifferenceOut(Schema):
    before: str
    after: str
    is_breaking: bool
    operations: list[str] = Field(description="Those that changed.")
    changes: list[ChangeOut] = Field(description="Those that break come first.")


@router.get(
    "/products/{name}/versions/{version}/changes",
    response=DifferenceOut,
    summary="What changed since another version, and what breaks programs",
)
def list_changes(request: HttpRequest, name: str, version: str, since: str = "") -> DifferenceOut:
    """`since` is another version of the product; without it, the one that was imported before."""
    user = current_user(request)
    after = access.access_version(user, name, version)
    before = access.access_version(user, name, since) if since else version_before(after)
    if before is None:
        raise PropylonError(
            "catalog.version.first",
            f"{version} is the first version of {name}, so there is nothing to compare it with.",
            kind=Kind.NOT_FOUND,
        )
    return difference_out(before.version, after.version, version_difference(before, after))


def difference_out(before: str, after: str, found: Difference) -> DifferenceOut:
    return DifferenceOut(
        before=before,
        after=after,
        is_breaking=found.is_breaking,
        operations=list(found.operations),
        changes=[
            ChangeOut(
                code=change.code,
                what=what_changed(change),
                is_breaking=change.is_breaking,
                why=why_it_breaks(change),
                place=change.place,
                name=change.name,
                before=change.before,
                after=change.after,
                direction=change.direction,
                operations=list(change.operations),
            )
            for change in found.changes
        ],
    )
