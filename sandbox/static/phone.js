// The page: which chat is open, what is new in it, and what the person at the screen does.

import * as api from "./api.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { People } from "./people.js";
import { Side } from "./side.js";
import { now, setNow, timeOfDay } from "./times.js";

const LONG_POLL = 25; // seconds
const RETRY = 1000; // ms
const LIST_EVERY = 3000; // ms
const MENU_EVERY = 5000; // ms; a real phone looks for a new menu every five minutes
const TYPING_AFTER = 350; // ms; a quicker answer needs no 对方正在输入

const byId = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const state = { openid: null, following: true, list: { followers: [], total: 0, unread: 0 }, polling: null };
const composer = new Composer({ text: (content) => send({ type: "text", content }), other, tap });
const people = new People({ open, find: refreshList });
const side = new Side({ attempt, openid: () => state.openid });
const chat = new Chat(byId("scroll"), byId("chat"), {
  reply: (content, menuId) => send({ type: "text", content, menu_id: menuId }),
  resend: (message) => message.type === "text" && send({ type: "text", content: message.content }),
});

async function send(message) {
  return attempt(() => api.say(state.openid, message));
}

async function other(message) {
  if (message.type === "image") return sendPicture();
  if (message.type === "scan") return scan();
  return send(message);
}

/** Pick a picture and send it, after `before` if given. */
async function sendPicture(before = null) {
  const file = await pickPicture();
  if (!file) return;
  await attempt(async () => {
    const { media_id } = await api.upload("image", file);
    if (before) await api.doEvent(state.openid, before);
    await api.say(state.openid, { type: "image", media_id });
  });
}

function pickPicture() {
  const field = byId("picture");
  field.value = "";
  return new Promise((resolve) => {
    field.onchange = () => resolve(field.files[0]);
    field.oncancel = () => resolve(null);
    field.click();
  });
}

/** Ask for the scene in a code; then a SCAN, or the event of the menu button that asked. */
async function scan(button = null) {
  const codes = await attempt(() => api.getCodes()) ?? [];
  byId("codes").replaceChildren(...codes.map(({ scene }) => Object.assign(document.createElement("option"), { value: scene })));
  byId("scene").value = codes[0]?.scene ?? "";
  byId("scanner").returnValue = "";
  byId("scanner").showModal();
  byId("scanner").onclose = () => {
    const scene = byId("scene").value.trim();
    if (byId("scanner").returnValue !== "scan") return;
    if (!button) send({ type: "scan", scene });
    else attempt(() => api.doEvent(state.openid, { event: button.type, key: button.key, ScanCodeInfo: { ScanType: "qrcode", ScanResult: scene } }));
  };
}

/** A menu button does what it does in WeChat. */
async function tap(button) {
  const event = { event: button.type, key: button.key };
  switch (button.type) {
    case "click":
      return attempt(() => api.tapMenu(state.openid, button.key));
    case "view":
      window.open(button.url, "_blank", "noopener,noreferrer");
      return attempt(() => api.tapMenu(state.openid, button.url));
    case "miniprogram":
      notice(`打开小程序 ${button.appid}`, 2000);
      return attempt(() => api.doEvent(state.openid, { event: "view_miniprogram", key: button.pagepath }));
    case "scancode_push":
    case "scancode_waitmsg":
      return scan(button);
    case "pic_sysphoto":
    case "pic_photo_or_album":
    case "pic_weixin":
      return sendPicture(event);
    case "location_select":
      await attempt(() => api.doEvent(state.openid, event));
      return send({ type: "location" });
    default:
      return notice("沙盒不演示这种按钮", 3000);
  }
}

async function attempt(action) {
  if (!state.openid) return null; // not connected yet, and the page says so
  try {
    return await action();
  } catch (error) {
    notice(error instanceof TypeError ? "沙盒没有回应，请看看它是否还在运行" : error.message, 4000);
    return null;
  }
}

function open(openid, name) {
  document.body.classList.remove("list-open");
  if (openid === state.openid) return;
  state.openid = openid;
  localStorage.setItem("openid", openid);
  composer.showExtras(false);
  chat.clear();
  chat.name = name;
  side.clear();
  people.show(state.list, openid);
  follow(openid);
  composer.enable();
}

/** Long polling of one chat until another one is opened. */
async function follow(openid) {
  state.polling?.abort();
  const polling = state.polling = new AbortController();
  let cursor = 0;
  let lost = false;
  while (!polling.signal.aborted) {
    try {
      const news = await api.getNews(openid, cursor, cursor ? LONG_POLL : 0, polling.signal);
      if (polling.signal.aborted) return;
      if (lost) notice("");
      lost = false;
      cursor = news.cursor;
      setNow(news.now);
      chat.show(news.messages);
      setFollowing(news.following);
      setTyping(news.typing);
      side.show(news);
      if (byId("hints")) byId("hints").hidden = chat.begun || !news.following;
      if (chat.atEnd) chat.toEnd();
    } catch (error) {
      if (polling.signal.aborted) return;
      if (!(error instanceof TypeError)) return startAfresh(); // the sandbox no longer knows this follower
      lost = true;
      notice("与沙盒的连接断了，正在重连…");
      await pause(RETRY);
    }
  }
}

async function startAfresh() {
  await pause(RETRY);
  localStorage.removeItem("openid");
  location.reload();
}

let typingTimer = 0;
function setTyping(typing) {
  clearTimeout(typingTimer);
  const title = byId("title");
  const show = () => { title.textContent = typing ? "对方正在输入…" : title.dataset.name; };
  if (typing) typingTimer = setTimeout(show, TYPING_AFTER);
  else show();
}

function setFollowing(following) {
  state.following = following;
  composer.setFollowing(following);
  byId("toggle-follow").textContent = following ? "不再关注" : "关注公众号";
}

let noticeTimer = 0;
function notice(text, ms = 0) {
  clearTimeout(noticeTimer);
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
  if (ms) noticeTimer = setTimeout(() => notice(""), ms);
}

async function refreshList() {
  state.list = await api.getFollowers(people.query).catch(() => state.list);
  people.show(state.list, state.openid);
}

async function keepListFresh() {
  for (;;) {
    await pause(LIST_EVERY);
    await refreshList();
  }
}

async function keepMenuFresh() {
  for (;;) {
    await pause(MENU_EVERY);
    await api.getAccount().then((account) => composer.setMenu(account.menu)).catch(() => {});
  }
}

/** Wait for the account, saying so; then open the chat that was open last time, or the latest. */
async function start() {
  for (;;) {
    const account = await api.getAccount().catch(() => null);
    if (account) {
      composer.setMenu(account.menu);
      side.facts(account);
    }
    if (account?.connected) await refreshList();
    if (state.list.followers.length) break;
    const why = account ? account.trouble : "沙盒没有回应";
    notice(why ? `正在连接公众号…（${why}）` : "正在连接公众号…");
    await pause(RETRY / 2);
  }
  notice("");
  const { followers } = state.list;
  const { openid, name } = followers.find((each) => each.openid === localStorage.getItem("openid")) ?? followers[0];
  open(openid, name);
  keepListFresh();
  keepMenuFresh();
}

function tick() {
  byId("clock").textContent = timeOfDay(now());
  setTimeout(tick, 5000);
}

byId("hints")?.addEventListener("click", ({ target }) => {
  if (target.tagName !== "BUTTON") return;
  byId("hints").hidden = true;
  composer.focus();
  send({ type: "text", content: target.textContent });
});
byId("back").addEventListener("click", () => document.body.classList.add("list-open"));
byId("more").addEventListener("click", () => byId("profile").showModal());
byId("close-profile").addEventListener("click", () => byId("profile").close());
byId("profile").addEventListener("click", ({ target }) => target === byId("profile") && byId("profile").close());
byId("toggle-follow").addEventListener("click", () => {
  byId("profile").close();
  attempt(() => api.setFollowing(state.openid, !state.following));
});
byId("scan-to-follow").addEventListener("click", () => scan());
byId("follow").addEventListener("click", () => attempt(() => api.setFollowing(state.openid, true)));
byId("join").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.name;
  const joined = await attempt(() => api.join(field.value));
  if (!joined) return;
  field.value = "";
  await refreshList();
  open(joined.openid, joined.name);
});

tick();
start();
