// A chain of transmission as a tree: each case below the one it was infected by. Kinds differ in shape as well as in
// colour, uncertain links are dashed. The server's table beside it says the same and is the way for the keyboard and
// for screen readers; the picture itself takes arrows, plus, minus and 0.
//
// <figure data-island="chains" data-source="/x.json" data-word-chains> with <button data-chains="in|out|fit">
// {nodes: [{id, label, kind: index|case|asymptomatic|contact|place|unknown, href?, current?: bool}],
//  edges: [{from, to, sure?: bool, directed?: bool, label?}]}

import cytoscape from 'cytoscape';
import { colour, getJson, loadStyle, onTheme, showDrawn } from './drawn.js';

/** Cytoscape would add a style element with this id, which the content policy refuses; `chains.css` has its one rule. */
const OWN_STYLE = '__________cytoscape_stylesheet';
const STEP_PX = 60;
const ZOOM_STEP = 1.3;
/** A few cases are not blown up to fill the place. */
const FIT_ZOOM_MAX = 1.25;

const SHAPES = {
  index: 'star',
  case: 'ellipse',
  asymptomatic: 'diamond',
  contact: 'round-rectangle',
  place: 'hexagon',
  unknown: 'triangle',
};

/** @param {HTMLElement} element */
export async function mount(element) {
  if (!element.dataset.source) return undefined;
  const [chains] = await Promise.all([getJson(element.dataset.source), loadStyle(STYLES.chains)]);
  if (!document.getElementById(OWN_STYLE)) {
    const taken = document.createElement('meta');
    taken.id = OWN_STYLE;
    document.head.append(taken);
  }
  const place = document.createElement('div');
  place.className = 'chains-place';
  place.tabIndex = 0;
  place.setAttribute('role', 'application');
  place.setAttribute('aria-label', element.dataset.wordChains ?? '');
  element.prepend(place);

  const nodes = chains.nodes.map(({ id, label, kind, href, current }) => ({
    data: { id, label, href, kind: SHAPES[kind] ? kind : 'unknown' },
    classes: current ? 'current' : '',
  }));
  const known = new Set(chains.nodes.map(({ id }) => id));
  const edges = chains.edges.filter(({ from, to }) => known.has(from) && known.has(to)).map(({ from, to, sure, directed, label }) => ({
    data: { source: from, target: to, label: label ?? '' },
    classes: [sure === false && 'unsure', directed === false && 'together'].filter(Boolean).join(' '),
  }));
  const pointed = new Set(chains.edges.map(({ to }) => to));
  const graph = cytoscape({
    container: place,
    elements: [...nodes, ...edges],
    style: styleOf(element),
    layout: {
      name: 'breadthfirst',
      directed: true,
      roots: chains.nodes.filter(({ id }) => !pointed.has(id)).map(({ id }) => id),
      spacingFactor: 1.1,
      padding: 16,
    },
    minZoom: 0.05,
    maxZoom: 4,
    autoungrabify: true,
    boxSelectionEnabled: false,
    // The wheel belongs to the page; buttons and keys zoom.
    userZoomingEnabled: element.dataset.chainsWheel === 'on',
  });
  const fit = () => {
    graph.fit(undefined, 16);
    if (graph.zoom() > FIT_ZOOM_MAX) graph.zoom(FIT_ZOOM_MAX).center();
  };
  fit();
  showDrawn(element);
  place.dataset.ready = String(graph.nodes().length);

  graph.on('tap', 'node', ({ target }) => {
    const href = target.data('href');
    if (typeof href === 'string' && href.startsWith('/')) location.assign(href);
  });
  graph.on('mouseover', 'node[href]', () => { place.style.cursor = 'pointer'; });
  graph.on('mouseout', 'node', () => { place.style.cursor = ''; });

  const zoom = (factor) => {
    const middle = { x: place.clientWidth / 2, y: place.clientHeight / 2 };
    graph.zoom({ level: graph.zoom() * factor, renderedPosition: middle });
  };
  const act = { in: () => zoom(ZOOM_STEP), out: () => zoom(1 / ZOOM_STEP), fit };
  const onClick = (event) => act[event.target.closest?.('[data-chains]')?.dataset.chains]?.();
  element.addEventListener('click', onClick);
  place.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = (x, y) => () => graph.panBy({ x, y });
    const keys = {
      ArrowLeft: pan(STEP_PX, 0),
      ArrowRight: pan(-STEP_PX, 0),
      ArrowUp: pan(0, STEP_PX),
      ArrowDown: pan(0, -STEP_PX),
      '+': act.in,
      '=': act.in,
      '-': act.out,
      0: act.fit,
    };
    const key = keys[event.key];
    if (!key) return;
    event.preventDefault();
    key();
  });
  const resized = new ResizeObserver(() => graph.resize());
  resized.observe(place);
  const stopTheme = onTheme(() => graph.style(styleOf(element)));
  return () => {
    stopTheme();
    resized.disconnect();
    element.removeEventListener('click', onClick);
    graph.destroy();
  };
}

function styleOf(element) {
  const pick = (names, fallback) => colour(element, names, fallback);
  const ink = pick(['--chain-ink', '--ink'], 'CanvasText');
  const paper = pick(['--chain-paper', '--paper'], 'Canvas');
  const fills = {
    index: pick(['--chain-index', '--bad'], 'light-dark(#a4262c, #f28b82)'),
    case: pick(['--chain-case', '--link'], 'light-dark(#005a8c, #7cc4f0)'),
    asymptomatic: pick(['--chain-asymptomatic', '--warn-edge'], 'light-dark(#8a5a00, #f0c068)'),
    contact: paper,
    place: paper,
    unknown: paper,
  };
  return [
    {
      selector: 'node',
      style: {
        width: 22,
        height: 22,
        'background-color': paper,
        'border-width': 2,
        'border-color': ink,
        label: 'data(label)',
        color: ink,
        'font-size': 11,
        'text-valign': 'bottom',
        'text-margin-y': 4,
        'text-background-color': paper,
        'text-background-opacity': 0.8,
        'min-zoomed-font-size': 7,
      },
    },
    ...Object.keys(SHAPES).map((kind) => ({
      selector: `node[kind = "${kind}"]`,
      style: { shape: SHAPES[kind], 'background-color': fills[kind] },
    })),
    { selector: 'node.current', style: { 'border-width': 5, width: 30, height: 30 } },
    {
      selector: 'edge',
      style: {
        width: 1.5,
        'line-color': ink,
        'target-arrow-color': ink,
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.8,
        'curve-style': 'bezier',
        label: 'data(label)',
        color: ink,
        'font-size': 9,
        'text-background-color': paper,
        'text-background-opacity': 0.8,
        'min-zoomed-font-size': 7,
      },
    },
    { selector: 'edge.unsure', style: { 'line-style': 'dashed' } },
    { selector: 'edge.together', style: { 'line-style': 'dotted', 'target-arrow-shape': 'none' } },
  ];
}
