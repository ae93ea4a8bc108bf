// Lets openid-client (npm), unchanged, register itself (RFC 7591), and use what it was given: see client_task.mjs.
import * as oidc from 'openid-client';

import { authorize, finish, overTls, signingKey, task } from './client_task.mjs';

const metadata = {
  client_name: task.client_name,
  contacts: ['ledger@partner.example'],
  redirect_uris: [task.redirect_uri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: task.method,
  id_token_signed_response_alg: 'ES256',
  scope: task.scope,
  ...task.metadata,
};
const authentications = {
  private_key_jwt: () => oidc.PrivateKeyJwt(signingKey),
  client_secret_basic: () => oidc.ClientSecretBasic(), // with the secret that it is about to be told
  none: () => oidc.None(),
};
const configuration = await oidc.dynamicClientRegistration(new URL(task.issuer), metadata, authentications[task.method](), {
  initialAccessToken: task.initial_access_token,
  [oidc.customFetch]: overTls,
});
const registered = configuration.clientMetadata();

const verifier = oidc.randomPKCECodeVerifier();
const state = oidc.randomState();
const url = oidc.buildAuthorizationUrl(configuration, {
  redirect_uri: task.redirect_uri,
  scope: task.scope,
  state,
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
});
const tokens = await oidc.authorizationCodeGrant(configuration, await authorize(url.href), {
  pkceCodeVerifier: verifier,
  expectedState: state,
});
const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token);
const answer = await oidc.fetchProtectedResource(
  configuration,
  refreshed.access_token,
  new URL(task.resource),
  'GET',
);

// RFC 7592: what no client library does for it, by the addresses and the token that it was told.
const own = { headers: { authorization: `Bearer ${registered.registration_access_token}` } };
const read = await overTls(registered.registration_client_uri, own);
const told = await read.json();
const deleted = await overTls(registered.registration_client_uri, { ...own, method: 'DELETE' });
const after = await overTls(registered.registration_client_uri, own);
finish({
  registered,
  status: answer.status,
  body: await answer.json(),
  read: read.status,
  told,
  deleted: deleted.status,
  after: after.status,
});
