// Logging in by password and code.
import assert from 'node:assert/strict';
import { accountOf, journey, loginByForm } from './harness.mjs';

journey('a wrong password or code is refused, the right ones are not', {}, async ({ page, server, open }) => {
  const account = accountOf(server, 'tracer');
  await assert.rejects(loginByForm(page, { ...account, password: 'wrong' }, server));
  await assert.rejects(loginByForm(page, { ...account, otp: 'GEZDGNBVGY3TQOJQ' }, server));
  await loginByForm(page, account, server);
  await open('/');
  assert.ok(!new URL(page.url()).pathname.startsWith('/login'));
});
