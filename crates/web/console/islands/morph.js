// Replaces what is inside an element and keeps what a person did there: focus, scroll, open details, ticked boxes.
// An island inside that is marked `data-live-keep` with an id stays as it is (a map would lose its view).

const TYPING = 'input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]';

/** Whether somebody is typing or answering a dialog inside. @param {HTMLElement} element */
export function isBusy(element) {
  const active = document.activeElement;
  if (active && element.contains(active) && active.matches(TYPING)) return true;
  return element.querySelector('dialog[open]') !== null;
}

/** A way to find the same element again after the replacement. @param {Element} element @param {Element} root */
function addressOf(element, root) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.getAttribute('name');
  const value = element.getAttribute('value');
  if (name && value !== null) return `[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`;
  if (name) return `[name="${CSS.escape(name)}"]`;
  const href = element.getAttribute('href');
  const row = element.closest('[id]');
  if (href) return `${row && row !== root && root.contains(row) ? `#${CSS.escape(row.id)} ` : ''}a[href="${CSS.escape(href)}"]`;
  return null;
}

/** @param {HTMLElement} element @param {Element} next */
export function replaceContents(element, next) {
  const active = element.contains(document.activeElement) ? document.activeElement : null;
  const focus = active ? addressOf(active, element) : null;
  const ticked = [...element.querySelectorAll('input[type=checkbox], input[type=radio]')]
    .filter((box) => box.checked !== box.defaultChecked)
    .map((box) => [addressOf(box, element), box.checked]);
  const opened = [...element.querySelectorAll('details')].map((details) => [addressOf(details, element), details.open]);
  const scrolled = [element, ...element.querySelectorAll('[id]')]
    .filter((place) => place.scrollTop || place.scrollLeft)
    .map((place) => [place.id, place.scrollTop, place.scrollLeft]);
  const page = [window.scrollX, window.scrollY];

  for (const kept of element.querySelectorAll('[data-live-keep][id]')) {
    next.querySelector(`#${CSS.escape(kept.id)}`)?.replaceWith(kept);
  }
  element.replaceChildren(...next.childNodes);

  const find = (address) => (address ? element.querySelector(address) : null);
  for (const [address, checked] of ticked) {
    const box = find(address);
    if (box) box.checked = checked;
  }
  for (const [address, open] of opened) {
    const details = find(address);
    if (details) details.open = open;
  }
  for (const [id, top, left] of scrolled) {
    const place = document.getElementById(id);
    if (place) place.scrollTo(left, top);
  }
  window.scrollTo(...page);
  if (active && document.activeElement !== active) {
    const target = find(focus);
    if (target) target.focus({ preventScroll: true });
    else if (element.tabIndex >= 0 || element.hasAttribute('tabindex')) element.focus({ preventScroll: true });
  }
}
