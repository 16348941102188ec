// Calls the token endpoint and the API with one library; prints JSON as python_client.py does.
// Libraries other than Node's own fetch come from the folder in CAPTURE_MODULES.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import util from "node:util";

const [library, base] = process.argv.slice(2);
const form = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: process.env.ALTERYX_CLIENT_ID,
  client_secret: process.env.ALTERYX_CLIENT_SECRET,
});
const patient = Boolean(process.env.CAPTURE_PATIENT);
const printed = [];

function load(name) {
  return import(pathToFileURL(createRequire(`${process.env.CAPTURE_MODULES}/`).resolve(name)));
}

async function withFetch() {
  let more = patient ? {} : { signal: AbortSignal.timeout(4000) };
  let call = fetch;
  if (library === "undici") {
    const undici = await load("undici");
    more = { ...more, dispatcher: new undici.EnvHttpProxyAgent() };
    call = undici.fetch;
  }
  if (library === "node-fetch") call = (await load("node-fetch")).default;
  const ask = async (path, options) => {
    const answer = await call(`${base}/${path}`, { ...more, ...options });
    if (!answer.ok) {
      printed.push(`${answer.status} ${answer.statusText} ${(await answer.text()).slice(0, 600)}`);
      throw new Error(`HTTP error! status: ${answer.status} ${answer.url}`);
    }
    return await answer.json();
  };
  const { access_token } = await ask("oauth2/token", { method: "POST", body: form });
  if (!access_token) throw new Error("no access_token in the answer");
  for (const path of ["v3/workflows", "v3/users"])
    await ask(path, { headers: { Authorization: `Bearer ${access_token}` } });
}

async function withAxios() {
  const { default: axios } = await load("axios");
  const more = patient ? {} : { timeout: 4000 };
  const { data } = await axios.post(`${base}/oauth2/token`, form, more);
  if (!data.access_token) throw new Error("no access_token in " + JSON.stringify(data).slice(0, 600));
  for (const path of ["v3/workflows", "v3/users"])
    await axios.get(`${base}/${path}`, { ...more, headers: { Authorization: `Bearer ${data.access_token}` } });
}

async function withGot() {
  const { default: got } = await load("got");
  const more = { retry: { limit: 0 }, ...(patient ? {} : { timeout: { connect: 2000, request: 4000 } }) };
  const { access_token } = await got.post(`${base}/oauth2/token`, { ...more, body: form.toString(), headers: FORM }).json();
  if (!access_token) throw new Error("no access_token in the answer");
  for (const path of ["v3/workflows", "v3/users"])
    await got(`${base}/${path}`, { ...more, headers: { Authorization: `Bearer ${access_token}` } }).json();
}

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const shown = {};
try {
  await ({ axios: withAxios, got: withGot }[library] ?? withFetch)();
} catch (error) {
  shown.traceback = library === "axios" || library === "got" ? util.inspect(error, { depth: 1 }).slice(0, 4000) : util.inspect(error);
  const cause = error.cause;
  shown.message = `${error.name}: ${error.message}` + (cause ? `: ${cause.code ?? cause.name} ${cause.message}` : "");
  if (error.response) printed.push(`${error.message} ${JSON.stringify(error.response.data ?? error.response.body).slice(0, 600)}`);
}
if (printed.length) shown.message = printed.at(-1);
console.log(JSON.stringify(shown));
process.exit(0);
