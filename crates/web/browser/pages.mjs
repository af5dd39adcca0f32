// Every page of the console: name, path, and a role that sees it (none: without login). `first` is followed from there,
// for pages whose address holds a key. Used by `everyPage` and by the screenshots.
const ROW = '[data-rows] tbody a';

export const pages = [
  { name: 'login', path: '/login' },
  { name: 'public', path: '/public' },
  { name: 'public-bulletins', path: '/public/bulletins' },
  { name: 'public-request', path: '/public/request' },
  { name: 'today', path: '/', role: 'district_command' },
  { name: 'map', path: '/map', role: 'district_command' },
  { name: 'worklists', path: '/items?open=true', role: 'district_command' },
  { name: 'cases', path: '/cases?open=true', role: 'district_command' },
  { name: 'case', path: '/cases?open=true', first: ROW, role: 'district_command' },
  { name: 'contacts', path: '/contacts', role: 'tracer' },
  { name: 'contacts-of-a-case', path: '/contacts', first: '#investigate tbody a', role: 'tracer' },
  { name: 'transfers', path: '/transfers', role: 'dispatcher' },
  { name: 'requests', path: '/requests?open=true', role: 'hotline' },
  { name: 'facilities', path: '/facilities', role: 'dispatcher' },
  { name: 'laboratories', path: '/laboratories', role: 'district_command' },
  { name: 'areas', path: '/areas?open=true', role: 'district_command' },
  { name: 'books', path: '/books', role: 'district_command' },
  { name: 'day', path: '/books', first: ROW, role: 'city_command' },
  { name: 'bulletins', path: '/bulletins', role: 'public_information' },
  { name: 'imports', path: '/imports', role: 'district_command' },
  { name: 'audit', path: '/audit', role: 'auditor' },
  { name: 'administration', path: '/administration', role: 'administrator' },
];
