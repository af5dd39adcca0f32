// Cards are dragged from one vehicle to another. A drop sends nothing: it opens the form of the card with the vehicle chosen, and the
// person gives the reason and confirms, as they do with the keyboard alone.
//
// <section data-island="lanes" data-dropped="… {person} … {vehicle}">, [data-lane="V1"], li[data-card][data-person] with a form in
// details, [data-lanes-said]

/** @param {HTMLElement} root */
export function mount(root) {
  /** @type {HTMLElement | null} */
  let carried = null;
  const lane = (event) => event.target.closest?.('[data-lane]');

  for (const card of root.querySelectorAll('[data-card]')) {
    if (card.querySelector('form')) card.draggable = true;
  }

  function begin(event) {
    carried = event.target.closest?.('[data-card]') ?? null;
    if (!carried) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', carried.dataset.card);
  }

  function over(event) {
    const to = lane(event);
    if (!carried || !to || to.contains(carried)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
  }

  function drop(event) {
    const to = lane(event);
    if (!carried || !to || to.contains(carried)) return;
    event.preventDefault();
    const { vehicle, card } = { vehicle: to.dataset.lane, card: carried };
    const choice = card.querySelector('select');
    if (![...choice.options].some((option) => option.value === vehicle)) return;
    choice.value = vehicle;
    card.querySelector('details').open = true;
    const said = root.querySelector('[data-lanes-said]');
    said.textContent = root.dataset.dropped.replace('{person}', card.dataset.person).replace('{vehicle}', vehicle);
    card.querySelector('input[name="pin:reason"]').focus();
  }

  const end = () => (carried = null);
  root.addEventListener('dragstart', begin);
  root.addEventListener('dragover', over);
  root.addEventListener('drop', drop);
  root.addEventListener('dragend', end);
  return () => {
    root.removeEventListener('dragstart', begin);
    root.removeEventListener('dragover', over);
    root.removeEventListener('drop', drop);
    root.removeEventListener('dragend', end);
  };
}
