// The list of messages. They come in the order of their ids; a changed one replaces its bubble in place.

import { avatar, bubble, element, wide } from "./bubbles.js";
import { stamp } from "./times.js";

const PAUSE = 5 * 60_000; // a time stamp stands where more than five minutes have passed
const NEAR = 120; // px from the end within which the view follows new messages
const WAYS = { passive: "被动回复", service: "客服消息", mass: "群发消息", notice: "通知", desk: "人工客服" };

export class Chat {
  /** @param {{reply: Function, resend: Function}} actions  what taps inside bubbles do */
  constructor(scroller, list, actions) {
    Object.assign(this, { scroller, list, actions });
    // A keyboard, a panel, a picture or a wrapped line that takes room must not push the last message out of sight.
    this.atEnd = true;
    scroller.addEventListener("scroll", () => { this.atEnd = this.distance() < NEAR; }, { passive: true });
    list.addEventListener("load", () => this.atEnd && this.toEnd(), { capture: true });
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(scroller);
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.bubbles = new Map();
    this.last = 0;
    this.name = "";
    this.atEnd = true;
  }

  /** Whether the follower has said anything yet. */
  get begun() {
    return this.list.querySelector(".from-me") !== null;
  }

  show(messages) {
    for (const message of messages) {
      const old = this.bubbles.get(message.id);
      const fresh = this.line(message);
      this.bubbles.set(message.id, fresh);
      if (old) {
        old.replaceWith(fresh);
        continue;
      }
      const at = new Date(message.at);
      if (at - this.last > PAUSE) this.list.append(element("li", "time", stamp(at)));
      this.last = at;
      this.list.append(fresh);
      if (message.from === "me") this.atEnd = true;
    }
    if (messages.length && this.atEnd) this.toEnd();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  distance() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  line(message) {
    if (message.from === "system") return element("li", "system", message.content);
    const card = wide(message);
    const line = element("li", `message from-${message.from}${card ? " articles" : ""}`);
    line.title = WAYS[message.via] ?? "";
    if (card) {
      line.append(card);
      return line;
    }
    line.append(avatar(message.from === "me" ? this.name : null), bubble(message, this.actions.reply));
    if (message.state === "pending") line.append(waiting());
    if (message.state === "failed") line.append(this.failure(message));
    return line;
  }

  failure(message) {
    const button = element("button", "failed", "!");
    button.title = `公众号没有回应，一共试了 ${message.attempt} 次`;
    button.setAttribute("aria-label", `${button.title}。点一下重发`);
    button.addEventListener("click", () => this.actions.resend(message));
    return button;
  }
}

function waiting() {
  const spinner = element("span", "spinner");
  spinner.setAttribute("role", "status");
  spinner.setAttribute("aria-label", "发送中");
  return spinner;
}
