// The list of chats: the fifty that changed last, or those that a search finds. Beside the phone on a wide screen, in
// front of it on a narrow one.

import { avatar, element } from "./bubbles.js";
import { stamp } from "./times.js";

export class People {
  /** @param {{open: Function, find: Function}} on  a chat was chosen; the search field has changed */
  constructor(on) {
    this.list = document.getElementById("followers");
    this.badge = document.getElementById("elsewhere");
    this.rest = document.getElementById("rest");
    this.field = document.getElementById("find");
    this.on = on;
    this.drawn = "";
    this.field.addEventListener("input", () => on.find());
  }

  get query() {
    return this.field.value.trim();
  }

  show({ followers, total, unread }, current) {
    const drawn = JSON.stringify([followers, total, current]);
    if (drawn === this.drawn) return; // redrawing would take the keyboard's focus away
    this.drawn = drawn;
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.openid : null;
    this.list.replaceChildren(...followers.map((follower) => this.row(follower, follower.openid === current)));
    if (focused) this.list.querySelector(`[data-openid="${focused}"]`)?.focus();
    const elsewhere = unread - (followers.find(({ openid }) => openid === current)?.unread ?? 0);
    this.badge.hidden = elsewhere <= 0;
    this.badge.textContent = elsewhere > 99 ? "99+" : elsewhere;
    this.rest.hidden = total <= followers.length;
    this.rest.textContent = this.query ? `找到 ${followers.length} 位，共 ${total} 位` : `最近 ${followers.length} 位，共 ${total} 位`;
  }

  row(follower, current) {
    const row = element("li");
    const button = element("button", current ? "current" : "");
    button.dataset.openid = follower.openid;
    if (current) button.setAttribute("aria-current", "true");
    const words = element("span", "words");
    const head = element("span", "head");
    head.append(element("strong", "", follower.name), element("time", "", follower.at ? stamp(new Date(follower.at)) : ""));
    const preview = follower.following ? follower.preview.replace(/<[^>]*>?/g, "") : "没有关注";
    words.append(head, element("span", "preview", preview));
    const face = element("span", "face");
    face.append(avatar(follower.name));
    if (follower.unread && !current) {
      const badge = element("span", "badge", String(follower.unread));
      badge.setAttribute("aria-label", `${follower.unread} 条未读`);
      face.append(badge);
    }
    button.append(face, words);
    button.addEventListener("click", () => this.on.open(follower.openid, follower.name));
    row.append(button);
    return row;
  }
}
