"""What waits for the customer, and the customer's answer: plain forms that work without scripts, on one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from propylon.authserver.customer_session import actor_of
from propylon.authserver.models import CustomerSession
from propylon.authserver.pages import page, see_other
from propylon.catalog.models import Environment
from propylon.customers.approvals import Answer, access_approval, accounts_to_choose, answer_approval
from propylon.customers.selectors import waiting_approvals
from propylon.customers.throttle import MOST_WAITING
from propylon.kernel.errors import Kind, PropylonError
from propylon.portal.consents.access import logged_in

_ANSWERS = {"approve": Answer.APPROVED, "deny": Answer.DENIED}


@require_http_methods(["GET", "HEAD"])
@logged_in("approvals")
def approvals(request: HttpRequest, session: CustomerSession) -> HttpResponse:
    return _list(request, session, told=request.GET.get("answered", ""))


@require_POST
@logged_in("approvals")
def answer(request: HttpRequest, session: CustomerSession, approval_id: str) -> HttpResponse:
    """The button's name says yes or no; a question that is over is answered by saying so."""
    found = access_approval(session.environment, session.subject, approval_id)
    chosen = _ANSWERS.get(request.POST.get("answer", ""))
    if chosen is None:
        return see_other(reverse("portal_approvals:list"))
    try:
        answer_approval(
            acting_user=actor_of(session),
            approval=found,
            answer=chosen,
            authenticated_at=session.begun_at,
            accounts=request.POST.getlist("account"),
        )
    except PropylonError as error:
        if error.code == "approval.accounts.missing":
            return _list(request, session, told="accounts", status=400)
        if error.kind is not Kind.CONFLICT:
            raise
        return _list(request, session, told="over", status=409)
    return see_other(f"{reverse('portal_approvals:list')}?answered={chosen.value}")


def _list(request: HttpRequest, session: CustomerSession, *, told: str, status: int = 200) -> HttpResponse:
    waiting = waiting_approvals().filter(environment=session.environment, subject=session.subject)
    context = {
        "approvals": [(each, accounts_to_choose(each)) for each in waiting[:MOST_WAITING]],
        "told": told if told in {"approved", "denied", "over", "accounts"} else "",
        "environment": Environment.objects.filter(name=session.environment).first(),
    }
    return page(request, "portal/approvals/list", context, status=status)
