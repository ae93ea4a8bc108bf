// node oidc-provider, a certified server that nobody here wrote, with all that the scenarios use.
// One line of JSON on standard input: {port, certificate_file, private_key_file, ca_file, clients, scopes, initial}; says READY.
// Its customer agrees to everything, without pages.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline/promises';

import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import Provider from 'oidc-provider';

const task = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);
const issuer = `https://localhost:${task.port}`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const resource = `${issuer}/resource`;
const certificateOf = (socket) => socket.getPeerX509Certificate?.();

const detailsOf = (params) => JSON.parse(params.authorization_details ?? '[]');

const provider = new Provider(issuer, {
  clients: task.clients,
  // Of clients that register themselves: it has no other key.
  clientDefaults: {
    authorization_signed_response_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    introspection_signed_response_alg: 'ES256',
  },
  scopes: ['openid', ...task.scopes],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'oracle' }] },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth', 'none'],
  enabledJWA: { dPoPSigningAlgValues: ['ES256', 'PS256', 'Ed25519', 'EdDSA'] },
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  features: {
    ciba: {
      enabled: true,
      deliveryModes: ['poll'],
      processLoginHint: (_, hint) => hint,
      validateBindingMessage: () => {},
      validateRequestContext: () => {},
      verifyUserCode: () => {},
      triggerAuthenticationDevice: async (_, request, account, client) => {
        const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
        grant.addOIDCScope(request.scope);
        await provider.backchannelResult(request, await grant.save());
      },
    },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    fapi: { enabled: true, profile: (_, client) => (client.clientId.includes('fapi2') ? '2.0' : undefined) },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => certificateOf(ctx.socket)?.toString(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_subject_dn' && certificateOf(ctx.socket)?.subject === expected,
    },
    pushedAuthorizationRequests: { enabled: true },
    registration: { enabled: true, initialAccessToken: task.initial },
    registrationManagement: { enabled: true },
    requestObjects: { enabled: true },
    revocation: { enabled: true },
    // It takes details for a resource server only, which is named nowhere else.
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (ctx.oidc.params?.authorization_details ? resource : undefined),
      getResourceServerInfo: () => ({ scope: task.scopes.join(' '), audience: resource, accessTokenFormat: 'opaque' }),
      useGrantedResource: () => true,
    },
    richAuthorizationRequests: {
      enabled: true,
      types: { account_information: { validate: () => {} } },
      authorizationDetailsForGrantSource: (ctx) => detailsOf(ctx.oidc.params),
      authorizationDetailsForAccessToken: (_ctx, _token, source) => source.rar,
      authorizationDetailsForIntrospection: (_, token) => token.rar,
    },
  },
});

async function agree(request, response) {
  const { prompt, grantId, session, params } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'customer' } });
  }
  const grant =
    (grantId && (await provider.Grant.find(grantId))) ||
    new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope(resource, params.scope);
  detailsOf(params).forEach((detail) => grant.addRar(detail));
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

// The API: only for who the token is bound to.
async function serve(request, response) {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ');
  const token = (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value));
  const certificate = certificateOf(request.socket);
  const key = request.headers.dpop && (await calculateJwkThumbprint(decodeProtectedHeader(request.headers.dpop).jwk));
  const isRight =
    token &&
    scheme.toLowerCase() === (token.jkt ? 'dpop' : 'bearer') &&
    (!token.jkt || token.jkt === key) &&
    (!token['x5t#S256'] || token['x5t#S256'] === (certificate && thumbprint(certificate)));
  response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isRight ? { data: [{ is: 'served' }] } : { error: 'invalid_token' }));
}
const thumbprint = ({ fingerprint256 }) => Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');

const answers = provider.callback();
const options = {
  cert: readFileSync(task.certificate_file),
  key: readFileSync(task.private_key_file),
  ca: readFileSync(task.ca_file),
  requestCert: true,
  rejectUnauthorized: false,
};
createServer(options, (request, response) => {
  const handle = request.url.startsWith('/interaction/') ? agree : request.url === '/resource' ? serve : answers;
  Promise.resolve(handle(request, response)).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(task.port, 'localhost', () => console.log('READY'));
