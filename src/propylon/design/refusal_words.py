"""What refusals say to a person, in the page's language.

Errors are raised in English, which is what APIs and logs say. A page looks its sentences up here; one that nobody has
listed stays English. `{name}` stands for a value, which is kept, or put into words if it is listed itself.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

SENTENCES = (
    # ── any form ──
    _("Correct the fields named in errors and try again."),
    _("Correct the fields named in errors and try again. Nothing was changed."),
    _("Correct the fields named in errors and try again. Nothing was stored."),
    _("Correct the fields named in errors. Nothing was changed."),
    _("Correct the fields named in errors. Nothing was stored."),
    _("Correct the fields named in errors. Nothing was sent."),
    _("Correct what is named below and try again."),
    _("must not be empty"),
    _("missing"),
    _("is needed"),
    _("takes 2 to {longest} characters"),
    _("takes 1 to {longest} characters"),
    _("1 to {longest} characters"),
    _("at most {longest} characters"),
    _("longer than {longest} characters"),
    _("more than {most}"),
    _("at most {most}"),
    _("between 0 and {most}"),
    _("between 1 and {most}"),
    _("one of {allowed}"),
    _("must be one of {allowed}"),
    _("holds characters that cannot be printed"),
    _("1 to {longest} lower-case letters, digits and hyphens"),
    _("1 to 80 lower-case letters, digits and hyphens"),
    _("1 to 60 lower-case letters, digits and hyphens, such as 'accounts'"),
    _("an https address of at most {longest} characters"),
    # ── who is here ──
    _("Sign in first."),
    _("Sign in to see this page."),
    _("Your role does not allow you to {what}. Ask your organization's manager."),
    _("Your role in the bank does not allow you to {what}. The roles in the console say which one does."),
    _("The console is for the bank's own staff. Your applications are under My apps."),
    _("see the organization's applications"),
    _("add and change applications"),
    _("see client secrets"),
    _("see calls and usage"),
    _("manage the organization's members"),
    _("look at the program's console"),
    _("change products, environments and organizations"),
    _("decide about requests"),
    _("revoke certificates, block callers and switch users off"),
    _("That was tried too often. Wait {minutes} minutes and try again."),
    _("This code is not right, or it was used already. Wait for the next one and try again."),
    _("This is not your password. Try again."),
    _("not an e-mail address"),
    _("Choose another password."),
    _("This address has an account. Sign in with it."),
    _("This link was used, has expired or is not complete. Sign in, or sign up again for a new one."),
    _("This invitation was used, withdrawn or has expired. Ask for a new one."),
    _("the terms have changed; read and accept version {version}"),
    _("takes one minute to 365 days"),
    # ── organizations and members ──
    _("There is an organization of this name. Choose another."),
    _("There is no such organization among yours."),
    _("There is no such member among yours."),
    _("There is no such invitation among yours."),
    _("There is no such user among yours."),
    _("This person is a member already."),
    _("This is the last {role}. Give somebody else that role first."),
    _("You cannot switch off yourself. Ask another operator."),
    _("no organization has this name or id"),
    # ── applications and keys ──
    _("There is no such application among yours."),
    _("There is no such client among yours."),
    _("your organization has an application of this name"),
    _("is for the bank's own organizations; choose another type"),
    _("this application type needs at least one"),
    _("this application type has no redirect URIs"),
    _("one is listed twice"),
    _("is not a URI"),
    _("has no host"),
    _("must begin with https://"),
    _("must begin with https:// under this security profile"),
    _("must begin with https:// (http only on your own machine)"),
    _("must begin with https:// or a scheme that is your domain name in reverse, like com.example.app:/"),
    _("has a fragment (#…), which RFC 6749 does not allow"),
    _("has user information before the host"),
    _("has characters that do not belong into a URI; percent-encode them"),
    _("has a *; redirect URIs are compared character by character, so list each one"),
    _("more than {most} ranges"),
    _("every address; list none instead"),
    _("this application type takes none: users call from anywhere"),
    _("{given}: {reason}"),
    _("has bits set beyond its prefix; write the network's first address"),
    _("not an IPv4 or IPv6 range such as 192.0.2.0/24 or 2001:db8::/32"),
    _("there is no such product"),
    _("Say why, in words that help the developer."),
    _("Say in a few words why you need new keys: the operator decides by it."),
    _("Say why the secret is replaced; it stays in the application's history."),
    _("Say why the tokens are refused; it stays in the application's history."),
    _("Say what has changed since the rejection, for the operator who decides. Nothing was sent."),
    _("A request for new keys waits for the operator already. Withdraw it to write another."),
    _("This client has no secret: it is not approved yet, or it authenticates in another way."),
    _("Only an approved client has tokens; this one is {state}. Nothing was changed."),
    _(
        "Somebody decided this meanwhile: the client is {state}, no longer {before}. Nothing was changed; look at it "
        "again."
    ),
    _("The application is in {environment} already."),
    _("There is no such product. The catalogue lists their names."),
    _("The client has {product} already."),
    _("No call of yours has this tracking id. Check the id; a call shows some seconds after it was made."),
    # ── certificates ──
    _("There is no such order among yours."),
    _("There is no such certificate among yours."),
    _("This signing request cannot become a certificate. Correct what is listed and send a new one."),
    _("This client has an order that waits for a decision or a signature. Wait for it, or have it refused."),
    _("Say why the order is refused; the partner reads it."),
    _("Correct what is listed and try again; the link has not been used."),
    _("There is no such link. Copy it from the mail as a whole, or ask for a new one on the application's page."),
    _("This link has ended. Ask for a new one on the application's page."),
    _("This link works once, and it was used. If that was not you, revoke the certificate and order a new one."),
    _("This certificate was revoked. Order a new one."),
    _("pem: a pfx holds the private key, and you have that yourself"),
    _("printable characters only"),
    # ── contracts, plans and quotas ──
    _("not before the day it begins"),
    _("another contract of the organization has it"),
    _("at least one where the limits count"),
    _("a limit per day, per month, or both, for these environments"),
    _("between 0 and {most}, or empty for unlimited"),
    _("Say in a few words why it ends before its time: the partner reads it."),
    _("The contract has ended and stays as it was. Add another one."),
    _("A plan {name} exists already. Choose another name."),
    _("needs a limit per day, per month, or both"),
    _("metered or exact, as there is a limit"),
    _("make another plan the one of new applications first"),
    _("at least as much as requests_per_second, at most 10000000"),
    # ── products and infrastructure ──
    _("There is no such product. The list of products names those that you may see."),
    _("The product {product} has no version {version}. Its description names those that it has."),
    _("Give one OpenAPI document, as a file or as text."),
    _("This preview has ended: it was imported, replaced by a newer one, or left for too long. Begin again."),
    _("An environment {name} or with the prefix {prefix} exists already. Choose another name."),
    _("An upstream {name} exists already. Choose another name."),
    _("one free path segment, such as '/sandbox'"),
    _("a path such as /health, or empty"),
    _("unix:/path, http://host:port or https://host:port"),
    _("addresses of the same scheme as the first, each once"),
    _("certificates in PEM form, and nothing else"),
    _("needed for https: products answer from this upstream"),
    _("An operation is public, or asks for a certificate or a plan, not both. Choose one."),
    _("needed: when does it end?"),
    _("needed beside a sunset: since when should nobody begin with it?"),
    _("not before it is deprecated"),
    _("another version than this one"),
    _("a year between 1970 and 9999"),
    # ── gateway and news ──
    _("has 1 to {longest} characters, no space around it"),
    _("No node of this name has reported itself."),
    _("There is no such revision."),
    _("a time to come; leave it out to publish at once"),
    _("An article {name} exists already. Choose another address."),
    _("There is no such article. The list names those there are."),
    _("There is no such guide. The list names them all."),
)

_PLACE = re.compile(r"\{(\w+)\}")


def in_words(sentence: str) -> str:
    """The sentence in the page's language; as it is, where it is not listed or not translated."""
    if (get_language() or "en").startswith("en"):
        return sentence
    if sentence in _fixed():
        return gettext(sentence)
    for pattern, listed in _patterns():
        if found := pattern.fullmatch(sentence):
            values = {name: in_words(value) for name, value in found.groupdict().items()}
            return gettext(listed).format_map(values)
    return sentence


@cache
def _fixed() -> frozenset[str]:
    return frozenset(each for each in SENTENCES if not _PLACE.search(each))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those that say the most themselves first: "at most {most}" fits what "at most {longest} characters" does."""
    listed = sorted((each for each in SENTENCES if _PLACE.search(each)), key=lambda each: -len(_PLACE.sub("", each)))
    return tuple((re.compile(_pattern(each), re.DOTALL), each) for each in listed)


def _pattern(sentence: str) -> str:
    parts = _PLACE.split(sentence)  # text and name in turn
    return "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
