// What every page has to be, in every language, on a desk and on a telephone: axe-core finds nothing, nothing scrolls
// sideways, and the keyboard alone reaches everything.
import { axe, everyPage, keyboardReaches, noSidewaysScroll } from './harness.mjs';

/** @param {[number, number]} share which pages: two halves are looked at side by side */
export const lookAt = (share) =>
  everyPage(
    'page',
    async ({ page, lang, width }) => [
      // Colours, order and focus do not depend on the language.
      ...(await axe(page, { colours: lang === 'en' })),
      ...(await noSidewaysScroll(page, width)),
      ...(lang === 'en' ? await keyboardReaches(page) : []),
    ],
    { share },
  );
