"""Every finding of the doctor: what stands between a program and the API. See words.py."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from propylon.toolkit.words import Severity, Words

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_WAY = {
    "address.invalid": Words(_E, "{url} is no address that begins with https://.", "Copy it from the product's page."),
    "address.not_encrypted": Words(
        _E, "{url} begins with http://: there is no TLS, and so no certificate.", "Begin it with https://"
    ),
    "name.unknown": Words(
        _E,
        "The name {host} is unknown here: {reason}.",
        "Look for a typo; try it from another network; ask for the DNS.",
    ),
    "port.refused": Words(
        _E, "Nothing listens at port {port} of {host}.", "Compare the port with the address on the application's page."
    ),
    "port.silent": Words(
        _E,
        "Port {port} of {host} does not answer within {seconds} seconds.",
        "A firewall may drop it: ask your network for outgoing connections to that port, or go through its proxy.",
    ),
    "port.unreachable": Words(_E, "{host} cannot be reached: {reason}.", "Ask your network."),
    "port.no_tls": Words(
        _E, "Port {port} of {host} answers, but does not speak TLS.", "Compare the port with the application's page."
    ),
    "port.hangs_up": Words(
        _E,
        "{host} ended the connection during the handshake without saying why.",
        "A firewall or proxy in between may do that, or a server that wants a certificate and got none.",
    ),
    "proxy.used": Words(
        _N, "Programs here go through the proxy {proxy} (variable HTTPS_PROXY).", "To go past it: NO_PROXY={host}"
    ),
    "proxy.unreachable": Words(
        _E, "The proxy {proxy} cannot be reached: {reason}.", "Correct HTTPS_PROXY, or unset it."
    ),
    "proxy.refuses": Words(
        _E,
        "The proxy {proxy} refuses to connect to {host}:{port}: {answer}.",
        "Ask who runs it to allow CONNECT to that host and port, or go past it with NO_PROXY={host}",
    ),
    "proxy.opens_tls": Words(
        _E,
        "The proxy {proxy} answers in the place of {host}, with a certificate of {issuer}: it ends the TLS, and your "
        "client certificate never arrives.",
        "Ask who runs it for an exception from TLS inspection for {host}.",
    ),
}
_SERVER = {
    "server.unknown_authority": Words(
        _E,
        "The server's certificate was issued by {issuer}, which is not trusted here.",
        "Name the server's authority with --ca FILE (the portal offers it as ca.crt). If {issuer} is a proxy of your "
        "company, ask for an exception: two-way TLS cannot go through it.",
    ),
    "server.expired": Words(
        _E, "The server's certificate ended on {when}.", "If this machine's clock is right, tell who runs the server."
    ),
    "server.not_yet_valid": Words(_E, "The server's certificate is not valid yet.", "Check this machine's clock."),
    "server.other_name": Words(
        _E,
        "The server's certificate is for {names}, not for {host}.",
        "Use the name that the product's page shows; an address or an alias is not enough.",
    ),
    "server.not_verified": Words(
        _E, "The server's certificate does not verify: {reason}.", "Name the server's authority with --ca FILE."
    ),
    "server.too_old": Words(
        _E, "{host} and this machine have no version or cipher of TLS in common.", "Use TLS 1.2 or 1.3 on both sides."
    ),
    "clock.differs": Words(
        _W,
        "This machine's clock and the server's differ by {seconds} seconds.",
        "Set the clock: tokens and proofs carry times.",
    ),
}
_CLIENT = {
    "client.nothing_to_send": Words(
        _E,
        "The server asks for a client certificate, and none was given.",
        "Name the files of certificate and key behind the address.",
    ),
    "client.not_asked": Words(
        _E,
        "The server did not ask for a client certificate: port {port} is not the one for two-way TLS, or a proxy in "
        "between answers.",
        "Compare host and port with the application's page.",
    ),
    "client.unusable": Words(
        _E, "TLS here refuses certificate or key: {reason}.", "Look at it: propylon cert check FILE..."
    ),
    "client.unknown_authority": Words(
        _E,
        "The server does not know the authority {issuer} that issued {certificate}.",
        "Use a certificate of an authority that is trusted there: ordered on the application's page, or of a trust "
        "service provider on the server's list. Send the chain as well.",
    ),
    "client.expired": Words(_E, "The server says that {certificate} has expired.", "Order a new one."),
    "client.revoked": Words(_E, "The server says that {certificate} was revoked.", "Order a new one."),
    "client.refused": Words(
        _E,
        "The server refuses {certificate} in the handshake ({alert}).",
        "Look at it: propylon cert check FILE...; compare it with the one on the application's page.",
    ),
    "client.cut_off": Words(
        _E,
        "The server ended the connection right after it got {certificate}, without saying why.",
        "Most likely it does not know the authority {issuer}; use a certificate of one that is trusted there.",
    ),
    "client.key_not_proved": Words(
        _E,
        "The server says that the key does not prove {certificate}.",
        "Certificate and key belong together; check both.",
    ),
    "client.required": Words(
        _E,
        "The server ends the connection because no client certificate came.",
        "Name the files of certificate and key.",
    ),
}
_TOKEN = {
    "token.bound_elsewhere": Words(
        _E,
        "The token is bound to another certificate than {certificate}.",
        "Ask for a token with this certificate, or call with the one that the token was got with.",
    ),
    "token.bound_to_key": Words(
        _W, "The token is bound to a key (DPoP), not to a certificate.", "Send it as DPoP with a proof for each call."
    ),
    "token.unbound": Words(
        _N, "The token is bound to nothing: whoever has it may use it.", "Ask for it by two-way TLS."
    ),
    "token.expired": Words(_E, "The token ended on {when}.", "Ask the token endpoint for a new one."),
    "token.not_readable": Words(
        _N, "The token is not a JWT, so nothing can be said of it here.", "The server's answer tells the rest."
    ),
}
_ANSWERS = {
    "answer.certificate_missing": Words(
        _E,
        "The server says that no client certificate came.",
        "If one was sent from here, something in between ended the TLS: a proxy, or a load balancer in front of it.",
    ),
    "answer.certificate_revoked": Words(_E, "The server says that the certificate was revoked.", "Order a new one."),
    "answer.token_bound_elsewhere": Words(
        _E,
        "The server says that the token is bound to another certificate.",
        "Ask for a token with this certificate: one got with the old certificate does not work with the new.",
    ),
    "answer.token_refused": Words(
        _E, "The connection works; the token is refused: {message}", "Ask the token endpoint for a new token."
    ),
    "answer.token_missing": Words(
        _N, "The connection works. The operation wants a token, and none was given.", "Give one with --token-file FILE."
    ),
    "answer.address_refused": Words(
        _E,
        "The application may not be used from the address that this machine has on the internet.",
        "Add it to the application's source ranges in the portal; behind a proxy it is the proxy's address.",
    ),
    "answer.path_unknown": Words(
        _W, "The connection works, but nothing answers at {path}.", "Look for a typo, the environment and the version."
    ),
    "answer.host_unknown": Words(
        _E, "The gateway does not serve the name {host}.", "Use the address on the product's page."
    ),
    "answer.quota": Words(_W, "The connection works; too many calls: {message}", "Wait as long as Retry-After says."),
    "answer.refused": Words(
        _W,
        "The connection works; the server answers {status}: {message}",
        "Look for the code in the portal's list of errors.",
    ),
    "answer.not_from_api": Words(
        _W,
        "{status} came as a web page, not as an API's answer.",
        "A proxy, a sign-in page of the network or another server may have answered: read its title: {title}",
    ),
    "answer.broken": Words(
        _E, "The server's answer broke off: {reason}.", "Try again; a proxy in between may do that."
    ),
}

CONNECTION_WORDS: Mapping[str, Words] = MappingProxyType({**_WAY, **_SERVER, **_CLIENT, **_TOKEN, **_ANSWERS})
