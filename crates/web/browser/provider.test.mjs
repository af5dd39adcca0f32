// The provider for tests, by itself: a code by way of its pages, and a token for the code.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { launch } from './chromium.mjs';
import { CLIENT, loginAtProvider, startProvider, USER } from './provider.mjs';

test('the provider gives a token to its one client for its one user', async () => {
  const client = createServer((_, response) => response.end('back'));
  await new Promise((resolve) => client.listen(0, '127.0.0.1', resolve));
  const redirect = `http://127.0.0.1:${client.address().port}/back`;
  const provider = await startProvider();
  provider.allow(redirect);
  const browser = await launch();
  try {
    const about = await (await fetch(`${provider.issuer}/.well-known/openid-configuration`)).json();
    assert.equal(about.issuer, provider.issuer);
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const ask = { client_id: CLIENT.id, response_type: 'code', scope: 'openid', redirect_uri: redirect, state: 's', nonce: 'n', code_challenge: challenge, code_challenge_method: 'S256' };
    const page = await browser.newPage();
    await page.goto(`${about.authorization_endpoint}?${new URLSearchParams(ask)}`);
    await loginAtProvider(page);
    await page.waitForURL(`${redirect}?**`);
    const code = new URL(page.url()).searchParams.get('code');
    const answer = await fetch(about.token_endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier }),
    });
    const { id_token: token } = await answer.json();
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    assert.equal(claims.sub, USER.sub);
    assert.equal(claims.nonce, 'n');
  } finally {
    await browser.close();
    await provider.stop();
    client.closeAllConnections();
    client.close();
  }
});
