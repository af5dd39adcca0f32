// Prints one line for a test, the reason of each failure, and a plain last line: `browser: N passed, N failed`.
export default async function* report(events) {
  let passed = 0;
  const failed = [];
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A file counts only if it failed by itself (a syntax error, a hook); its tests are counted one by one.
    const isFile = data.details?.type === 'suite' || /\.test\.mjs$/.test(data.name);
    if (data.skip !== undefined || data.todo !== undefined) continue;
    if (type === 'test:pass' && !isFile) {
      passed += 1;
      yield `ok      ${data.name} (${Math.round(data.details.duration_ms)} ms)\n`;
    } else if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') {
      const { error } = data.details;
      const reason = String(error?.cause?.stack ?? error?.cause ?? error).trim();
      failed.push(data.name);
      yield `FAILED  ${data.name}\n        ${reason.replaceAll('\n', '\n        ')}\n`;
    }
  }
  for (const name of failed) yield `failed: ${name}\n`;
  yield `browser: ${passed} passed, ${failed.length} failed\n`;
}
