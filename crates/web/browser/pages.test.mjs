// Every page of the list, in every language, on a desk and on a telephone: axe-core finds nothing, the keyboard alone
// reaches everything, and nothing scrolls sideways.
import { axe, everyPage, keyboardReaches, noSidewaysScroll } from './harness.mjs';

everyPage('axe', ({ page }) => axe(page));
// Order and focus do not depend on the language.
everyPage('keyboard', ({ page }) => keyboardReaches(page), { languages: ['en'] });
everyPage('width', ({ page }) => noSidewaysScroll(page), { widths: [320] });
