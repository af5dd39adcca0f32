// A small real OpenID Connect provider (npm `oidc-provider`) on loopback, with one client and one user. Prints
// `issuer http://127.0.0.1:PORT`. Its own log-in page asks for a name; only the user's is accepted.
//
//   node provider.mjs --redirect http://127.0.0.1:PORT/login/oidc/back [--port N]
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import Provider from 'oidc-provider';

export const CLIENT = { id: 'dayclear', secret: 'only-for-tests-on-loopback' };
export const USER = { sub: 'duty-officer', preferred_username: 'duty-officer', email: 'duty-officer@example.org' };

/** Starts it. `allow` adds an address to come back to: the server under test knows its port only when it listens, and
 * asks the provider about itself before that.
 * @param {{port?: number, redirects?: string[], user?: object}} options */
export async function startProvider({ port = 0, redirects = [], user = USER } = {}) {
  let answer = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const make = () => new Provider(issuer, {
    clients: [{
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      redirect_uris: redirects,
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'tests', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['only-for-tests'] },
    claims: { openid: ['sub', 'preferred_username'], email: ['email'] },
    conformIdTokenClaims: false,
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    findAccount: (_, id) => (id === user.sub ? { accountId: id, claims: () => user } : undefined),
  });
  const allow = (redirect) => {
    redirects = [...redirects, redirect];
    answer = make().callback();
  };
  answer = make().callback();
  const stop = () => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
  return { issuer, allow, stop };
}

/** Fills in the provider's own pages. @param {import('playwright-core').Page} page */
export async function loginAtProvider(page, user = USER) {
  await page.locator('input[name=login]').fill(user.sub);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.locator('form button[type=submit]').click();
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split('/').at(-1))) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, redirect: { type: 'string', multiple: true, default: [] } } });
  const { issuer } = await startProvider({ port: Number(values.port), redirects: values.redirect });
  console.log(`issuer ${issuer}`);
}
