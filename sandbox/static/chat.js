// The bubbles. Messages come in the order of their ids; a changed one replaces its bubble in place.

import { richText } from "./richtext.js";
import { stamp } from "./times.js";

const PAUSE = 5 * 60_000; // a time stamp stands where more than five minutes have passed
const NEAR = 120; // px from the end within which the view follows new messages

export class Chat {
  /** @param {{reply: Function, resend: Function}} actions  what taps inside bubbles do */
  constructor(scroller, list, actions) {
    Object.assign(this, { scroller, list, actions });
    // A keyboard, a panel or a wrapped line that takes room must not push the last message out of sight.
    this.atEnd = true;
    scroller.addEventListener("scroll", () => { this.atEnd = this.distance() < NEAR; }, { passive: true });
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
    if (message.articles.length) return this.cards(message);
    const mine = message.from === "me";
    const line = element("li", `message from-${message.from}`);
    const bubble = element("div", `bubble type-${message.type}`);
    bubble.append(richText(message.content, this.actions.reply));
    line.append(avatar(mine ? this.name : null), bubble);
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

  cards(message) {
    const line = element("li", "message from-account articles");
    const box = element("div", "cards");
    const single = message.articles.length === 1;
    for (const [index, article] of message.articles.entries()) {
      const card = element("a", single ? "card single" : index ? "card" : "card first");
      if (/^https?:\/\//i.test(article.url)) {
        Object.assign(card, { href: article.url, target: "_blank", rel: "noopener noreferrer" });
      }
      card.append(element("strong", "", article.title));
      // Pictures lie on other hosts, which the page does not ask; a plain cover stands for them.
      if (article.picture || !single) card.append(cover());
      if (single && article.description) card.append(element("span", "description", article.description));
      if (single) card.append(element("span", "read", "阅读全文"));
      box.append(card);
    }
    line.append(box);
    return line;
  }
}

/** A person's avatar is the first letter of the name on a colour; null: the account's. */
export function avatar(name) {
  if (name === null) {
    const image = element("img", "avatar");
    Object.assign(image, { src: "/static/assistant.svg", alt: document.getElementById("title").dataset.name, width: 40, height: 40 });
    return image;
  }
  const colour = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 5;
  const square = element("span", `avatar colour-${colour}`, [...name][0] ?? "");
  square.setAttribute("aria-label", name);
  square.setAttribute("role", "img");
  return square;
}

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function cover() {
  const box = element("span", "cover");
  box.append(element("i", "icon icon-document"));
  return box;
}

function waiting() {
  const spinner = element("span", "spinner");
  spinner.setAttribute("role", "status");
  spinner.setAttribute("aria-label", "发送中");
  return spinner;
}
