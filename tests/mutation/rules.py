"""Every rule of the gateway, and how it is broken: the table that `make mutate` runs."""

from __future__ import annotations

from types import MappingProxyType

from mutation.answer_rules import ANSWERS
from mutation.filter_rules import FILTER_CHAIN
from mutation.listener_rules import LISTENER
from mutation.mutant import Mutant
from mutation.route_rules import ROUTES
from mutation.token_rules import TOKENS

MUTANTS: MappingProxyType[str, Mutant] = MappingProxyType(
    {each.breaks: each for each in (*LISTENER, *TOKENS, *FILTER_CHAIN, *ROUTES, *ANSWERS)}
)
