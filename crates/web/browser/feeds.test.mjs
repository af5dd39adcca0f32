// What other systems read is held against what its standard publishes: warnings about areas against the schema of CAP 1.2, beds and
// answers to results against the definitions of FHIR R4. Each judge is shown something wrong first, so that it cannot pass everything.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { validateXML } from 'xmllint-wasm';
import { accountOf, theServer } from './harness.mjs';

const { Fhir } = createRequire(import.meta.url)('fhir');
const CAP = { fileName: 'CAP-v1.2.xsd', contents: readFileSync(new URL('schemas/CAP-v1.2.xsd', import.meta.url), 'utf8') };

/** What the schema of CAP 1.2 says against a message. @param {string} message */
async function faultsOfCap(message) {
  const { errors } = await validateXML({ xml: [{ fileName: 'message.xml', contents: message }], schema: [CAP] });
  return errors.map(({ message: words }) => words);
}

/** What FHIR R4 says against a resource. A warning is a code of another guide, which R4 does not hold. @param {object} resource */
function faultsOfFhir(resource) {
  const { messages } = new Fhir().validate(resource, { errorOnUnexpected: true });
  return messages.filter(({ severity }) => severity !== 'warning' && severity !== 'info').map(({ location, message }) => `${location}: ${message}`);
}

async function ask(path, { as, ...options } = {}) {
  const server = await theServer();
  const headers = { ...options.headers, ...(as && { authorization: `Bearer ${accountOf(server, as).token}` }) };
  return fetch(new URL(path, server.url), { ...options, headers });
}

test('warnings about areas follow the schema of CAP 1.2', async () => {
  const { rows } = await (await ask('/api/v1/areas?limit=50', { as: 'city_command' })).json();
  assert.ok(rows.length > 0, 'the demo has areas');
  const seen = new Set();
  for (const { id: area } of rows) {
    for (let number = 1; ; number++) {
      const answer = await ask(`/api/v1/areas/${area}/warning?message=${number}`, { as: 'city_command' });
      if (answer.status === 404) break;
      assert.equal(answer.status, 200);
      const message = await answer.text();
      assert.deepEqual(await faultsOfCap(message), [], `${area}, message ${number}`);
      seen.add(/<msgType>(\w+)</.exec(message)[1]);
      const wrong = message.replace(/<status>\w+</, '<status>Perhaps<');
      if (number === 1) assert.notDeepEqual(await faultsOfCap(wrong), [], 'the schema refuses a status that is none');
    }
  }
  assert.ok(seen.has('Alert'), `${[...seen]}`);
});

test('beds are MeasureReports of FHIR R4', async () => {
  const bundle = await (await ask('/api/fhir/MeasureReport', { as: 'city_command' })).json();
  assert.ok(bundle.entry.length > 0, 'the demo has places');
  assert.deepEqual(faultsOfFhir(bundle), []);
  bundle.entry[0].resource.status = 'perhaps';
  bundle.entry[0].resource.beds = 3;
  assert.equal(faultsOfFhir(bundle).length, 2, 'a status that is none, and a field that is none');
});

test('transfers are Encounters of FHIR R4', async () => {
  const bundle = await (await ask('/api/fhir/Encounter?limit=500', { as: 'city_command' })).json();
  assert.ok(bundle.entry.length > 0, 'the demo moves people');
  const seen = new Set(bundle.entry.map(({ resource }) => resource.status));
  assert.ok(seen.size > 1, `${[...seen]}`);
  assert.deepEqual(faultsOfFhir(bundle), []);
  bundle.entry[0].resource.status = 'perhaps';
  bundle.entry[0].resource.bed = 3;
  assert.equal(faultsOfFhir(bundle).length, 2, 'a status that is none, and a field that is none');
});

test('answers to results that are sent are FHIR R4', async () => {
  const example = JSON.parse(readFileSync(new URL('../../exchange/examples/messages/bundle.json', import.meta.url), 'utf8'));
  const cut = { ...example, type: 'batch', entry: example.entry.slice(0, 1) };
  for (const body of [example, cut, { ...cut, type: 'transaction' }, { resourceType: 'Patient' }]) {
    const answer = await ask('/api/fhir', {
      as: 'laboratory',
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    assert.match(said.resourceType, /^(Bundle|OperationOutcome)$/, JSON.stringify(said));
    assert.deepEqual(faultsOfFhir(said), [], JSON.stringify(said));
  }
});
