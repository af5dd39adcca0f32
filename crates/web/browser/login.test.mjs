// Logging in: by password and code, and through an OpenID Connect provider.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { accountOf, journey, loginByForm, startServer, theServer } from './harness.mjs';
import { CLIENT, loginAtProvider, startProvider, USER } from './provider.mjs';

const BACK = '/login/oidc/back';

journey('a wrong password or code is refused, the right ones are not', {}, async ({ page, server, open }) => {
  const account = accountOf(server, 'tracer');
  await assert.rejects(loginByForm(page, { ...account, password: 'wrong' }, server));
  await assert.rejects(loginByForm(page, { ...account, otp: 'GEZDGNBVGY3TQOJQ' }, server));
  await loginByForm(page, account, server);
  await open('/');
  assert.ok(!new URL(page.url()).pathname.startsWith('/login'));
});

let made;
/** The provider has to know the server's address, and the server the provider's: the provider is asked first, and told
 *  the address when the server listens. */
const withProvider = () => (made ??= (async () => {
  const provider = await startProvider({ user: { ...USER, sub: accountOf(await theServer(), 'tracer').login } });
  const server = await startServer({
    env: {
      DAYCLEAR_OIDC_ISSUER: provider.issuer,
      DAYCLEAR_OIDC_CLIENT_ID: CLIENT.id,
      DAYCLEAR_OIDC_CLIENT_SECRET: CLIENT.secret,
    },
  });
  provider.allow(new URL(BACK, server.url).href);
  return { ...server, provider };
})());
after(async () => {
  await (await made)?.stop();
  await (await made)?.provider.stop();
});

journey('login through the provider', { server: withProvider }, async ({ page, server, open }) => {
  await open('/login');
  await page.locator('a[href^="/login/oidc"], form[action^="/login/oidc"] button').first().click();
  await loginAtProvider(page, { ...USER, sub: accountOf(server, 'tracer').login });
  await page.waitForURL((url) => url.origin === server.url && !url.pathname.startsWith('/login'));
});
