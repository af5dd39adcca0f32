// The map: outlines of districts, areas under measures, sites and facilities from the server's own GeoJSON, no tiles.
// States are told apart by hatching, line and shape as well as by colour. Without WebGL the server's SVG stays.
//
// <figure data-island="map" data-source="/a.geojson /b.geojson" data-word-map data-word-zoom-in data-word-zoom-out
//   data-word-close> with [data-fallback] (the SVG) and [data-map-legend] whose boxes are input[data-layer="area"].
// Feature: properties {layer: district|area|site|facility, name, state?, lines?: [text], href?, link?: text}

import { LngLatBounds, Map as MapLibre, NavigationControl, Popup, setWorkerUrl } from 'maplibre-gl';
import { getJson, loadStyle, onTheme, showDrawn, showFallback } from './drawn.js';
import { addImages, CLICKABLE, layersOf, palette } from './map_layers.js';

/** @param {HTMLElement} element */
export async function mount(element) {
  if (!document.createElement('canvas').getContext('webgl2')) return undefined;
  setWorkerUrl(new URL(MAP_WORKER, import.meta.url).href);
  const [, ...collections] = await Promise.all([
    loadStyle(STYLES.map),
    ...(element.dataset.source ?? '').split(/\s+/).filter(Boolean).map(getJson),
  ]);
  const drawn = collections.flatMap((collection) => collection.features ?? []);
  const features = [...drawn, ...namesOf(drawn), ...spotsOf(drawn)];
  if (features.length === 0) return undefined;

  const place = document.createElement('div');
  place.className = 'map-place';
  element.prepend(place);
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const words = element.dataset;
  const map = new MapLibre({
    container: place,
    style: styleOf(element, features),
    bounds: element.dataset.focus ? element.dataset.focus.split(',').map(Number) : boundsOf(features),
    fitBoundsOptions: { padding: 24 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: calm ? 0 : 150,
    // The wheel belongs to the page unless the page is only the map.
    scrollZoom: words.mapWheel === 'on',
    localIdeographFontFamily: getComputedStyle(element).fontFamily,
    locale: {
      'Map.Title': words.wordMap ?? '',
      'NavigationControl.ZoomIn': words.wordZoomIn ?? '+',
      'NavigationControl.ZoomOut': words.wordZoomOut ?? '-',
      'Popup.Close': words.wordClose ?? 'x',
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');

  const fallBack = () => {
    place.remove();
    showFallback(element);
  };
  map.getCanvas().addEventListener('webglcontextlost', fallBack);
  map.on('load', () => {
    addImages(map, palette(element));
    showDrawn(element);
    map.resize();
    map.once('idle', () => { place.dataset.ready = ''; });
  });
  // A new style keeps no pictures, so they are drawn again in its colours.
  const stopTheme = onTheme(() => {
    map.setStyle(styleOf(element, features), { diff: false });
    map.once('styledata', () => addImages(map, palette(element)));
  });

  connectLegend(element, map);
  connectPopups(map);
  return () => {
    stopTheme();
    map.remove();
  };
}

function styleOf(element, features) {
  const shown = (layer) => element.querySelector(`input[data-layer="${layer}"]`)?.checked !== false;
  return {
    version: 8,
    sources: { all: { type: 'geojson', data: { type: 'FeatureCollection', features } } },
    layers: layersOf(palette(element)).map((layer) => ({
      ...layer,
      layout: { ...layer.layout, visibility: shown(layer.metadata.layer) ? 'visible' : 'none' },
    })),
  };
}

/** @param {HTMLElement} element @param {MapLibre} map */
function connectLegend(element, map) {
  element.addEventListener('change', (event) => {
    const layer = /** @type {HTMLElement} */ (event.target).dataset.layer;
    if (!layer) return;
    for (const drawn of map.getStyle().layers) {
      if (drawn.metadata?.layer === layer) {
        map.setLayoutProperty(drawn.id, 'visibility', event.target.checked ? 'visible' : 'none');
      }
    }
  });
}

/** Click, or Enter for what lies in the middle: arrows move the map under its cross-hair.
 * @param {MapLibre} map */
function connectPopups(map) {
  const open = (point, radius) => {
    const box = [[point.x - radius, point.y - radius], [point.x + radius, point.y + radius]];
    const found = map.queryRenderedFeatures(box, { layers: CLICKABLE.filter((id) => map.getLayer(id)) });
    const feature = found.find(({ properties }) => properties.name);
    if (!feature) return;
    const at = feature.geometry.type === 'Point' ? feature.geometry.coordinates : map.unproject(point);
    new Popup({ focusAfterOpen: true, maxWidth: '20rem' }).setLngLat(at).setDOMContent(contentOf(feature)).addTo(map)
      .on('close', () => map.getCanvas().focus());
  };
  map.on('click', (event) => open(event.point, 4));
  map.on('mousemove', (event) => {
    const over = map.queryRenderedFeatures(event.point, { layers: CLICKABLE.filter((id) => map.getLayer(id)) });
    map.getCanvas().style.cursor = over.length > 0 ? 'pointer' : '';
  });
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    open(map.project(map.getCenter()), 24);
  });
}

/** The words of a feature, as text and never as HTML. */
function contentOf({ properties }) {
  const content = document.createElement('div');
  const title = document.createElement('strong');
  title.textContent = properties.name;
  content.append(title);
  // MapLibre hands lists of properties over as JSON text.
  const lines = typeof properties.lines === 'string' ? JSON.parse(properties.lines) : (properties.lines ?? []);
  for (const text of lines) {
    const line = document.createElement('p');
    line.textContent = text;
    content.append(line);
  }
  if (typeof properties.href === 'string' && properties.href.startsWith('/')) {
    const link = document.createElement('a');
    link.href = properties.href;
    link.textContent = properties.link ?? properties.name;
    content.append(link);
  }
  return content;
}

/** A name stands once, in the middle of the largest part: along the seams of the drawing it would be repeated. */
function namesOf(features) {
  return features.filter(({ properties, geometry }) => properties.layer === 'district' && geometry).map(({ properties, geometry }) => {
    const outer = geometry.type === 'MultiPolygon' ? geometry.coordinates.map(([ring]) => ring) : [geometry.coordinates[0]];
    const middles = outer.map(middleOf).sort((a, b) => b.size - a.size);
    return { type: 'Feature', properties: { layer: 'district-name', name: properties.name }, geometry: { type: 'Point', coordinates: middles[0].at } };
  });
}

/** From afar an area is too small to be seen, so it is a spot there. */
function spotsOf(features) {
  return features.filter(({ properties, geometry }) => properties.layer === 'area' && geometry?.type === 'Polygon').map(({ properties, geometry }) => ({
    type: 'Feature', properties: { ...properties, layer: 'area-spot' }, geometry: { type: 'Point', coordinates: middleOf(geometry.coordinates[0]).at },
  }));
}

/** Centre of gravity of a ring, and its size. */
function middleOf(ring) {
  let [size, x, y] = [0, 0, 0];
  for (let at = 0; at + 1 < ring.length; at += 1) {
    const [[x1, y1], [x2, y2]] = [ring[at], ring[at + 1]];
    const part = x1 * y2 - x2 * y1;
    size += part;
    x += (x1 + x2) * part;
    y += (y1 + y2) * part;
  }
  return { size: Math.abs(size), at: size === 0 ? ring[0] : [x / (3 * size), y / (3 * size)] };
}

function boundsOf(features) {
  const bounds = new LngLatBounds();
  const add = (part) => (typeof part[0] === 'number' ? bounds.extend(part) : part.forEach(add));
  for (const { geometry } of features) if (geometry?.coordinates) add(geometry.coordinates);
  return bounds;
}
