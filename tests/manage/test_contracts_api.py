"""Contracts by the management API: kept by the operator, read by the partner."""

from __future__ import annotations

from management import Program
from propylon.applications.contracts import today


def test_a_contract_is_kept_by_the_api(program: Program) -> None:
    operator, developer = program.callers["operator"], program.callers["developer"]
    path = f"/organizations/{program.partner.public_id}/contracts"
    wish = {"number": "OF-1", "title": "Payments", "starts_on": str(today()), "environments": ["sandbox"]}
    refused = operator.post(path, wish)
    assert (refused.status, refused.code, refused.fields) == (400, "contract.terms.invalid", {"calls_per_day"})
    made = operator.post(path, {**wish, "calls_per_day": 500})
    assert (made.status, made.body["state"], made.body["days_left"]) == (201, "in_force", None)
    one = f"/contracts/{made.body['id']}"
    assert developer.get(path).body["data"] == [made.body]
    assert developer.get(one).body == made.body
    changed = operator("PUT", one, {**wish, "calls_per_day": 700, "ends_on": str(today())})
    assert (changed.status, changed.body["calls_per_day"], changed.body["days_left"]) == (200, 700, 0)
    ended = operator.post(f"{one}/end", {"reason": "Merged."})
    assert (ended.body["state"], ended.body["end_reason"]) == ("ended", "Merged.")
    assert operator.post(f"{one}/end", {"reason": "Merged."}).code == "contract.ended"
