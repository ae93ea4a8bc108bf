"""How each type of application gets a token here: commands with this installation's addresses, to run as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from propylon.kernel.certificate_files import CA_FILE, CERTIFICATE_FILE, KEY_FILE
from propylon.oauth.policy import (
    CLIENT_CREDENTIALS,
    CLIENT_SECRET_BASIC,
    REFRESH_TOKEN,
    TYPES,
    Certificate,
    ProfilePolicy,
    RedirectRule,
)

_PKCE = """\
VERIFIER=$(openssl rand -base64 60 | tr -d '=+/\\n' | cut -c1-64)
CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')"""


@dataclass(frozen=True, slots=True)
class Target:
    """What the commands are about. Addresses end without a slash; `client_id` "" is put in by the reader."""

    issuer: str  # the authorization server's public address
    issuer_mutual: str
    ca_url: str
    scope: str
    sample_public_url: str  # of one GET without parameters, "" if there is none
    sample_mutual_url: str
    client_id: str = ""
    client_type: str = ""
    client_profile: str = ""
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """`titles` are those of the application types that share it."""

    key: str
    titles: tuple[str, ...]
    profile: str
    policy: ProfilePolicy
    is_mine: bool
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        return ", ".join(self.titles) + (" (FAPI 2.0)" if self.profile == "fapi2" else "")

    @property
    def short_title(self) -> str:
        """For a row of tabs."""
        if self.policy.is_public:
            return _("Single-page, mobile, desktop")
        if len(self.titles) == 1:
            return self.titles[0]
        return _("Web, FAPI 2.0") if self.profile == "fapi2" else _("Web, with a secret")

    @property
    def uses_certificate(self) -> bool:
        return self.policy.certificate is Certificate.REQUIRED


def recipes(target: Target) -> list[Recipe]:
    """One for each way to a token; the one of the target's own application first."""
    found: dict[object, tuple[str, str, ProfilePolicy, list[str]]] = {}
    for name, type_ in TYPES.items():
        for profile, policy in sorted(type_.profiles.items(), reverse=True):
            way = (policy.grants, policy.auth_methods, policy.requires_par, policy.certificate is Certificate.REQUIRED)
            known = found.setdefault(way, (name, profile if policy.requires_par else "standard", policy, []))
            if type_title(name) not in known[3]:
                known[3].append(type_title(name))
    made = [_recipe(target, *each) for each in found.values()]
    return sorted(made, key=lambda each: not each.is_mine)


def type_title(name: str) -> str:
    """The type's name in words, for `propylon.oauth.policy.TYPES`."""
    words = {
        "server": _("Server to server"),
        "web": _("Web application"),
        "internal": _("Internal application"),
        "spa": _("Single-page application"),
        "native": _("Mobile or desktop app"),
    }
    return words.get(name, TYPES[name].title)


def _recipe(target: Target, name: str, profile: str, policy: ProfilePolicy, titles: list[str]) -> Recipe:
    mine = TYPES.get(target.client_type)
    own = mine.profiles.get(target.client_profile or "standard") if mine else None
    is_mine = own is not None and _way(own) == _way(policy)
    shown = target if is_mine else Target(
        target.issuer,
        target.issuer_mutual,
        target.ca_url,
        target.scope,
        target.sample_public_url,
        target.sample_mutual_url,
    )  # fmt: skip
    steps = _service_steps if CLIENT_CREDENTIALS in policy.grants else _customer_steps
    return Recipe(f"{name}-{profile}", tuple(titles), profile, policy, is_mine, tuple(steps(shown, policy)))


def _way(policy: ProfilePolicy) -> tuple[object, ...]:
    return policy.grants, policy.auth_methods, policy.requires_par, policy.certificate is Certificate.REQUIRED


def _service_steps(target: Target, policy: ProfilePolicy) -> Iterator[Step]:
    yield Step(
        _("Have certificate and key beside you"),
        _("From the application's page: order the certificate, download it once, and unpack it."),
        _setup(target, certificate=True),
    )
    yield Step(
        _("Ask for a token"),
        _("The certificate proves who you are; there is no secret to lose."),
        f"TOKEN=$(curl -sS {_TLS} {target.issuer_mutual}/oauth/token \\\n"
        f'  -d grant_type=client_credentials -d client_id="$CLIENT_ID" -d scope="{target.scope}" \\\n'
        f"  | {_PICK})",
    )
    yield _call(target, certificate=True)


def _customer_steps(target: Target, policy: ProfilePolicy) -> Iterator[Step]:
    certificate = policy.certificate is Certificate.REQUIRED
    yield Step(
        _("Set the scene"),
        _("The redirect URI is one that the application has registered, character by character."),
        _setup(target, certificate=certificate, redirect=_redirect_uri(target, policy), secret=policy.has_secret),
    )
    yield Step(
        _("Make a verifier for PKCE"),
        _("Only who knows the verifier can use the code. Make a new one for every login."),
        _PKCE,
    )
    if policy.requires_par:
        yield Step(
            _("Push the request"),
            _("It travels from server to server, so that nobody can change it in the browser."),
            f"REQUEST_URI=$(curl -sS {_TLS} {target.issuer_mutual}/oauth/par \\\n"
            f'  -d client_id="$CLIENT_ID" -d response_type=code -d scope="{target.scope}" \\\n'
            '  --data-urlencode redirect_uri="$REDIRECT_URI" -d state=my-state \\\n'
            '  -d code_challenge="$CHALLENGE" -d code_challenge_method=S256 \\\n'
            f"  | {_PICK.replace('access_token', 'request_uri')})",
        )
    yield Step(
        _("Send the customer to log in"),
        _("Open the address in a browser. Log in with one of the sandbox identities, agree, and copy the code "
          "from the address that you are led to."),
        _login_command(target, policy),
    )  # fmt: skip
    yield Step(
        _("Exchange the code for a token"),
        _("Within a minute; a code works once."),
        _exchange_command(target, policy),
    )
    yield _call(target, certificate=certificate)
    if REFRESH_TOKEN in policy.grants:
        yield _refresh(target, policy)


def _login_command(target: Target, policy: ProfilePolicy) -> str:
    start = f'echo "{target.issuer}/oauth/authorize?client_id=$CLIENT_ID'
    if policy.requires_par:
        return f'{start}&request_uri=$REQUEST_URI"'
    return (
        f"{start}&response_type=code&scope={'%20'.join(target.scope.split())}"
        '&redirect_uri=$REDIRECT_URI&state=my-state&code_challenge=$CHALLENGE&code_challenge_method=S256"'
    )


def _exchange_command(target: Target, policy: ProfilePolicy) -> str:
    return (
        "read -r -p 'Code: ' CODE\n"
        f"ANSWER=$({_token_curl(target, policy)} \\\n"
        '  -d grant_type=authorization_code --data-urlencode code="$CODE" \\\n'
        '  --data-urlencode redirect_uri="$REDIRECT_URI" -d code_verifier="$VERIFIER")\n'
        f'TOKEN=$(echo "$ANSWER" | {_PICK})'
    )


def _refresh(target: Target, policy: ProfilePolicy) -> Step:
    kept = (
        _("Each refresh token works once: keep the new one. If an old one comes back, the consent ends.")
        if policy.rotates_refresh_tokens
        else _("The refresh token stays the same for 90 days, or until the customer withdraws the consent.")
    )
    command = (
        f'REFRESH=$(echo "$ANSWER" | {_PICK.replace("access_token", "refresh_token")})\n'
        f"ANSWER=$({_token_curl(target, policy)} \\\n"
        '  -d grant_type=refresh_token --data-urlencode refresh_token="$REFRESH")\n'
        f'TOKEN=$(echo "$ANSWER" | {_PICK})'
    )
    return Step(_("Renew it after ten minutes"), kept, command)


def _token_curl(target: Target, policy: ProfilePolicy) -> str:
    if policy.certificate is Certificate.REQUIRED:
        return f'curl -sS {_TLS} {target.issuer_mutual}/oauth/token -d client_id="$CLIENT_ID"'
    start = f"curl -sS --cacert {CA_FILE} {target.issuer}/oauth/token"
    if policy.default_auth_method == CLIENT_SECRET_BASIC:
        return f'{start} -u "$CLIENT_ID:$CLIENT_SECRET"'
    return f'{start} -d client_id="$CLIENT_ID"'


def _call(target: Target, *, certificate: bool) -> Step:
    address = target.sample_mutual_url if certificate else target.sample_public_url
    tls = _TLS if certificate else f"--cacert {CA_FILE}"
    bound = _("The token is bound to the certificate: present the same one.") if certificate else ""
    command = f'curl -i {tls} -H "Authorization: Bearer $TOKEN" \\\n  "{address}"' if address else ""
    return Step(_("Call the API"), bound or _("The token goes into the header Authorization."), command)


def _setup(target: Target, *, certificate: bool, redirect: str = "", secret: bool = False) -> str:
    lines = [f"CLIENT_ID={target.client_id or 'your-client-id'}"]
    if secret:
        lines.append("read -r -s -p 'Client secret: ' CLIENT_SECRET")
    if redirect:
        lines.append(f"REDIRECT_URI={redirect}")
    lines.append(f"curl -sSk {target.ca_url} -o {CA_FILE}")
    if certificate:
        lines.append(f"ls {CERTIFICATE_FILE} {KEY_FILE}")
    return "\n".join(lines)


def _redirect_uri(target: Target, policy: ProfilePolicy) -> str:
    if target.redirect_uri:
        return target.redirect_uri
    native = policy.redirect_rule is RedirectRule.NATIVE
    return "http://127.0.0.1/callback" if native else "https://localhost/callback"


_TLS = f"--cacert {CA_FILE} --cert {CERTIFICATE_FILE} --key {KEY_FILE}"
# Without a token, the whole answer goes to stderr and the command fails.
_PICK = "python3 -c \"import json, sys; a = json.load(sys.stdin); print(a.get('access_token') or sys.exit(a))\""
