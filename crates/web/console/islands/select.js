// Selecting rows: all of the page, ranges with shift, and a bar that counts. The boxes belong to an ordinary form, so
// without script the same form is sent with the rows that were ticked.
//
// <form data-island="select">, input[data-select-all], input[data-select] per row,
// [data-select-bar] with <output data-select-count data-word-one="{n} row" data-word-other="{n} rows">

/** @param {HTMLElement} form */
export function mount(form) {
  /** @type {HTMLInputElement | null} */
  let last = null;
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[data-select]:not(:disabled)')]);

  function show() {
    const all = boxes();
    const count = all.filter((box) => box.checked).length;
    for (const head of form.querySelectorAll('input[data-select-all]')) {
      head.checked = count > 0 && count === all.length;
      head.indeterminate = count > 0 && count < all.length;
    }
    for (const bar of form.querySelectorAll('[data-select-bar]')) bar.hidden = count === 0;
    for (const place of form.querySelectorAll('[data-select-count]')) {
      const plural = new Intl.PluralRules(document.documentElement.lang || 'en').select(count);
      const words = (plural === 'one' ? place.dataset.wordOne : undefined) ?? place.dataset.wordOther ?? '{n}';
      place.textContent = words.replace('{n}', String(count));
    }
    for (const box of all) box.closest('tr, [data-row]')?.toggleAttribute('data-selected', box.checked);
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (!box.matches?.('input[data-select]')) return;
    if (event.shiftKey && last?.isConnected) {
      const all = boxes();
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
  }

  /** @param {Event} event */
  function onChange(event) {
    const head = /** @type {HTMLInputElement} */ (event.target);
    if (head.matches('input[data-select-all]')) for (const box of boxes()) box.checked = head.checked;
    show();
  }

  const afterReplaced = () => show();
  const afterReset = () => setTimeout(show);
  form.addEventListener('click', onClick);
  form.addEventListener('change', onChange);
  form.addEventListener('reset', afterReset);
  document.addEventListener('dayclear:replaced', afterReplaced);
  show();
  return () => {
    form.removeEventListener('click', onClick);
    form.removeEventListener('change', onChange);
    form.removeEventListener('reset', afterReset);
    document.removeEventListener('dayclear:replaced', afterReplaced);
  };
}
