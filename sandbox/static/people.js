// The list of chats: one for each follower. Beside the phone on a wide screen, in front of it on a narrow one.

import { avatar, element } from "./chat.js";
import { stamp } from "./times.js";

export class People {
  constructor(onOpen) {
    this.list = document.getElementById("followers");
    this.badge = document.getElementById("elsewhere");
    this.onOpen = onOpen;
    this.drawn = "";
  }

  show(followers, current) {
    const drawn = JSON.stringify([followers, current]);
    if (drawn === this.drawn) return; // redrawing would take the keyboard's focus away
    this.drawn = drawn;
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.openid : null;
    this.list.replaceChildren(...followers.map((follower) => this.row(follower, follower.openid === current)));
    if (focused) this.list.querySelector(`[data-openid="${focused}"]`)?.focus();
    const unread = followers.reduce((sum, { openid, unread }) => sum + (openid === current ? 0 : unread), 0);
    this.badge.hidden = !unread;
    this.badge.textContent = unread;
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
    button.addEventListener("click", () => this.onOpen(follower.openid));
    row.append(button);
    return row;
  }
}
