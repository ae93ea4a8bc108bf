// Drives openid-client (npm), unchanged, against a running system: see client_task.mjs.
import * as oidc from 'openid-client';

import { authorize, finish, letApprove, overTls, signingKey, task } from './client_task.mjs';

const authentications = {
  private_key_jwt: () => oidc.PrivateKeyJwt(signingKey),
  tls_client_auth: () => oidc.TlsClientAuth(),
  client_secret_basic: () => oidc.ClientSecretBasic(task.client_secret),
  client_secret_post: () => oidc.ClientSecretPost(task.client_secret),
  none: () => oidc.None(),
};
const configuration = await oidc.discovery(
  new URL(task.issuer),
  task.client_id,
  { use_mtls_endpoint_aliases: Boolean(task.certificate_file), id_token_signed_response_alg: 'ES256' },
  authentications[task.token_endpoint_auth_method](),
  { [oidc.customFetch]: overTls },
);

if (task.signs_requests) {
  oidc.useJwtResponseMode(configuration);
}

// Binds every token to a key of the client's own (RFC 9449), where the task asks for it.
const options = task.dpop
  ? { DPoP: oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair(task.dpop)) }
  : undefined;

async function codeFlow() {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const parameters = {
    redirect_uri: task.redirect_uri,
    scope: task.scope,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  // FAPI 2.0 Message Signing: the request is signed (RFC 9101), and so is its answer (JARM).
  const asked = task.signs_requests
    ? (await oidc.buildAuthorizationUrlWithJAR(configuration, parameters, signingKey)).searchParams
    : parameters;
  const url = task.pushed
    ? await oidc.buildAuthorizationUrlWithPAR(configuration, asked, options)
    : oidc.buildAuthorizationUrl(configuration, asked);
  const callback = await authorize(url.href);
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  const tokens = await oidc.authorizationCodeGrant(configuration, callback, checks, undefined, options);
  const refreshed = tokens.refresh_token
    ? await oidc.refreshTokenGrant(configuration, tokens.refresh_token, undefined, options)
    : null;
  // The client compares the subject with the ID token's (OpenID Connect Core section 5.3.2).
  const userinfo = tokens.id_token
    ? await oidc.fetchUserInfo(configuration, tokens.access_token, tokens.claims().sub, options)
    : null;
  return { tokens, refreshed, userinfo };
}

async function ciba() {
  const message = `Blue whale ${oidc.randomState().slice(0, 8)}`;
  const asked = await oidc.initiateBackchannelAuthentication(configuration, {
    scope: task.scope,
    login_hint: task.login_hint,
    binding_message: message,
  });
  letApprove(message);
  const tokens = await oidc.pollBackchannelAuthenticationGrant(configuration, asked, undefined, options);
  const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token, undefined, options);
  const userinfo = await oidc.fetchUserInfo(configuration, tokens.access_token, tokens.claims().sub, options);
  return { tokens, refreshed, userinfo };
}

const flows = {
  client_credentials: async () => ({
    tokens: await oidc.clientCredentialsGrant(configuration, { scope: task.scope }, options),
    refreshed: null,
  }),
  authorization_code: codeFlow,
  ciba,
};
const { tokens, refreshed, userinfo } = await flows[task.grant]();
const answer = await oidc.fetchProtectedResource(
  configuration,
  (refreshed ?? tokens).access_token,
  new URL(task.resource),
  'GET',
  undefined,
  undefined,
  options,
);
finish({
  tokens,
  refreshed,
  userinfo,
  status: answer.status,
  tracking_id: answer.headers.get('RequestTrackingId'),
  body: await answer.json(),
});
