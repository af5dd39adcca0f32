// A time series as bars or lines. Series differ in dash and width as well as in colour. The numbers come from JSON
// inside the element or from its table; the table stays, for reading and for screen readers.
//
// <figure data-island="curve" data-curve="bars|lines" data-word-curve> with [data-fallback] (the server's SVG) and
// <script type="application/json">{"x": ["2022-11-01", ...], "xLabel": "", "series": [{"label": "", "values": [1, null]}]}
// or <table>: first column is x, each further column a series.

import uPlot from 'uplot';
import { colour, loadStyle, onTheme, showDrawn } from './drawn.js';

const HEIGHT_PX = 220;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const TOKENS = ['--bar', '--bad', '--good', '--warn-edge'];
const OUTLINES = ['solid', 'dashed', 'dotted', 'double'];

/** @param {HTMLElement} element */
export async function mount(element) {
  const data = read(element);
  if (!data || data.x.length === 0 || data.series.length === 0) return undefined;
  await loadStyle(STYLES.curve);
  const place = document.createElement('div');
  place.className = 'curve-place';
  place.setAttribute('role', 'img');
  place.setAttribute('aria-label', element.dataset.wordCurve ?? data.series.map(({ label }) => label).join(', '));
  element.prepend(place);
  let plot = draw(element, place, data);
  showDrawn(element);
  place.dataset.ready = String(data.x.length);
  const resized = new ResizeObserver(() => {
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT_PX });
  });
  resized.observe(place);
  const stopTheme = onTheme(() => {
    plot.destroy();
    plot = draw(element, place, data);
  });
  return () => {
    stopTheme();
    resized.disconnect();
    plot.destroy();
  };
}

function draw(element, place, { x, xLabel, series }) {
  const days = x.every((value) => DAY.test(value));
  const at = days ? x.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000) : x.map((_, index) => index);
  const language = document.documentElement.lang || undefined;
  const day = new Intl.DateTimeFormat(language, { month: 'numeric', day: 'numeric', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: 'compact' });
  const nameOf = (value) => (value === null ? '' : days ? day.format(value * 1000) : (x[value] ?? ''));
  const ink = colour(element, ['--ink'], 'CanvasText');
  const grid = { stroke: colour(element, ['--line'], 'light-dark(#d5dad8, #39424a)'), width: 1 };
  const bars = element.dataset.curve !== 'lines';
  const axis = { stroke: ink, grid, ticks: grid, font: `12px ${getComputedStyle(element).fontFamily}` };
  return new uPlot(
    {
      width: place.clientWidth || 600,
      height: HEIGHT_PX,
      scales: {
        x: { time: false, range: (_, from, to) => [from - gap(at) / 2, to + gap(at) / 2] },
        y: { range: (_, from, to) => [Math.min(0, from), to > 0 ? to * 1.05 : 1] },
      },
      cursor: { drag: { x: false, y: false } },
      legend: { markers: { dash: (_, index) => (bars && series.length === 1 ? 'solid' : OUTLINES[(index - 1) % OUTLINES.length]) } },
      series: [
        { label: xLabel ?? '', value: (_, value) => nameOf(value) },
        ...series.map(({ label }, index) => lineOf(element, label, index, bars && series.length === 1, number)),
      ],
      axes: [
        { ...axis, grid: { show: false }, values: (_, splits) => splits.map((value) => (at.includes(value) ? nameOf(value) : '')), splits: () => every(at, place.clientWidth) },
        { ...axis, values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? short.format(value) : '')) },
      ],
    },
    [at, ...series.map(({ values }) => values)],
    place,
  );
}

function lineOf(element, label, index, bars, number) {
  const fallbacks = ['light-dark(#005a8c, #7cc4f0)', 'light-dark(#a4262c, #f28b82)', 'light-dark(#3d6b1f, #9fd27a)', 'light-dark(#5b3a8c, #c4a7f0)'];
  const stroke = colour(element, [`--series-${index + 1}`, TOKENS[index % TOKENS.length]], fallbacks[index % fallbacks.length]);
  return {
    label,
    stroke,
    width: bars ? 1 : 2,
    dash: bars ? undefined : DASHES[index % DASHES.length],
    fill: bars ? stroke : undefined,
    paths: bars ? uPlot.paths.bars({ size: [0.8, 40] }) : undefined,
    // A value between two gaps has no line, only its point.
    points: { show: !bars, fill: stroke },
    value: (_, value) => (value === null || value === undefined ? '' : number.format(value)),
  };
}

const gap = (at) => (at.length > 1 ? at[1] - at[0] : 1);

/** As many marks as have room. */
function every(at, width) {
  const step = Math.max(1, Math.ceil((at.length * 48) / Math.max(width, 1)));
  return at.filter((_, index) => index % step === 0);
}

/** @param {HTMLElement} element */
function read(element) {
  const json = element.querySelector('script[type="application/json"]');
  if (json) return JSON.parse(json.textContent ?? 'null');
  const table = element.querySelector('table');
  if (!table) return null;
  const [xLabel, ...labels] = [...table.querySelectorAll('thead tr:last-child > *')].map((cell) => cell.textContent.trim());
  const rows = [...table.querySelectorAll('tbody tr')].map((row) => [...row.children]);
  return {
    x: rows.map(([first]) => first.dataset.value ?? first.textContent.trim()),
    xLabel,
    series: labels.map((label, index) => ({ label, values: rows.map((cells) => numberOf(cells[index + 1])) })),
  };
}

/** What is not a number is unknown, and a gap: never 0. @param {HTMLElement | undefined} cell */
function numberOf(cell) {
  const text = cell?.dataset.value ?? cell?.textContent.replace(/[\s,]/g, '') ?? '';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}
