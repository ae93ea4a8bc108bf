"""What the demonstration's bank tells its partners."""

from __future__ import annotations

from propylon.news.actions import ArticleWish
from propylon.news.models import ArticleKind
from propylon.project.demonstration import cast

ARTICLES = (
    ArticleWish(
        title="Books that keep themselves",
        kind=ArticleKind.SOLUTION,
        summary="An accounting service reads balances and transactions every night, so that nobody types them in.",
        text=(
            "A server application signs in with its own certificate; no person has to be there. It lists the accounts, "
            "then the transactions since its last visit: a cursor that it kept leads to the very place.\n\n"
            "What you need: an application of the type *Server to server*, its certificate, and a subscription to "
            "Accounts.\n\n"
            "1. `GET /accounts` once a day, to learn of new accounts.\n"
            "2. `GET /accounts/{id}/transactions` for each, with the cursor of the last page you have.\n"
            "3. Log the `RequestTrackingId` of every answer; support finds a call by it.\n"
        ),
        product=cast.PRODUCT,
        is_published=True,
    ),
    ArticleWish(
        title="All accounts in one app",
        kind=ArticleKind.SOLUTION,
        summary="A personal finance app shows a customer's balances once the customer has agreed, and for as long as "
        "the customer wishes.",
        text=(
            "The customer logs in at the bank, sees what the app asks for and chooses which accounts it may see. The "
            "app gets a token that stands for exactly that; withdrawn consent ends it within a second.\n\n"
            "What you need: an application of the type *Web application* or *Mobile or desktop application*, a "
            "redirect URI, and a subscription to Accounts.\n"
        ),
        product=cast.PRODUCT,
        is_published=True,
    ),
    ArticleWish(
        title="The sandbox is open",
        kind=ArticleKind.NEWS,
        summary="Accounts and transactions of invented customers, from the first minute and without a contract.",
        text=(
            "Everything that production has, the sandbox has too: the same gateway, the same tokens, the same errors. "
            "Only the customers are invented. Applications are approved there by themselves.\n"
        ),
        product=cast.PRODUCT,
        is_published=True,
    ),
)
