// What the drawing islands share: their styles, loaded from this site; colours, read from the page's own tokens; and
// the switch from the server's picture to the drawn one.

/** Loads a style sheet that stands beside the script. @param {string} address */
export async function loadStyle(address) {
  const href = new URL(address, import.meta.url).href;
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  const loaded = new Promise((resolve) => {
    link.onload = resolve;
    link.onerror = resolve;
  });
  document.head.append(link);
  await loaded;
}

/** The first of these custom properties that the page defines, as a colour that a canvas understands.
 * @param {Element} element @param {string[]} names @param {string} fallback */
export function colour(element, names, fallback) {
  const style = getComputedStyle(element);
  const value = names.map((name) => style.getPropertyValue(name).trim()).find(Boolean) ?? fallback;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return fallback;
  pen.fillStyle = resolved(element, value);
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${(alpha / 255).toFixed(3)})`;
}

/** `light-dark()` and `var()` are resolved by an element, not by a canvas. @param {Element} element @param {string} value */
function resolved(element, value) {
  const probe = document.createElement('i');
  probe.hidden = true;
  probe.style.color = value;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** Hides the server's picture (by `drawn.css`); tables and lists stay, they are the other way to read it.
 * @param {Element} element */
export function showDrawn(element) {
  element.dataset.drawn = '';
}

/** The server's picture again. @param {Element} element */
export function showFallback(element) {
  delete element.dataset.drawn;
}

/** Calls back when the page turns dark or light. @param {() => void} changed */
export function onTheme(changed) {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const watch = new MutationObserver(changed);
  query.addEventListener('change', changed);
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
  return () => {
    query.removeEventListener('change', changed);
    watch.disconnect();
  };
}

/** JSON from this site. @param {string} address */
export async function getJson(address) {
  const answer = await fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${new URL(address, location.href).pathname}: ${answer.status}`);
  return answer.json();
}
