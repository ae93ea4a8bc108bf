// Drives oauth4webapi (npm), unchanged: see client_task.mjs. It checks each answer strictly by itself.
import * as oauth from 'oauth4webapi';

import { authorize, finish, overTls, signingKey, task } from './client_task.mjs';

const authentications = {
  private_key_jwt: () => oauth.PrivateKeyJwt(signingKey),
  tls_client_auth: () => oauth.TlsClientAuth(),
  client_secret_basic: () => oauth.ClientSecretBasic(task.client_secret),
  none: () => oauth.None(),
};
const proves = authentications[task.token_endpoint_auth_method]();
const client = {
  client_id: task.client_id,
  use_mtls_endpoint_aliases: Boolean(task.certificate_file),
  id_token_signed_response_alg: 'ES256',
  authorization_signed_response_alg: 'ES256',
  introspection_signed_response_alg: 'ES256',
};
const plain = { [oauth.customFetch]: overTls };
const issuer = new URL(task.issuer);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, plain));
const bound = task.dpop ? { ...plain, DPoP: oauth.DPoP(client, await oauth.generateKeyPair(task.dpop)) } : plain;

// Asks a second time if the server wants its nonce in the proof (RFC 9449 sections 8 and 9).
async function ask(request, read) {
  try {
    return await read(await request());
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return read(await request());
  }
}

async function codeFlow() {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const isOpenId = task.scope.split(' ').includes('openid');
  let asked = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: task.redirect_uri,
    scope: task.scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(isOpenId ? { nonce } : {}),
    ...(task.signs_requests ? { response_mode: 'jwt' } : {}),
  });
  if (task.signs_requests) {
    const request = await oauth.issueRequestObject(server, client, asked, signingKey);
    asked = new URLSearchParams({ client_id: client.client_id, request });
  }
  if (task.pushed) {
    const pushed = await ask(
      () => oauth.pushedAuthorizationRequest(server, client, proves, asked, bound),
      (answer) => oauth.processPushedAuthorizationResponse(server, client, answer),
    );
    asked = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  }
  const callback = await authorize(`${server.authorization_endpoint}?${asked}`);
  const members = task.signs_requests
    ? await oauth.validateJwtAuthResponse(server, client, callback, state, plain)
    : oauth.validateAuthResponse(server, client, callback, state);
  const tokens = await ask(
    () => oauth.authorizationCodeGrantRequest(server, client, proves, members, task.redirect_uri, verifier, bound),
    (answer) =>
      oauth.processAuthorizationCodeResponse(server, client, answer, {
        expectedNonce: isOpenId ? nonce : oauth.expectNoNonce,
        requireIdToken: isOpenId,
      }),
  );
  const refreshed = await ask(
    () => oauth.refreshTokenGrantRequest(server, client, proves, tokens.refresh_token, bound),
    (answer) => oauth.processRefreshTokenResponse(server, client, answer),
  );
  return { tokens, refreshed, subject: oauth.getValidatedIdTokenClaims(tokens)?.sub };
}

async function clientCredentials() {
  const tokens = await ask(
    () => oauth.clientCredentialsGrantRequest(server, client, proves, { scope: task.scope }, bound),
    (answer) => oauth.processClientCredentialsResponse(server, client, answer),
  );
  return { tokens, refreshed: tokens };
}

// RFC 7662, and RFC 9701 where the client wants a signed answer; its signature is verified, too.
async function introspect(token) {
  const answer = await oauth.introspectionRequest(server, client, proves, token, {
    ...plain,
    requestJwtResponse: Boolean(task.signed_introspection),
  });
  const found = await oauth.processIntrospectionResponse(server, client, answer);
  if (task.signed_introspection) await oauth.validateApplicationLevelSignature(server, answer, plain);
  return found;
}

async function revoke(token) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, proves, token, plain));
}

const { tokens, refreshed, subject } = await { authorization_code: codeFlow, client_credentials: clientCredentials }[
  task.grant
]();
const call = () => oauth.protectedResourceRequest(refreshed.access_token, 'GET', new URL(task.resource), undefined, undefined, bound);
const answer = await ask(call, (response) => response);
const body = await answer.json();
const before = await introspect(refreshed.access_token);
await revoke(refreshed.access_token);
const after = await introspect(refreshed.access_token);

finish({ tokens, refreshed, subject, status: answer.status, body, before, after });
