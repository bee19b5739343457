// Calls to the sandbox's own JSON API. A refusal throws an Error whose message can be shown.

async function call(path, options = {}) {
  const answer = await fetch(`/api/${path}`, { cache: "no-store", ...options });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error || `HTTP ${answer.status}`);
  return body;
}

const post = (path, body = {}) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const getAccount = () => call("account");
export const getFollowers = async () => (await call("followers")).followers;
export const join = (name) => post("followers", { name });
export const setFollowing = (openid, following) => post(`followers/${openid}/${following ? "follow" : "unfollow"}`);
export const say = (openid, message) => post(`followers/${openid}/messages`, message);
export const tapMenu = (openid, key) => post(`followers/${openid}/menu`, { key });
export const getNews = (openid, after, wait, signal) =>
  call(`followers/${openid}/messages?after=${after}&wait=${wait}`, { signal });
