#!/usr/bin/env node
// A stand-in for the program, for tests of the islands and of the harness itself: it takes the same commands, keeps the
// same contract, sends the same strict content policy, and has one small page for each island. No product code.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { codeOf, fromBase32, STEP_S } from './totp.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const [command, ...words] = process.argv.slice(2);
const OTP = 'JBSWY3DPEHPK3PXP';
const { values } = parseArgs({
  args: words,
  options: { 'no-serve': { type: 'boolean' }, out: { type: 'string' }, db: { type: 'string' }, secrets: { type: 'string' }, listen: { type: 'string' } },
});

if (command === 'demo') {
  mkdirSync(join(values.out, 'out'), { recursive: true });
  writeFileSync(join(values.out, 'out/dayclear.db'), '');
  writeFileSync(join(values.out, 'out/dayclear.keys'), '');
  const account = (role) => ({ login: role, password: `${role}-password`, otp: OTP, role, token: `token-${role}` });
  writeFileSync(join(values.out, 'accounts.json'), JSON.stringify(['tracer', 'dispatcher'].map(account)));
} else if (command === 'serve') {
  serve();
} else {
  process.exitCode = 2;
}

const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = { js: 'text/javascript', css: 'text/css', json: 'application/json', txt: 'text/plain' };

function serve() {
  const listeners = new Set();
  const usedSteps = new Set();
  let rows = 3;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://stage');
    const send = (status, type, body, headers = {}) =>
      response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY, ...headers }).end(body);
    const goTo = (path, headers) => response.writeHead(303, { location: path, ...headers }).end();
    const lang = ['zh-Hans', 'zh-Hant', 'en'].find((known) => request.headers['accept-language']?.startsWith(known)) ?? 'en';
    const page = (title, body) => send(200, 'text/html', frame(lang, title, body, rows));
    if (url.pathname.startsWith('/assets/')) {
      const name = url.pathname.slice('/assets/'.length);
      if (name === 'stage.css') return send(200, 'text/css', STYLE);
      if (!/^[\w.-]+$/.test(name)) return send(404, 'text/plain', '');
      return send(200, TYPES[name.split('.').at(-1)], readFileSync(join(dist, name)));
    }
    if (url.pathname === '/api/v1/cases') return api(request, url, send);
    if (request.method === 'POST') {
      const form = new URLSearchParams(await new Response(request).text());
      if (url.pathname === '/login') {
        const fits = form.get('password') === `${form.get('login')}-password`;
        return fits ? page('code', codeForm()) : page('login', loginForm('no'));
      }
      if (url.pathname === '/login/code') {
        const now = Math.floor(Date.now() / 1000 / STEP_S);
        const step = [now - 1, now, now + 1].find((at) => codeOf(fromBase32(OTP), at) === form.get('code') && !usedSteps.has(at));
        usedSteps.add(step);
        return step ? goTo('/', { 'set-cookie': 'session=1; HttpOnly; SameSite=Lax; Path=/' }) : page('code', codeForm('no'));
      }
      if (url.pathname === '/stage/change') {
        rows += 1;
        for (const listener of listeners) listener.write(`event: items\nid: ${rows}\ndata: {}\n\n`);
      }
      if (url.pathname === '/stage/drop') for (const listener of listeners) listener.destroy();
      return send(200, 'text/plain', 'done');
    }
    if (url.pathname === '/live') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': open\n\n');
      if (Number(url.searchParams.get('after') ?? rows) < rows) response.write(`event: items\nid: ${rows}\ndata: {}\n\n`);
      listeners.add(response);
      return response.on('close', () => listeners.delete(response));
    }
    if (url.pathname === '/api/openapi.json') return send(200, 'application/json', JSON.stringify(OPENAPI));
    if (url.pathname === '/login') return page('login', loginForm());
    const signedIn = request.headers.cookie?.includes('session=1');
    if (url.pathname === '/') return signedIn ? page('rows', rowsPage(rows)) : goTo('/login');
    if (url.pathname === '/bad') return page('bad', BAD);
    if (url.pathname === '/map') return page('map', MAP);
    if (url.pathname === '/chains') return page('chains', CHAINS);
    if (url.pathname === '/curve') return page('curve', CURVE);
    if (url.pathname === '/days') return page('days', DAYS);
    if (url.pathname === '/map.geojson') return send(200, 'application/geo+json', JSON.stringify(GEOJSON));
    if (url.pathname === '/chains.json') return send(200, 'application/json', JSON.stringify(GRAPH));
    if (url.pathname.startsWith('/case/')) return page('case', `<h1>case ${url.pathname.slice(6)}</h1>`);
    return send(404, 'text/plain', 'nothing here');
  });
  server.listen(Number(values.listen.split(':')[1]), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
}

function api(request, url, send) {
  const problem = (status) => send(status, 'application/problem+json', JSON.stringify({ status }));
  if (!request.headers.authorization?.startsWith('Bearer token-')) return problem(401);
  if (request.method !== 'GET') return send(405, 'application/problem+json', '{"status":405}', { allow: 'GET' });
  const limit = url.searchParams.getAll('limit');
  if (limit.length > 1 || (limit[0] !== undefined && !/^([1-9]|10)$/.test(limit[0]))) return problem(400);
  return send(200, 'application/json', '{"items":[]}');
}
const answer = (type) => ({ description: type, content: { [type]: { schema: { type: 'object' } } } });
const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'stage', version: '1' },
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  security: [{ token: [] }],
  paths: {
    '/api/v1/cases': {
      get: {
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 10 } }],
        responses: { 200: answer('application/json'), 400: answer('application/problem+json'), 401: answer('application/problem+json') },
      },
    },
  },
};

const frame = (lang, title, body, after) => `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/index.css"><link rel="stylesheet" href="/assets/stage.css">
<script type="module" src="/assets/main.js"></script></head>
<body data-island="keys" data-live-after="${after}"><nav aria-label="pages"><a href="/" data-go="i">rows</a> <a href="/map" data-go="m">map</a></nav>
<main>${body}</main>
<dialog data-keys-help aria-label="keys"><label><input type="checkbox" data-keys-switch> keys</label>
<form method="dialog"><button>close</button></form></dialog></body></html>`;

const STYLE = ':focus-visible { outline: 3px solid #005a8c; } a, button, input { min-height: 24px; min-width: 24px; display: inline-block; }';
const alert = (word) => (word ? `<p role="alert">${word}</p>` : '');
const loginForm = (word) => `<h1>login</h1>${alert(word)}<form method="post" action="/login">
<label>login <input name="login" autocomplete="username"></label> <label>password <input name="password" type="password" autocomplete="current-password"></label> <button>in</button></form>`;
const codeForm = (word) => `<h1>code</h1>${alert(word)}<form method="post" action="/login/code">
<label>code <input name="code" inputmode="numeric" autocomplete="one-time-code"></label> <button>in</button></form>`;

const row = (_, at) => `<tr id="row-${at}"><td class="pick"><label class="tick"><input type="checkbox" form="bulk" name="key" value="${at}"><span class="vh">case ${at}</span></label></td>
<td><a class="id" href="/case/${at}">case ${at}</a></td></tr>`;
const rowsPage = (count) => `<h1>rows</h1>
<p data-live-age role="status" data-word-live="live" data-word-since="since {time}" data-word-paused="paused" data-word-ended="ended"></p>
<form><label>filter <input type="search" data-filter name="q"></label></form>
<div id="board" data-island="live" data-live-topics="items"><table class="list" data-rows><thead><tr>
<th class="pick"><span class="vh">all</span></th><th>case</th></tr></thead>
<tbody>${Array.from({ length: count }, row).join('')}</tbody></table></div>
<form class="bulk" id="bulk" data-island="select" method="post" action="/bulk"><output data-word-one="{n} row" data-word-other="{n} rows"></output> <button>go</button></form>`;

const BAD = `<h1>bad</h1><div tabindex="0" class="none">plain</div><style>.none{}</style><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<button onclick="1"></button><table><tr>${'<td>a very wide cell that does not break</td>'.repeat(20)}</tr></table>`;

const MAP = `<h1>map</h1><figure data-island="map" data-source="/map.geojson" data-word-map="map of the city" data-word-zoom-in="closer" data-word-zoom-out="farther" data-word-close="close">
<svg data-fallback width="200" height="100" role="img" aria-label="outline"><rect width="200" height="100" fill="none" stroke="black"/></svg>
<figcaption data-map-legend><label><input type="checkbox" data-layer="area" checked> areas</label> <label><input type="checkbox" data-layer="site" checked> sites</label></figcaption></figure>`;
const square = (west, south, size) => [[[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]];
const polygon = (coordinates, properties) => ({ type: 'Feature', geometry: { type: 'Polygon', coordinates }, properties });
const point = (coordinates, properties) => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties });
const GEOJSON = {
  type: 'FeatureCollection',
  features: [
    polygon(square(106, 29, 1), { layer: 'district', name: '渝中区' }),
    polygon(square(107, 29, 1), { layer: 'district', name: 'District 2' }),
    polygon(square(106.3, 29.3, 0.2), { layer: 'area', state: 'high', name: 'Area A', href: '/case/7', link: 'open', lines: ['two lines', 'of text'] }),
    polygon(square(107.3, 29.3, 0.2), { layer: 'area', name: 'Area B' }),
    polygon(square(107.6, 29.6, 0.2), { layer: 'area', state: 'ended', name: 'Area C' }),
    point([106.7, 29.7], { layer: 'site', name: 'Site 1' }),
    point([107, 29.5], { layer: 'facility', state: 'full', name: 'Facility 1', href: '/case/8', lines: ['400 of 400'] }),
  ],
};

const CHAINS = `<h1>chains</h1><figure data-island="chains" data-source="/chains.json" data-word-chains="tree of cases">
<figcaption><button type="button" data-chains="in">closer</button> <button type="button" data-chains="out">farther</button> <button type="button" data-chains="fit">all</button></figcaption></figure>`;
const KINDS = ['index', 'case', 'asymptomatic', 'contact', 'place', 'unknown'];
const GRAPH = {
  nodes: Array.from({ length: 13 }, (_, id) => ({ id: String(id), label: `C-${id}`, kind: KINDS[id % 6], href: `/case/${id}`, current: id === 4 })),
  edges: Array.from({ length: 12 }, (_, at) => ({ from: String(Math.floor(at / 3)), to: String(at + 1), sure: at % 4 !== 0 })),
};

// Two districts on three days, of which the last one runs; the second is not known on the first day.
const SHADES = [['s-2', 'none'], ['s-3', 's-1'], ['none', 'none']];
const smallDay = (shades, at) => `<li><a href="/days?day=${at}" data-day="2022-11-0${at + 1}" data-said="day ${at}"${at === 1 ? ' aria-current="true"' : ''}><svg viewBox="0 0 20 10" width="20" height="10" aria-hidden="true">
${shades.map((shade, nth) => `<path class="region ${shade}" data-codes="${nth}" d="M${nth * 10} 0h10v10z"/>`).join('')}</svg> day ${at}</a></li>`;
const DAYS = `<h1>days</h1><section id="spread" data-island="days" data-shaded data-most="9" data-word-none="not known"><p data-now>day 1</p>
<div class="drawn-only player"><button type="button" data-play data-word-stop="stop" aria-pressed="false">play</button> <label>day <input type="range" min="0" max="2" step="1" value="0"></label></div>
<svg class="map" width="40" height="20" role="group" aria-label="map"><path class="region s-3" data-code="0" d="M0 0h10v10z"><title>A: 9</title></path><path class="region s-1" data-code="1" d="M10 0h10v10z"><title>B: 0</title></path>
<circle class="dot" data-code="0" cx="5" cy="5" r="26"></circle><g data-label="0" aria-hidden="true"><text class="sub">9</text></g></svg>
<ol class="days">${SHADES.map(smallDay).join('')}</ol>
<table><thead><tr><th>place</th><th>all</th><th>day 0</th><th>day 1</th></tr></thead><tbody><tr data-row="0"><th>A</th><td>13</td><td data-n="4">4</td><td data-n="9">9</td></tr><tr data-row="1"><th>B</th><td>0</td><td>–</td><td data-n="0">0</td></tr></tbody></table></section>`;

const CURVE = `<h1>curve</h1><figure data-island="curve" data-curve="bars" data-word-curve="cases a day"><svg data-fallback width="10" height="10" aria-hidden="true"></svg>
<table><thead><tr><th>day</th><th>cases</th></tr></thead><tbody>${[12, 40, 38, 90, 140].map((count, at) => `<tr><td>2022-11-${10 + at}</td><td>${count}</td></tr>`).join('')}<tr><td>2022-11-15</td><td>unknown</td></tr></tbody></table></figure>
<figure data-island="curve" data-curve="lines" data-word-curve="two lines"><script type="application/json">{"x":["2022-11-01","2022-11-02","2022-11-03"],"xLabel":"day","series":[{"label":"found","values":[3,null,9]},{"label":"moved","values":[1,2,4]}]}</script></figure>`;
