// The panel beside the phone: what the account may still send, the desk, consents to notifications, failures.

import * as api from "./api.js";
import { element } from "./bubbles.js";
import { now } from "./times.js";

const PATIENCE = 5; // seconds WeChat waits for an answer
const FAULTS_EVERY = 4000; // ms
const TRIGGERS = { message: "发来消息", menu: "点了菜单", follow: "关注", scan: "扫了码" };
const KEY_OF_MODE = { plain: "明文模式", compatible: "兼容模式", safe: "安全模式" };

const PRESETS = [
  { name: "late", label: "接口不应答，但已经办了", rule: { call: "*", kind: "timeout", seconds: 30, after: true } },
  { name: "slow", label: "接口慢 3 秒", rule: { call: "*", kind: "slow", seconds: 3 } },
  { name: "broken", label: "接口报 HTTP 500", rule: { call: "*", kind: "http500" } },
  { name: "limit", label: "客服消息返回 45009", rule: { call: "message/custom/send", kind: "errcode", errcode: 45009 } },
  { name: "token", label: "凭证忽然失效一次", rule: { call: "message/custom/send", kind: "expire_token", times: 1 } },
  { name: "twice", label: "每次推送都送两遍", rule: { call: "push", kind: "duplicate" } },
  { name: "delay", label: "推送晚到 4 秒", rule: { call: "push", kind: "delay", seconds: 4 } },
];

const byId = (id) => document.getElementById(id);

export class Side {
  /** @param {{attempt: Function, openid: () => string}} page */
  constructor(page) {
    this.page = page;
    this.windows = [];
    this.templates = [];
    this.consents = {};
    this.tries = new Map(); // id of a message under way -> its try, and when that began
    byId("open-side").addEventListener("click", () => { byId("profile").close(); document.body.classList.add("side-open"); });
    byId("close-side").addEventListener("click", () => document.body.classList.remove("side-open"));
    byId("desk-form").addEventListener("submit", (event) => this.answer(event));
    byId("desk-close").addEventListener("click", () => this.act((openid) => api.atDesk(openid, { close: true })));
    setInterval(() => this.tick(), 200);
    this.watchFaults();
    api.getTemplates().then((templates) => { this.templates = templates; this.drawConsents(); }).catch(() => {});
  }

  facts(account) {
    byId("facts").textContent = `推送格式 ${account.push_format.toUpperCase()} · ${KEY_OF_MODE[account.mode]}`;
  }

  clear() {
    this.tries.clear();
  }

  show(news) {
    this.windows = news.windows;
    for (const { id, state, attempt } of news.messages) {
      if (state !== "pending") this.tries.delete(id);
      else if (this.tries.get(id)?.attempt !== attempt) this.tries.set(id, { attempt, since: performance.now() });
    }
    byId("desk").hidden = !news.desk;
    byId("desk-agent").textContent = news.desk ? `${news.desk} 正在接待，消息不再推送给公众号` : "";
    if (JSON.stringify(news.consents) !== JSON.stringify(this.consents)) {
      this.consents = news.consents;
      this.drawConsents();
    }
    this.tick();
  }

  tick() {
    const open = this.windows.filter(({ until }) => new Date(until) > now());
    const rows = open.map(({ trigger, left, until }) => row(TRIGGERS[trigger], `${left} 条`, `还有 ${span(new Date(until) - now())}`));
    if (!rows.length) rows.push(row("没有窗口开着", "0 条", "等对方先开口"));
    redraw(byId("windows"), rows);
    const [first] = this.tries.values();
    byId("waiting").hidden = !first;
    if (!first) return;
    const seconds = Math.min((performance.now() - first.since) / 1000, PATIENCE);
    byId("waiting").textContent = `第 ${Math.max(1, first.attempt)} 次推送，已等 ${seconds.toFixed(1)} / ${PATIENCE} 秒`;
  }

  drawConsents() {
    byId("consents").replaceChildren(...this.templates.map((template) => {
      const left = this.consents[template.id] ?? 0;
      const line = row(template.title, "", template.one_time ? `一次性，还可发 ${left} 条` : left ? "长期，已同意" : "长期，未同意");
      const agree = element("button", "small", "同意");
      agree.addEventListener("click", () => this.act((openid) => api.setConsent(openid, template.id, true)));
      const refuse = element("button", "small quiet", left ? "关闭" : "拒绝");
      refuse.addEventListener("click", () => this.act((openid) =>
        left ? api.withdrawConsent(openid, template.id) : api.setConsent(openid, template.id, false)));
      line.append(agree, refuse);
      return line;
    }));
  }

  async watchFaults() {
    for (;;) {
      await api.getFaults().then((rules) => this.drawFaults(rules)).catch(() => {});
      await new Promise((resolve) => { setTimeout(resolve, FAULTS_EVERY); });
    }
  }

  drawFaults(rules) {
    const drawn = JSON.stringify(rules);
    if (drawn === this.drawnFaults) return;
    this.drawnFaults = drawn;
    const others = rules
      .filter(({ name }) => !PRESETS.some((preset) => preset.name === name))
      .map((rule) => ({ name: rule.name, label: `${rule.call} · ${rule.kind}`, rule }));
    byId("faults").replaceChildren(...[...PRESETS, ...others].map((preset) => this.toggle(preset, rules)));
  }

  toggle(preset, rules) {
    const rule = rules.find((each) => each === preset.rule) ?? rules.find((each) => preset.name && each.name === preset.name);
    const line = element("li", rule ? "on" : "");
    const label = element("label");
    const box = element("input");
    Object.assign(box, { type: "checkbox", checked: Boolean(rule) });
    box.setAttribute("role", "switch");
    box.addEventListener("change", () => this.page.attempt(async () => {
      const rest = (await api.getFaults()).filter((each) => !rule || !sameRule(each, rule));
      this.drawFaults(await api.setFaults(box.checked ? [...rest, { ...preset.rule, name: preset.name }] : rest));
    }));
    label.append(element("span", "", preset.label), element("small", "", rule ? `${rule.hits} 次` : ""), box);
    line.append(label);
    return line;
  }

  answer(event) {
    event.preventDefault();
    const field = event.target.elements.content;
    const content = field.value.trim();
    if (!content) return;
    field.value = "";
    this.act((openid) => api.atDesk(openid, { content }));
  }

  act(action) {
    return this.page.attempt(() => action(this.page.openid()));
  }
}

/** Whether it is one rule, whatever it has counted meanwhile. */
function sameRule(one, other) {
  const bare = ({ seen, hits, ...rest }) => JSON.stringify(rest);
  return bare(one) === bare(other);
}

function row(name, value, note) {
  const line = element("li");
  const words = element("span", "row-words");
  words.append(element("span", "", name), element("small", "", note));
  line.append(words);
  if (value) line.append(element("b", "", value));
  return line;
}

/** Replace what has changed only: the list ticks several times a second. */
function redraw(list, rows) {
  const fresh = rows.map((line) => line.textContent).join("\n");
  if (list.dataset.drawn === fresh) return;
  list.dataset.drawn = fresh;
  list.replaceChildren(...rows);
}

/** "47:59:58" or "0:42". */
function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
