// Keyboard of the console: rows, filter, pages, help. Single keys do nothing while somebody types, while a dialog is
// open, or when they were switched off (WCAG 2.1.4). The help is the server's dialog, in the reader's language.
//
// <body data-island="keys">, <a data-go="w">, [data-rows] with tr or [data-row], [data-filter],
// <dialog data-keys-help> with <input type="checkbox" data-keys-switch>

const GO_MS = 1_500;
const SWITCH = 'dayclear-keys';
const TYPING = 'input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable=true]';
const OWN_KEYS = '[role=application], [role=listbox], [role=menu], [role=tree], canvas';

/** @param {HTMLElement} root */
export function mount(root) {
  let going = 0;

  const help = () => root.querySelector('dialog[data-keys-help]');
  const box = help()?.querySelector('[data-keys-switch]');
  if (box) {
    box.checked = isOn();
    box.addEventListener('change', () => remember(box.checked));
  }
  for (const button of root.querySelectorAll('[data-keys-open]')) {
    button.addEventListener('click', () => help()?.showModal());
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest(TYPING) || root.querySelector('dialog[open]')) return;
    if (going && performance.now() < going) {
      going = 0;
      const link = root.querySelector(`[data-go="${CSS.escape(event.key.toLowerCase())}"]`);
      if (link) {
        event.preventDefault();
        link.click();
      }
      return;
    }
    going = 0;
    const act = action(event, target);
    if (act) {
      event.preventDefault();
      act();
    }
  }

  /** What the key does here, or nothing. @param {KeyboardEvent} event @param {Element} target */
  function action(event, target) {
    const row = rowOf(target);
    // Arrows and Enter belong to a row; elsewhere they scroll the page and press buttons.
    if (row && !target.closest(OWN_KEYS)) {
      if (event.key === 'ArrowDown') return () => move(row, 1);
      if (event.key === 'ArrowUp') return () => move(row, -1);
      if (event.key === 'Enter' && !target.matches('a, button, summary')) return () => linkOf(row)?.click();
    }
    if (!isOn() || target.closest(OWN_KEYS)) return null;
    switch (event.key) {
      case 'j': return () => move(row, 1);
      case 'k': return () => move(row, -1);
      case 'x': return row && boxOf(row) ? () => boxOf(row).click() : null;
      case '/': return focusFilter;
      case '?': return help() ? () => help().showModal() : null;
      case 'g': return () => { going = performance.now() + GO_MS; };
      default: return null;
    }
  }

  function focusFilter() {
    const field = root.querySelector('[data-filter]') ?? root.querySelector('input[type=search]');
    field?.focus();
    field?.select?.();
  }

  /** @param {Element | null} from @param {number} step */
  function move(from, step) {
    const rows = [...root.querySelectorAll('[data-rows] tbody tr, [data-rows] [data-row]')]
      .filter((row) => row.getClientRects().length > 0 && handleOf(row));
    if (rows.length === 0) return;
    const at = from ? rows.indexOf(from) : -1;
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
    const handle = handleOf(rows[next]);
    handle.focus();
    rows[next].scrollIntoView({ block: 'nearest' });
  }

  root.addEventListener('keydown', onKey);
  return () => root.removeEventListener('keydown', onKey);
}

/** @param {Element} target */
function rowOf(target) {
  return target.closest('[data-rows] tbody tr, [data-rows] [data-row]');
}

/** @param {Element} row */
function linkOf(row) {
  return row.querySelector('a[data-row-link]') ?? row.querySelector('a[href]');
}

/** @param {Element} row */
function boxOf(row) {
  return row.querySelector('input[type=checkbox]');
}

/** What receives the focus of a row. @param {Element} row */
function handleOf(row) {
  return linkOf(row) ?? boxOf(row) ?? row.querySelector('button');
}

function isOn() {
  try {
    return localStorage.getItem(SWITCH) !== 'off';
  } catch {
    return true;
  }
}

/** @param {boolean} on */
function remember(on) {
  try {
    localStorage.setItem(SWITCH, on ? 'on' : 'off');
  } catch {
    // Storage is closed to us: the choice lasts as long as the page.
  }
}
