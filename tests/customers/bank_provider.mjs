// The bank's own OpenID provider: node oidc-provider behind TLS, with its own login form for whoever comes.
// node bank_provider.mjs PORT CERTIFICATE KEY REDIRECT_URI
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [port, certificate, key, redirectUri, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/package.json`));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(`https://localhost:${port}`, {
  clients: [
    {
      client_id: 'propylon',
      client_secret: 'what the bank gave propylon, long enough',
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bank-1' }] },
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({
      sub: id,
      name: `${id} of the bank`,
      email: `${id.toLowerCase()}@customers.example`,
      email_verified: id !== 'Unproven',
    }),
  }),
});
createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, provider.callback()).listen(
  Number(port),
  '127.0.0.1',
  () => console.log('ready'),
);
