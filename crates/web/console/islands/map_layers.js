// Layers of the map and the small pictures they are drawn with. A district is an outline, an area is hatched (densely
// when its risk is high, dotted outline when it has ended), a site is a circle, a facility a square; `state: "full"`
// or "late" fills the shape; `step: "s-1".."s-5"` shades a district by its figure. Colours come from the page.

import { colour } from './drawn.js';

/** Layers that answer a click, what lies on top first. */
export const CLICKABLE = ['facility', 'site', 'area-spot-high', 'area-spot', 'area-high', 'area', 'area-ended', 'district'];

/** @param {Element} element */
export function palette(element) {
  const pick = (names, fallback) => colour(element, names, fallback);
  return {
    ink: pick(['--map-ink', '--ink'], 'CanvasText'),
    paper: pick(['--map-paper', '--paper'], 'Canvas'),
    land: pick(['--map-land', '--wash'], 'light-dark(#f1f3f2, #20262a)'),
    steps: ['--step-1', '--step-2', '--step-3', '--step-4', '--step-5'].map((name) => pick([name], 'transparent')),
    line: pick(['--map-line', '--edge'], 'light-dark(#7b8784, #7d8a90)'),
    high: pick(['--map-high', '--bad'], 'light-dark(#a4262c, #f28b82)'),
    low: pick(['--map-low', '--warn-edge'], 'light-dark(#8a5a00, #f0c068)'),
    site: pick(['--map-site', '--link'], 'light-dark(#005a8c, #7cc4f0)'),
    facility: pick(['--map-facility', '--soft'], 'light-dark(#5b3a8c, #c4a7f0)'),
  };
}

const isLayer = (layer) => ['==', ['get', 'layer'], layer];
const state = ['coalesce', ['get', 'state'], ''];

/** From here on there is room for the names of places. */
const NAME_ZOOM_MIN = 11.5;
/** Beyond this an area is large enough to be hatched. */
const SPOT_ZOOM_MAX = 14;

/** A district without a figure stays as the land is. */
function shade(colours) {
  return ['match', ['coalesce', ['get', 'step'], ''], ...colours.steps.flatMap((colour, at) => [`s-${at + 1}`, colour]), colours.land];
}

/** @param {ReturnType<typeof palette>} colours */
export function layersOf(colours) {
  const of = (layer, id, rest) => ({ id, source: 'all', metadata: { layer }, ...rest });
  const area = (id, states, rest) =>
    of('area', id, { filter: ['all', isLayer('area'), states], ...rest });
  const high = ['==', state, 'high'];
  const ended = ['==', state, 'ended'];
  const other = ['all', ['!', high], ['!', ended]];
  const label = (layer, id, size, rest) =>
    of(layer, id, {
      type: 'symbol',
      filter: isLayer(id),
      layout: { 'text-field': ['get', 'name'], 'text-size': size, 'text-font': ['sans-serif'], 'text-optional': true, ...rest },
      paint: { 'text-color': colours.ink, 'text-halo-color': colours.paper, 'text-halo-width': 1.5 },
    });
  const marker = (layer) =>
    label(layer, layer, ['step', ['zoom'], 0, NAME_ZOOM_MIN, 12], {
      'icon-image': ['concat', layer, ['match', state, ['full', 'late'], '-full', '']],
      'icon-allow-overlap': true,
      'text-anchor': 'top',
      'text-offset': [0, 0.8],
    });
  const spot = (id, states, colour) =>
    of('area', id, {
      type: 'circle',
      maxzoom: SPOT_ZOOM_MAX,
      filter: ['all', isLayer('area-spot'), states],
      paint: { 'circle-radius': 4, 'circle-color': colours.paper, 'circle-stroke-color': colour, 'circle-stroke-width': 2.5 },
    });
  return [
    of('district', 'land', { type: 'background', paint: { 'background-color': colours.paper } }),
    of('district', 'district', { type: 'fill', filter: isLayer('district'), paint: { 'fill-color': shade(colours) } }),
    area('area', other, { type: 'fill', paint: { 'fill-pattern': 'hatch-low' } }),
    area('area-high', high, { type: 'fill', paint: { 'fill-pattern': 'hatch-high' } }),
    area('area-ended', ended, { type: 'fill', paint: { 'fill-color': colours.land } }),
    of('district', 'district-line', { type: 'line', filter: isLayer('district'), paint: { 'line-color': colours.line, 'line-width': 1 } }),
    area('area-line', other, { type: 'line', paint: { 'line-color': colours.low, 'line-width': 1.5 } }),
    area('area-high-line', high, { type: 'line', paint: { 'line-color': colours.high, 'line-width': 2.5 } }),
    area('area-ended-line', ended, { type: 'line', paint: { 'line-color': colours.line, 'line-width': 1.5, 'line-dasharray': [1, 2] } }),
    label('district', 'district-name', 12, { 'text-padding': 4 }),
    spot('area-spot', ['!', high], colours.low),
    spot('area-spot-high', high, colours.high),
    marker('site'),
    marker('facility'),
  ];
}

/** @param {import('maplibre-gl').Map} map @param {ReturnType<typeof palette>} colours */
export function addImages(map, colours) {
  const images = {
    'hatch-low': hatch(colours.low, 10, 1),
    'hatch-high': hatch(colours.high, 6, 1.5),
    site: circle(colours.site, colours.paper),
    'site-full': circle(colours.site, colours.site),
    facility: square(colours.facility, colours.paper),
    'facility-full': square(colours.facility, colours.facility),
  };
  for (const [name, image] of Object.entries(images)) {
    if (map.hasImage(name)) map.removeImage(name);
    map.addImage(name, image, { pixelRatio: 2 });
  }
}

function drawn(size, draw) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d');
  draw(pen, size);
  return pen.getImageData(0, 0, size, size);
}

/** Diagonal lines that meet at the edges of the tile. */
function hatch(line, gap, width) {
  return drawn(gap * 2, (pen, size) => {
    pen.strokeStyle = line;
    pen.lineWidth = width * 1.5;
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
      pen.stroke();
    }
  });
}

function circle(line, fill) {
  return drawn(24, (pen, size) => {
    pen.arc(size / 2, size / 2, size / 2 - 4, 0, 2 * Math.PI);
    outline(pen, line, fill);
  });
}

function square(line, fill) {
  return drawn(24, (pen, size) => {
    pen.rect(4, 4, size - 8, size - 8);
    outline(pen, line, fill);
  });
}

function outline(pen, line, fill) {
  pen.fillStyle = fill;
  pen.strokeStyle = line;
  pen.lineWidth = 4;
  pen.fill();
  pen.stroke();
}
