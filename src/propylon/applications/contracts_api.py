"""Contracts in the management API: the partner reads its own, the operator keeps them."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from propylon.accounts.access import access_organization, actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_contract
from propylon.applications.check_contract import ContractTerms
from propylon.applications.contracts import contracts_of, today
from propylon.applications.models import Contract
from propylon.audit.paging import PageQuery, Paging, page_of

router = Router(tags=["Contracts"])


class ContractIn(Schema):
    """All that is agreed; changing a contract gives all of it again."""

    number: str = Field(max_length=60, description="Of the order form.")
    title: str = Field(max_length=120)
    starts_on: date = Field(description="The first day, in UTC.")
    ends_on: date | None = Field(None, description="The last day; null: until it is ended.")
    environments: list[str] = Field(
        default_factory=list, max_length=50, description="Names, where the limits take the place of the plans' quotas."
    )
    calls_per_day: int | None = Field(None, ge=0, description="Of each application; null is unlimited.")
    calls_per_month: int | None = Field(None, ge=0)
    note: str = Field("", max_length=400, description="The partner reads it, too.")
    document_link: str = Field("", max_length=300)

    def terms(self) -> ContractTerms:
        told = self.model_dump()
        return ContractTerms(**{**told, "environments": tuple(told["environments"])})


class ContractOut(ContractIn):
    id: str
    organization: str = Field(description="Its id.")
    state: str = Field(description="coming, in_force or ended")
    days_left: int | None
    ended_at: datetime | None = Field(description="When it was ended before its time.")
    end_reason: str


class ContractPage(Schema):
    data: list[ContractOut]
    paging: Paging


class EndIn(Schema):
    reason: str = Field(max_length=400, description="The partner reads it in the mail.")


@router.get("/organizations/{organization_id}/contracts", response=ContractPage, summary="An organization's contracts")
def list_contracts(request: HttpRequest, organization_id: str, query: Query[PageQuery]) -> ContractPage:
    organization = access_organization(current_user(request), organization_id, Permission.VIEW_APPLICATIONS)
    page = page_of(contracts_of(organization), query, name=f"contracts of {organization.public_id}")
    return ContractPage(data=[contract_out(row) for row in page.rows], paging=page.paging)


@router.post(
    "/organizations/{organization_id}/contracts", response={201: ContractOut}, summary="Add a contract (operator)"
)
def create_contract(request: HttpRequest, organization_id: str, payload: ContractIn) -> Status[ContractOut]:
    """Its limits count from its first day on, for every application in the environments it names."""
    user = current_user(request)
    organization = access_organization(user, organization_id)
    require(user, Permission.MANAGE_PROGRAM)
    made = actions.create_contract(acting_user=actor_of(user), organization=organization, terms=payload.terms())
    return Status(201, contract_out(made))


@router.get("/contracts/{contract_id}", response=ContractOut, summary="One contract")
def show_contract(request: HttpRequest, contract_id: str) -> ContractOut:
    return contract_out(access_contract(current_user(request), contract_id, Permission.VIEW_APPLICATIONS))


@router.put("/contracts/{contract_id}", response=ContractOut, summary="Change a contract (operator)")
def change_contract(request: HttpRequest, contract_id: str, payload: ContractIn) -> ContractOut:
    user = current_user(request)
    found = access_contract(user, contract_id, Permission.MANAGE_PROGRAM)
    return contract_out(actions.change_contract(acting_user=actor_of(user), contract=found, terms=payload.terms()))


@router.post("/contracts/{contract_id}/end", response=ContractOut, summary="End it before its time (operator)")
def end_contract(request: HttpRequest, contract_id: str, payload: EndIn) -> ContractOut:
    user = current_user(request)
    found = access_contract(user, contract_id, Permission.MANAGE_PROGRAM)
    return contract_out(actions.end_contract(acting_user=actor_of(user), contract=found, reason=payload.reason))


def contract_out(row: Contract) -> ContractOut:
    return ContractOut(
        id=row.public_id,
        organization=row.organization.public_id,
        number=row.number,
        title=row.title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        environments=row.environments,
        calls_per_day=row.calls_per_day,
        calls_per_month=row.calls_per_month,
        note=row.note,
        document_link=row.document_link,
        state=row.state,
        days_left=row.days_left(today()) if row.state == "in_force" else None,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
    )
