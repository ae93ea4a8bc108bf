// What a script that drives a client is told, and how it answers.
// One line of JSON on standard input says what to do; for the code flow the authorization address goes out as a line
// `AUTHORIZE <url>`, and the address that the customer's browser was sent back to comes in as the next line.
// `APPROVE <binding message>` asks for the customer's yes to a question.
// The last line is `RESULT <json>`.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';

import { Agent, fetch as undiciFetch } from 'undici';

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const readLine = async () => (await input.next()).value;

export const task = JSON.parse(await readLine());

// The client's certificate, if it has one, and trust in the server's.
const connect = { ca: readFileSync(task.ca_file) };
if (task.certificate_file) {
  connect.cert = readFileSync(task.certificate_file);
  connect.key = readFileSync(task.private_key_file);
}
const dispatcher = new Agent({ connect });
export const overTls = (url, options) => undiciFetch(url, { ...options, dispatcher });

// FAPI 2.0 section 5.4: the key never leaves the client.
async function importKey({ alg, ...jwk }) {
  const algorithms = {
    ES256: { name: 'ECDSA', namedCurve: 'P-256' },
    PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
    Ed25519: { name: 'Ed25519' },
  };
  return { key: await crypto.subtle.importKey('jwk', jwk, algorithms[alg], false, ['sign']), kid: jwk.kid };
}
export const signingKey = task.signing_key ? await importKey(task.signing_key) : undefined;

export async function authorize(url) {
  console.log(`AUTHORIZE ${url}`);
  return new URL(await readLine());
}

// The customer is asked elsewhere (CIBA), and answers while the client waits.
export function letApprove(message) {
  console.log(`APPROVE ${message}`);
}

export function finish(result) {
  console.log(`RESULT ${JSON.stringify(result)}`);
  process.exit(0);
}
