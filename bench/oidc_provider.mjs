// The neighbour of our authorization server: node oidc-provider with its in-memory store and two confidential clients.
// node oidc_provider.mjs PORT FORMAT [CERTIFICATE KEY AUTHORITY COMMON_NAME], where FORMAT is `opaque` or `jwt` (ES256, as
// ours are). With the files it speaks TLS and has a third client, known by a certificate of the authority with that name.
// Its one customer agrees to everything, without pages, and is remembered by a cookie.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import Provider from 'oidc-provider';

const [port, format] = [Number(process.argv[2]), process.argv[3]];
const [cert, key, ca] = process.argv.slice(4, 7).map((file) => readFileSync(file));
const commonName = process.argv[7];
const issuer = cert ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'neighbour',
      client_secret: 'a-secret-of-the-benchmark-that-is-long-enough',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
    {
      client_id: 'web-neighbour',
      client_secret: 'a-secret-of-the-benchmark-that-is-long-enough',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://localhost/callback'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
  ].concat(
    commonName
      ? {
          client_id: 'mutual-neighbour',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_subject_dn: `CN=${commonName}`,
          tls_client_certificate_bound_access_tokens: true,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
          id_token_signed_response_alg: 'ES256',
        }
      : [],
  ),
  clientAuthMethods: ['client_secret_post', 'tls_client_auth'],
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  scopes: ['openid', 'accounts'],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' }] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => ctx.socket.getPeerX509Certificate()?.toString(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_subject_dn' &&
        ctx.socket.getPeerX509Certificate()?.subject.split('\n').includes(expected),
    },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: {
      enabled: format === 'jwt',
      defaultResource: () => 'urn:bench',
      getResourceServerInfo: () => ({
        scope: 'accounts',
        audience: 'urn:bench',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
      useGrantedResource: () => true,
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
  grant.addResourceScope('urn:bench', params.scope);
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const answers = provider.callback();
const serve = (request, response) => {
  const handle = request.url.startsWith('/interaction/') ? agree : answers;
  Promise.resolve(handle(request, response)).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
};
const server = cert
  ? createTlsServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, serve)
  : createServer(serve);
server.listen(port, '127.0.0.1');
