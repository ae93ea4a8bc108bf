"""What gateway and authorization server refuse with, as they say it, for translation: see refusal_words."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SENTENCES = (
    # ── the gateway; without the values that it fills in ──
    _("Send an access token in the header: Authorization: Bearer <token>. Tokens in the address are not read."),
    _("The access token has expired. Ask the token endpoint for a new one."),
    _("The access token is not valid yet. Wait until its nbf time, and check your clock."),
    _("The access token does not verify. Use it exactly as this installation's token endpoint returned it."),
    _("The access token comes from another issuer. Get one from this installation's token endpoint."),
    _("The access token is for another environment. Use the credentials of the environment that you call."),
    _("This is no signed token of this installation. Use it exactly as the token endpoint returned it."),
    _("The access token is bound to another client certificate. Call with the one that the token was issued to."),
    _("The access token is bound to a key. Send it as Authorization: DPoP <token>, with a proof in the header DPoP."),
    _("The access token is bound to no key. Send it as Authorization: Bearer <token>, or ask for it with a proof."),
    _(
        "This operation takes no token that anyone could use. Ask for the token with your client certificate, or with "
        "a DPoP proof, and call with the same."
    ),
    _(
        "The DPoP proof is refused. Make a new proof for each call, with its address, its method, the hash of its "
        "token and the time of now."
    ),
    _("The DPoP proof needs a nonce of this installation. Make a new proof with the one in the header DPoP-Nonce."),
    _("This call needs a check that cannot be made at the moment. Try again in a while, with a new proof."),
    _("The client certificate has been revoked. Order a new one for the service account."),
    _("The access token has been revoked. Get a new one; if that fails, the application or the consent has ended."),
    _("Present the client certificate of your service account in the TLS handshake, on the mutual-TLS address."),
    _("This application may not be used from your address. Add the address to the application's source ranges."),
    _(
        "The access token lacks a scope that this operation needs. Subscribe to the product and ask for a token with "
        "that scope."
    ),
    _(
        "This operation is for payment service providers with another role. Call with a token that is bound to a "
        "certificate with that role."
    ),
    _("The application's plan does not include this operation. Ask for another plan in the portal."),
    _(
        "The customer must sign in more strongly for this operation. Send the customer to the authorization endpoint "
        "again, with acr_values as WWW-Authenticate says."
    ),
    _(
        "The customer signed in too long ago for this operation. Send the customer to the authorization endpoint "
        "again, with max_age as WWW-Authenticate says."
    ),
    _("The bank has stopped the calls of your organization for the moment. Ask your contact at the bank."),
    _("The bank has stopped this product for the moment. Try again later; the news in the portal say more."),
    _("Nothing answers at this path. Compare environment, product, version and path with the documentation."),
    _("This path does not answer to this method. The Allow header lists the methods that it answers to."),
    _("The request did not arrive in time. Send it again, without pausing."),
    _("This version of the product has ended. The Link header leads to its successor and to what to do."),
    _("The request's body is larger than is accepted here. Send less at once."),
    _("The address is longer than a GET request may have. Shorten it, or use an operation that takes a body."),
    _("This gateway does not serve that host name. Use the addresses in the documentation."),
    _(
        "This gateway serves APIs alone. The portal and the authorization server answer at addresses of their own, "
        "which the documentation names."
    ),
    _("Use HTTP/1.1 or HTTP/2."),
    _("Too many requests for the application's plan. Wait for the seconds in Retry-After and go on more slowly."),
    _("The application has used the calls of its contract for today (UTC). Go on after the seconds in Retry-After."),
    _(
        "The application has used the calls of its contract for this month (UTC). Go on after the seconds in Retry-"
        "After, or ask for a larger contract."
    ),
    _("The request's headers are too many or too large. Send fewer, or shorter ones."),
    _("The service behind the gateway did not answer in time. Look whether the request took effect, then try again."),
    _("The service behind the gateway cannot be reached at the moment. Try again in a while."),
    _("The answer is larger than this product may give. Ask for less at once: a shorter period, or fewer on a page."),
    _("The service behind the gateway broke off its answer. Look whether the request took effect, then try again."),
    _("The gateway takes no more requests at the moment. Try again in a while."),
    _("The request is not well-formed HTTP. Check its path, host and framing."),
    _("The gateway could not serve the request. Try again; if it stays so, report the tracking id."),
    _("The gateway refused the request. Compare it with the documentation, or report the tracking id."),
    # ── the authorization server: what each code means, and what to do ──
    _("A parameter is missing, repeated or malformed, or the body is no form."),
    _("Read error_description: it names the parameter. Send application/x-www-form-urlencoded in the body."),
    _("The client could not be authenticated. Nothing says which part was wrong."),
    _(
        "Compare client id, method, secret or certificate. Clients with a certificate ask on the two-way TLS address."
        " Was the secret replaced, the certificate revoked, or does Base64 of id:secret hold a line break?"
    ),
    _("The code or refresh token is unknown, expired, used, or somebody else's."),
    _(
        "Codes live for a minute and work once: send the customer to log in again. The redirect_uri and code_verifier"
        " must be those of the authorization request. Keep the newest refresh token."
    ),
    _("The DPoP proof does not hold, or was used before."),
    _("Read error_description. Make a proof for each request, with its address, its method and the time of now."),
    _("The application may not do this: another grant type, or another address."),
    _("See what its type may do. If error_description names the address, add it to the source ranges."),
    _("There is no such grant type here."),
    _("Use client_credentials, authorization_code or refresh_token. The password grant does not exist."),
    _("A scope is unknown, missing, or of a product without a subscription."),
    _("Subscribe the application to the product, and name the scopes as its page does."),
    _("An object of authorization_details is not as its type says."),
    _("Read error_description: it names the place. At the token endpoint ask for what was granted, or for less."),
    _("Only the authorization code flow exists."),
    _("Send response_type=code, and as response_mode nothing, query or jwt."),
    _("The customer did not agree."),
    _("The pushed request is unknown, used, or older than two minutes."),
    _("Push it again and send the customer at once."),
    _("The signed request (RFC 9101) does not hold."),
    _("Read error_description. Sign it with a registered key, for our issuer, with nbf and an exp within the hour."),
    _("The authorization server takes no more work at the moment."),
    _("Wait for the seconds in Retry-After and send the request again."),
    _("Something failed on our side."),
    _("Try again; if it stays, report the RequestTrackingId."),
    _("The proof needs a nonce of ours, and carries none or one that is too old."),
    _("Make the proof again with the nonce from the header DPoP-Nonce. Keep the newest one that an answer gives."),
    _("The customer did not agree, or (403) is not asked: too many questions."),
    _("Say in your application what happens without consent, and let the customer try again, later after a 403."),
    _(
        "The request forbids a page (prompt=none), and nobody who has allowed you something is logged in, or too long "
        "ago; or another customer logged in than the one that id_token_hint or claims names."
    ),
    _("Ask again without prompt=none, and hint at nobody else."),
    _("The request forbids a page (prompt=none), and the customer has not allowed exactly these scopes and details."),
    _("Ask again without prompt=none, or for what was granted, word by word."),
    _("The request forbids a page (prompt=none), and what it asks for needs a second step."),
    _("Ask again without prompt=none."),
    _("What is asked for needs a stronger login than the customer has, or than there is here."),
    _("Ask for one of acr_values_supported. If the customer has no second step, only the bank can give them one."),
    _("The customer, who was asked elsewhere, has not answered yet."),
    _("Ask again after interval seconds."),
    _("The customer has not answered yet, and you ask too often."),
    _("From now on wait five seconds longer between two questions."),
    _("The customer's time to answer is over."),
    _("Ask the customer anew at backchannel_authentication_endpoint, if they still want to."),
    _("No customer is found by the hint."),
    _(
        "Send the identity number as login_hint, or an ID token of yours as id_token_hint. Many such "
        "answers in a row are followed by access_denied for ten minutes."
    ),
    _("The binding message is missing, too long or not printable."),
    _("Send one line of at most 100 printable characters, and show the same in your application."),
    _("A redirect URI of the registration cannot be registered."),
    _("Read error_description: it names the URI and the reason."),
    _("A member of the registration does not fit."),
    _("Read error_description: it names the member. The type of the application follows from grants and method."),
    _("Software statements are not taken."),
    _("Leave software_statement out and send the members themselves."),
    _("The initial or registration access token is unknown, used up or has ended."),
    _("Ask the operator for another initial access token. A registration access token is told once."),
)
