// Calls to the sandbox's own JSON API. A refusal throws an Error whose message can be shown.

async function call(path, options = {}) {
  const answer = await fetch(`/api/${path}`, { cache: "no-store", ...options });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error || `HTTP ${answer.status}`);
  return body;
}

const send = (method, path, body = {}) =>
  call(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const post = (path, body) => send("POST", path, body);

export const getAccount = () => call("account");
export const getFollowers = (query = "") => call(`followers?recent=1&q=${encodeURIComponent(query)}`);
export const join = (name) => post("followers", { name });
export const setFollowing = (openid, following) => post(`followers/${openid}/${following ? "follow" : "unfollow"}`);
export const say = (openid, message) => post(`followers/${openid}/messages`, message);
export const tapMenu = (openid, key) => post(`followers/${openid}/menu`, { key });
export const doEvent = (openid, event) => post(`followers/${openid}/events`, event);
export const getNews = (openid, after, wait, signal) =>
  call(`followers/${openid}/messages?after=${after}&wait=${wait}`, { signal });

/** Keep a file as media of this type, to be sent by its media id. */
export function upload(type, file) {
  const form = new FormData();
  form.append("media", file);
  return call(`media?type=${type}`, { method: "POST", body: form });
}

export const getCodes = async () => (await call("codes")).codes;
export const getTemplates = async () => (await call("templates")).templates;
export const setConsent = (openid, templateId, accept) =>
  post(`followers/${openid}/consents`, { template_id: templateId, accept });
export const withdrawConsent = (openid, templateId) => send("DELETE", `followers/${openid}/consents/${templateId}`);
export const atDesk = (openid, action) => post(`followers/${openid}/desk`, action);
export const getFaults = async () => (await call("faults")).rules;
export const setFaults = async (rules) => (await send("PUT", "faults", { rules })).rules;
