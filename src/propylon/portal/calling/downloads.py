"""What a developer takes along: Postman collection and environment, code samples. Made from the catalogue's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from propylon.applications.models import Client
from propylon.catalog.models import Environment, Operation, ProductVersion
from propylon.catalog.selectors import operations
from propylon.kernel.errors import Kind, PropylonError
from propylon.openapi import collection
from propylon.openapi.postman_request import CollectionOperation
from propylon.openapi.samples import LANGUAGES, SampleClient
from propylon.openapi.samples.call import SampleCall, sample_call
from propylon.portal.calling.addresses import addresses_for
from propylon.portal.calling.choices import MUTUAL, calling_facts
from propylon.portal.calling.documents import example_of, examples_of


@dataclass(frozen=True, slots=True)
class Sample:
    """`lexer` is Pygments' name of the language."""

    language: str
    title: str
    lexer: str
    filename: str
    text: str


def environment_for(version: ProductVersion, client: Client | None) -> Environment:
    """The client's; without one the first that the version answers in. Raises `catalog.version.unpublished`."""
    if client is not None:
        return client.environment
    first = version.publications.select_related("environment").order_by("environment__position", "pk").first()
    if first is None:
        raise PropylonError(
            "catalog.version.unpublished",
            "This version answers in no environment yet, so there is nothing to call.",
            kind=Kind.CONFLICT,
        )
    return first.environment


def postman_collection(version: ProductVersion, client: Client | None) -> dict[str, Any]:
    """Format v2.1.0; without a client for a server application of the reader's own."""
    return collection.postman_collection(_described(version, client), _caller(version, client))


def postman_environment(version: ProductVersion, client: Client | None) -> dict[str, Any]:
    return collection.postman_environment(_described(version, client), _caller(version, client))


def samples(operation: Operation, client: Client | None) -> list[Sample]:
    """One per language. Raises `catalog.version.unpublished`."""
    call, caller = _sample_call(operation, client), _sample_client(client)
    return [
        Sample(language.name, language.title, language.lexer, language.filename(call), language.write(call, caller))
        for language in LANGUAGES.values()
    ]


def _described(version: ProductVersion, client: Client | None) -> collection.CollectionVersion:
    examples = examples_of(version)
    found = [
        CollectionOperation(row.operation_id, request, needs_token=not row.is_public)
        for row in operations(version).order_by("pk")
        if (request := examples.request(row.method, row.path_template)) is not None
    ]
    return collection.CollectionVersion(
        product=version.product.name,
        title=version.product.title,
        version=version.version,
        environment=environment_for(version, client).title,
        description=version.product.description,
        base_path=version.mount_path,
        operations=found,
    )


def _caller(version: ProductVersion, client: Client | None) -> collection.CollectionClient:
    facts = calling_facts(client) if client else None
    addresses = addresses_for(environment_for(version, client), facts.listeners[0] if facts else MUTUAL)
    scopes = {scope for row in operations(version) for scope in row.scopes}
    return collection.CollectionClient(
        name=client.application.name if client else "",
        client_id=client.client_id if client else "",
        auth_method=client.token_endpoint_auth_method if client else "tls_client_auth",
        uses_client_credentials=facts.uses_client_credentials if facts else True,
        has_certificate=MUTUAL in facts.listeners[:1] if facts else True,
        pushes_requests=facts.policy.requires_par if facts else False,
        scopes=tuple(sorted(scopes)),
        base_url=addresses.base_url,
        token_url=addresses.token_url,
        authorize_url=addresses.authorize_url,
        ca_url=addresses.ca_url,
    )


def _sample_client(client: Client | None) -> SampleClient:
    if client is None:
        return SampleClient("", uses_client_credentials=True, has_certificate=True)
    facts = calling_facts(client)
    return SampleClient(
        client.client_id,
        uses_client_credentials=facts.uses_client_credentials,
        has_certificate=facts.listeners[0] == MUTUAL,
    )


def _sample_call(operation: Operation, client: Client | None) -> SampleCall:
    version = operation.product_version
    listeners = calling_facts(client).listeners_for(operation) if client else (MUTUAL,)
    addresses = addresses_for(environment_for(version, client), (*listeners, MUTUAL)[0])
    return sample_call(
        example_of(operation),
        name=operation.operation_id,
        base_url=addresses.base_url + version.mount_path,
        token_url=addresses.token_url,
        ca_url=addresses.ca_url,
        scopes=operation.scopes,
        needs_token=not operation.is_public,
    )
