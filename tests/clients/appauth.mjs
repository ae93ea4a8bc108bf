// Drives AppAuth (npm @openid/appauth), unchanged: see client_task.mjs, and appauth_resolution.mjs for how node finds it.
// It opens the customer's browser by itself, and listens on the loopback address for the answer (RFC 8252 section 7.3).
import { createInterface } from 'node:readline/promises';

import {
  AuthorizationRequest,
  AuthorizationServiceConfiguration,
  BaseTokenRequestHandler,
  GRANT_TYPE_AUTHORIZATION_CODE,
  GRANT_TYPE_REFRESH_TOKEN,
  TokenRequest,
} from '@openid/appauth';
import { AuthorizationNotifier } from '@openid/appauth/built/src/authorization_request_handler.js';
import { NodeBasedHandler, NodeCrypto, NodeRequestor } from '@openid/appauth/built/src/node_support/index.js';

const task = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);
const requestor = new NodeRequestor();
const configuration = await AuthorizationServiceConfiguration.fetchFromIssuer(task.issuer, requestor);

const handler = new NodeBasedHandler(task.port);
const notifier = new AuthorizationNotifier();
handler.setAuthorizationNotifier(notifier);
const { request, response } = await new Promise((resolve, reject) => {
  notifier.setAuthorizationListener((asked, answered, error) =>
    error ? reject(error) : resolve({ request: asked, response: answered }),
  );
  handler.performAuthorizationRequest(
    configuration,
    new AuthorizationRequest(
      {
        client_id: task.client_id,
        redirect_uri: task.redirect_uri,
        scope: task.scope,
        response_type: AuthorizationRequest.RESPONSE_TYPE_CODE,
      },
      new NodeCrypto(),
    ),
  );
});

const tokens = new BaseTokenRequestHandler(requestor);
const of = (more) => new TokenRequest({ client_id: task.client_id, redirect_uri: task.redirect_uri, ...more });
const got = await tokens.performTokenRequest(
  configuration,
  of({
    grant_type: GRANT_TYPE_AUTHORIZATION_CODE,
    code: response.code,
    extras: { code_verifier: request.internal.code_verifier },
  }),
);
const refreshed = await tokens.performTokenRequest(
  configuration,
  of({ grant_type: GRANT_TYPE_REFRESH_TOKEN, refresh_token: got.refreshToken }),
);
const answer = await fetch(task.resource, { headers: { authorization: `Bearer ${refreshed.accessToken}` } });
console.log(
  `RESULT ${JSON.stringify({ tokens: got, refreshed, challenged: request.extras, status: answer.status, body: await answer.json() })}`,
);
process.exit(0);
