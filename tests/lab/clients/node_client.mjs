// Calls the token endpoint and the API with fetch or axios; prints JSON as python_client.py does.
import util from "node:util";

const [library, base] = process.argv.slice(2);
const form = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: process.env.ALTERYX_CLIENT_ID,
  client_secret: process.env.ALTERYX_CLIENT_SECRET,
});
const patient = Boolean(process.env.CAPTURE_PATIENT);
const printed = [];

async function withFetch() {
  let more = patient ? {} : { signal: AbortSignal.timeout(4000) };
  let call = fetch;
  if (process.env.CAPTURE_UNDICI) {
    const undici = await import(process.env.CAPTURE_UNDICI);
    more = { ...more, dispatcher: new undici.EnvHttpProxyAgent() };
    call = undici.fetch;
  }
  const ask = async (path, options) => {
    const answer = await call(`${base}/${path}`, { ...more, ...options });
    if (!answer.ok) {
      printed.push(`${answer.status} ${answer.statusText} ${(await answer.text()).slice(0, 600)}`);
      throw new Error(`HTTP error! status: ${answer.status} ${answer.url}`);
    }
    return await answer.json();
  };
  const { access_token } = await ask("oauth2/token", { method: "POST", body: form });
  for (const path of ["v3/workflows", "v3/users"])
    await ask(path, { headers: { Authorization: `Bearer ${access_token}` } });
}

async function withAxios() {
  const { default: axios } = await import(process.env.CAPTURE_AXIOS);
  const more = patient ? {} : { timeout: 4000 };
  const { data } = await axios.post(`${base}/oauth2/token`, form, more);
  if (!data.access_token) throw new Error("no access_token in " + JSON.stringify(data).slice(0, 600));
  for (const path of ["v3/workflows", "v3/users"])
    await axios.get(`${base}/${path}`, { ...more, headers: { Authorization: `Bearer ${data.access_token}` } });
}

const shown = {};
try {
  await (library === "axios" ? withAxios() : withFetch());
} catch (error) {
  shown.traceback = library === "axios" ? util.inspect(error, { depth: 1 }).slice(0, 4000) : util.inspect(error);
  const cause = error.cause;
  shown.message = `${error.name}: ${error.message}` + (cause ? `: ${cause.code ?? cause.name} ${cause.message}` : "");
  if (error.response) printed.push(`${error.message} ${JSON.stringify(error.response.data).slice(0, 600)}`);
}
if (printed.length) shown.message = printed.at(-1);
console.log(JSON.stringify(shown));
process.exit(0);
