// The service worker of a page that opens without a network: it keeps the shell, and nothing else. The shell is the
// empty page, its style and its scripts (the list that the server puts before this file, as `self.SHELL`); it holds nothing about
// anybody. Whatever else is asked for goes to the network and is never kept.

const NAME = `${self.SHELL.name}-${self.SHELL.version}`;
const PAGE = self.SHELL.page;
const PATIENCE_MS = 4_000;

self.addEventListener('install', (event) => {
  const files = self.SHELL.files.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith(`${self.SHELL.name}-`) && name !== NAME;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (url.pathname === PAGE) event.respondWith(page(request));
    return;
  }
  if (self.SHELL.files.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(request, { cacheName: NAME }).then((kept) => kept ?? fetch(request)));
  }
});

/** The page as the server has it now, in the language that was chosen; the kept one where there is no network, or one too slow. */
async function page(request) {
  const cache = await caches.open(NAME);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (fresh.ok && !fresh.redirected) await cache.put(PAGE, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(PAGE)) ?? Response.error();
  }
}
