// The same as program.py for the official client of Node. Its package stands in the folder that it is started in.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const sdk = createRequire(join(process.cwd(), 'here.js'))('@sentdm/sentdm');
const order = JSON.parse(await text(process.stdin));
const results = {};

// What Python's client takes as keyword arguments are members of one object here, headers under their own names.
const HEADERS = { idempotency_key: 'Idempotency-Key', x_profile_id: 'x-profile-id' };
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

async function call(step) {
  const client = new sdk.Sent({
    baseURL: order.url,
    apiKey: step.api_key ?? order.api_key,
    maxRetries: step.retries ?? 0,
    timeout: (step.timeout ?? 10) * 1000,
    logLevel: 'off',
  });
  if (step.call === 'post') return await client.post(step.arguments.id).withResponse(); // a path that no method has
  const [resource, method] = step.call.split('.');
  const params = {};
  for (const [name, value] of Object.entries(step.arguments ?? {})) params[HEADERS[name] ?? name] = value;
  delete params.body; // rotate_secret of an old Python client wants one
  const data = step.id_of && results[step.id_of].body.data;
  const id = data ? data.id ?? data.recipients[0].message_id : params.id;
  delete params.id;
  const first = id === undefined ? [] : [id];
  const options = { headers: step.headers ?? {} };
  return await client[resource][camel(method)](...first, params, options).withResponse();
}

async function take(step) {
  try {
    const { data, response } = await call(step);
    return { status: response.status, body: data ?? null, headers: Object.fromEntries(response.headers) };
  } catch (error) {
    if (!(error instanceof sdk.APIError)) throw error;
    const headers = error.headers ? Object.fromEntries(error.headers) : {};
    return { error: error.constructor.name, status: error.status ?? null, body: error.error ?? null, headers };
  }
}

for (const phase of order.phases) {
  const answers = await Promise.all(phase.map(take));
  phase.forEach((step, i) => (results[step.name] = answers[i]));
}
process.stdout.write(JSON.stringify(results));
