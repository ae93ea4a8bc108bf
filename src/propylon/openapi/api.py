"""What Propylon takes out of an OpenAPI document: operations, scopes, version, mount path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from propylon.openapi.access import NO_RULES, AccessRules
from propylon.openapi.mistakes import Mistake

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_VERSION_SEGMENT = re.compile(r"^v[0-9]+$")


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One method on one path template, as the document describes it."""

    operation_id: str
    method: str  # upper case
    path: str
    summary: str
    scopes: tuple[str, ...]  # all are needed; empty when the document asks for none, or only optionally
    tag: str = ""  # the first one
    is_deprecated: bool = False
    access: AccessRules = NO_RULES  # beside the scopes


@dataclass(frozen=True, slots=True)
class Api:
    """A document without mistakes. `document` holds plain JSON values."""

    document: Mapping[str, Any]
    title: str
    description: str
    version: str  # "v1"
    paths_begin_with_version: bool
    operations: tuple[ApiOperation, ...]
    scopes: Mapping[str, str]  # name: what it allows, in the document's words
    notes: tuple[Mistake, ...] = ()  # what was mended, and what is taken otherwise than the author may expect

    def mount_path(self, product: str, version: str) -> str:
        """Where the version lies below an environment: paths that begin with their version are not given it twice."""
        return f"/{product}" if self.paths_begin_with_version else f"/{product}/{version}"


def version_segment(paths: Mapping[str, Any]) -> str:
    """`v1` when every path begins with `/v1/`, else empty."""
    firsts = {path.split("/")[1] if path.count("/") > 1 else "" for path in paths}
    first = firsts.pop() if len(firsts) == 1 else ""
    return first if _VERSION_SEGMENT.fullmatch(first) else ""


def version_name(info_version: str) -> str:
    """`v1` from `1.3.11_2021-09-24`: the major version."""
    major = re.match(r"\s*[vV]?([0-9]{1,9})", info_version)
    return f"v{int(major.group(1))}" if major else "v1"


def generated_operation_id(method: str, path: str) -> str:
    """`getAccountsById` for `GET /accounts/{id}`: for documents that name none."""
    words = []
    for segment in path.split("/"):
        name = segment.strip("{}")
        by = ["by"] if segment.startswith("{") else []
        words += by + [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    return method.lower() + "".join(word[0].upper() + word[1:] for word in words)


def slug(title: str) -> str:
    """A product's name from a title: lower-case letters, digits, hyphens; at most 60 characters."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "product"
