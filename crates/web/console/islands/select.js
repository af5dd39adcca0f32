// Choosing rows: all of the page, ranges with shift, and a count in the bulk bar. The boxes belong to an ordinary form
// (`form="bulk"`), so without script the same form is sent with the rows that were ticked.
//
// <form id="bulk" data-island="select"> with <output data-word-one="{n} row" data-word-other="{n} rows">; per row
// <input type="checkbox" form="bulk" name="key">; in the head th.pick > span with the words for all, beside which the
// box for all is made here, because without script it could do nothing.

/** @param {HTMLFormElement} form */
export function mount(form) {
  /** @type {HTMLInputElement | null} */
  let last = null;
  const boxes = () => [...form.elements].filter((box) => box.type === 'checkbox' && box.name === 'key' && !box.disabled);
  const ofForm = (element) => boxes().includes(element);

  /** Boxes for all, one in each table that holds boxes of the form; a live part may have brought a new table. */
  function heads() {
    const tables = new Set(boxes().map((box) => box.closest('table')).filter(Boolean));
    return [...tables].map((table) => table.querySelector('input[data-select-all]') ?? makeHead(table)).filter(Boolean);
  }

  function makeHead(table) {
    const cell = table.querySelector('thead .pick');
    const words = cell?.firstElementChild;
    if (!words) return null;
    const label = document.createElement('label');
    label.className = 'tick';
    const head = document.createElement('input');
    head.type = 'checkbox';
    head.dataset.selectAll = '';
    words.before(label);
    label.append(head, words);
    return head;
  }

  function show() {
    const all = boxes();
    const count = all.filter((box) => box.checked).length;
    for (const head of heads()) {
      head.checked = count > 0 && count === all.length;
      head.indeterminate = count > 0 && count < all.length;
    }
    form.hidden = count === 0;
    for (const place of form.querySelectorAll('output')) {
      const plural = new Intl.PluralRules(document.documentElement.lang || 'en').select(count);
      const words = (plural === 'one' ? place.dataset.wordOne : undefined) ?? place.dataset.wordOther ?? '{n}';
      place.textContent = words.replace('{n}', String(count));
    }
    for (const box of all) box.closest('tr')?.classList.toggle('picked', box.checked);
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (!ofForm(box)) return;
    if (event.shiftKey && last?.isConnected) {
      const all = boxes();
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
  }

  /** @param {Event} event */
  function onChange(event) {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (heads().includes(box)) for (const row of boxes()) row.checked = box.checked;
    else if (!ofForm(box)) return;
    show();
  }

  const afterReset = () => setTimeout(show);
  document.addEventListener('click', onClick);
  document.addEventListener('change', onChange);
  document.addEventListener('dayclear:replaced', show);
  form.addEventListener('reset', afterReset);
  show();
  return () => {
    document.removeEventListener('click', onClick);
    document.removeEventListener('change', onChange);
    document.removeEventListener('dayclear:replaced', show);
    form.removeEventListener('reset', afterReset);
  };
}
