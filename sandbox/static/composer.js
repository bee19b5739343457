// The bar at the bottom: keyboard, menu, further kinds of messages.

import { element } from "./bubbles.js";

const byId = (id) => document.getElementById(id);
const typesByHand = matchMedia("(pointer: fine)"); // a focus would raise the keyboard of a real phone

export class Composer {
  /** @param {{text: Function, other: Function, tap: Function}} on  what the follower does */
  constructor(on) {
    this.on = on;
    this.root = byId("composer");
    this.field = byId("text");
    this.send = this.root.querySelector(".send");
    this.extras = byId("extras");
    this.buttons = "";
    byId("say").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.field.addEventListener("input", () => this.fit());
    this.field.addEventListener("keydown", (event) => this.key(event));
    byId("plus").addEventListener("click", () => this.showExtras(this.extras.hidden));
    for (const button of this.root.querySelectorAll("[data-to]")) {
      button.addEventListener("click", () => this.switchTo(button.dataset.to));
    }
    for (const button of this.extras.children) {
      button.addEventListener("click", () => { this.showExtras(false); on.other({ ...button.dataset }); });
    }
    document.addEventListener("click", (event) => event.target.closest(".menu > div") || this.closeMenus());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.closeMenus());
  }

  enable() {
    this.field.disabled = byId("plus").disabled = false;
    this.focus();
  }

  focus() {
    if (typesByHand.matches && this.root.dataset.mode === "keyboard") this.field.focus({ preventScroll: true });
  }

  switchTo(mode) {
    this.root.dataset.mode = mode;
    this.showExtras(false);
    if (mode === "keyboard") this.field.focus();
    else byId("menu").querySelector("button")?.focus();
  }

  setFollowing(following) {
    this.root.classList.toggle("left", !following);
  }

  key(event) {
    // While an input method is composing, Enter accepts its word (229 is what some browsers still report for it).
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    this.fit();
    this.focus();
    this.on.text(text);
  }

  fit() {
    // scrollHeight of one row measures the content; without it a deleted line would keep its room.
    this.field.rows = 1;
    const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(this.field);
    const inner = this.field.scrollHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
    this.field.rows = Math.min(5, Math.max(1, Math.round(inner / parseFloat(lineHeight))));
    const empty = !this.field.value.trim();
    this.send.hidden = empty;
    byId("plus").hidden = !empty;
  }

  showExtras(shown) {
    this.extras.hidden = !shown;
    byId("plus").setAttribute("aria-expanded", String(shown));
  }

  setMenu(buttons) {
    const drawn = JSON.stringify(buttons);
    if (drawn === this.buttons) return;
    this.buttons = drawn;
    byId("to-menu").hidden = !buttons.length;
    if (!buttons.length) this.root.dataset.mode = "keyboard";
    byId("menu").replaceChildren(...buttons.map((button) => this.entry(button)));
  }

  entry(button) {
    const box = element("div");
    const top = element("button", "", button.name);
    top.type = "button";
    box.append(top);
    if (!button.sub_button?.length) {
      top.addEventListener("click", () => this.tap(button));
      return box;
    }
    top.prepend(element("i", "icon icon-submenu"));
    top.setAttribute("aria-haspopup", "menu");
    top.setAttribute("aria-expanded", "false");
    const list = element("div", "submenu");
    list.setAttribute("role", "menu");
    list.hidden = true;
    for (const choice of button.sub_button) {
      const item = element("button", "", choice.name);
      item.type = "button";
      item.setAttribute("role", "menuitem");
      item.addEventListener("click", () => this.tap(choice));
      list.append(item);
    }
    top.addEventListener("click", () => {
      const opening = list.hidden;
      this.closeMenus();
      list.hidden = !opening;
      top.setAttribute("aria-expanded", String(opening));
      if (opening) list.firstElementChild.focus();
    });
    box.append(list);
    return box;
  }

  tap(button) {
    this.closeMenus();
    this.on.tap(button);
  }

  closeMenus() {
    for (const list of byId("menu").querySelectorAll(".submenu:not([hidden])")) {
      list.hidden = true;
      list.previousElementSibling.setAttribute("aria-expanded", "false");
      if (list.contains(document.activeElement)) list.previousElementSibling.focus();
    }
  }
}
