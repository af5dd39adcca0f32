// Logging in: by password and code, and by an identity provider.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { accountOf, axe, freshCode, journey, loginByForm, noSidewaysScroll, startServer } from './harness.mjs';
import { programPath } from './program.mjs';
import { CLIENT, loginAtProvider, startProvider, USER } from './provider.mjs';

journey('a wrong password or code is refused, the right ones are not', {}, async ({ page, server, open }) => {
  const account = accountOf(server, 'tracer');
  await assert.rejects(loginByForm(page, { ...account, password: 'wrong' }, server));
  await assert.rejects(loginByForm(page, { ...account, otp: 'GEZDGNBVGY3TQOJQ' }, server));
  await loginByForm(page, account, server);
  await open('/');
  assert.ok(!new URL(page.url()).pathname.startsWith('/login'));
});

/** A server that knows the provider; they are started once and learn each other's address. */
let known;
const withProvider = () => (known ??= (async () => {
  const provider = await startProvider();
  const server = await startServer({
    env: {
      DAYCLEAR_OIDC_ISSUER: provider.issuer,
      DAYCLEAR_OIDC_CLIENT_ID: CLIENT.id,
      DAYCLEAR_OIDC_CLIENT_SECRET: CLIENT.secret,
      DAYCLEAR_OIDC_LABEL: 'City ID',
    },
  });
  provider.allow(new URL('/login/oidc/back', server.url).href);
  return { provider, server };
})());
const providedServer = async () => (await withProvider()).server;

after(async () => {
  const { provider, server } = (await known?.catch(() => null)) ?? {};
  await server?.stop();
  await provider?.stop();
});

/** What the operator does at the machine. */
async function admin(...words) {
  const { server } = await withProvider();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DAYCLEAR_')));
  const where = ['--db', server.db, '--secrets', server.keys];
  await promisify(execFile)(programPath(), ['admin', 'user', ...words, ...where], { env });
}

const byProvider = { server: providedServer };
const path = (page) => new URL(page.url()).pathname;

/** Goes to the provider by the link of the login page, and signs in there. */
async function leave(page, open, to) {
  await open(to);
  assert.equal(path(page), '/login', 'whoever is not logged in is led to the login');
  await page.getByRole('link', { name: 'Log in with City ID' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
  await loginAtProvider(page);
}

journey('somebody whom nobody linked is refused, with words that say what to do', byProvider, async ({ page, open, context }) => {
  await leave(page, open, '/transfers');
  await page.waitForURL('**/login/oidc/back**');
  const said = await page.locator('[role=alert]').innerText();
  assert.ok(said.includes('administrator') && !said.includes(USER.sub), said);
  assert.equal(await page.locator('input[name=password]').count(), 1, 'the password is still a way in');
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 320, height: 700 });
  assert.deepEqual(await noSidewaysScroll(page, 320), []);
  const names = (await context.cookies()).map((cookie) => cookie.name);
  assert.ok(!names.some((name) => name.startsWith('__Host-dayclear')), `nothing is kept: ${names}`);
  await open('/transfers');
  assert.equal(path(page), '/login');
});

journey('somebody who is linked comes in by the provider and the code of their authenticator', byProvider, async ({ page, server, open, context }) => {
  const { provider } = await withProvider();
  const account = accountOf(server, 'dispatcher');
  await admin('link', account.login, '--subject', USER.sub, '--issuer', provider.issuer);
  await leave(page, open, '/transfers');
  // the provider vouches for no second factor, so ours is asked, and until it is given nothing opens
  await page.waitForURL('**/step-up**');
  const half = (await context.cookies()).find((cookie) => cookie.name === '__Host-dayclear').value;
  const peek = await context.newPage();
  await peek.goto(new URL('/transfers', server.url).href);
  assert.ok(!(await peek.locator('main').innerText()).includes('Transfers'), 'half a login opens nothing');
  await peek.close();
  await page.locator('input[name=code]').fill(await freshCode(account.otp));
  await page.locator('main form button').click();
  await page.waitForURL('**/transfers');
  assert.notEqual((await context.cookies()).find((cookie) => cookie.name === '__Host-dayclear').value, half);
  assert.ok((await page.locator('body').innerText()).includes(account.login));

  // unlinked, their session is over and the provider opens nothing any more
  await admin('unlink', account.login);
  await open('/transfers');
  assert.equal(path(page), '/login');
});

journey('an answer that comes back a second time is refused', byProvider, async ({ page, server, open }) => {
  const { provider } = await withProvider();
  await admin('link', accountOf(server, 'hotline').login, '--subject', USER.sub, '--issuer', provider.issuer);
  const backs = [];
  page.on('request', (request) => request.url().includes('/login/oidc/back') && backs.push(request.url()));
  await open('/login');
  const link = page.getByRole('link', { name: 'Log in with City ID' });
  const [begun] = await Promise.all([page.waitForResponse('**/login/oidc?**'), link.click()]);
  const kept = /__Host-dayclear-oidc=([^;]+)/.exec((await begun.allHeaders())['set-cookie'])[1];
  await loginAtProvider(page);
  await page.waitForURL('**/step-up**');
  // with what the browser had kept, as somebody who copied both would try
  const again = await fetch(backs[0], { headers: { cookie: `__Host-dayclear-oidc=${kept}`, accept: 'text/html' }, redirect: 'manual' });
  assert.equal(again.status, 403);
  assert.ok((await again.text()).includes('begun'), 'it says what to do');
  assert.ok(!again.headers.getSetCookie().some((cookie) => cookie.startsWith('__Host-dayclear=')));
});
