// Runs every audit of the npm package graphql-http against a server and prints what each found, as JSON.
// Usage: node audit.mjs FOLDER_OF_NODE_MODULES URL AUTHORIZATION

import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, url, authorization] = process.argv.slice(2);
const require = createRequire(join(modules, 'package.json'));
const { serverAudits } = require('graphql-http');

const signedIn = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...(init.headers ?? {}), authorization } });

const results = [];
for (const audit of serverAudits({ url, fetchFn: signedIn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason: reason ?? null });
}
process.stdout.write(JSON.stringify(results));
