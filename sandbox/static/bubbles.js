// What one message looks like, by its type. Nothing is ever parsed as HTML.

import { richText } from "./richtext.js";

const OWN_MEDIA = /^(?:https?:\/\/[^/]+)?\/media\/([\w-]+)$/; // pictures that lie in the sandbox itself

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
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

/** The content of a message beside its avatar. */
export function bubble(message, onReply) {
  const draw = KINDS[message.type];
  if (draw) return draw(message.details, message);
  const box = element("div", `bubble type-${message.type}`);
  box.append(richText(message.content, onReply));
  return box;
}

/** News and notices take the whole width, without an avatar. Null: the message is a bubble. */
export function wide(message) {
  if (message.articles.length) return news(message.articles);
  return message.type === "notice" ? notice(message) : null;
}

const KINDS = {
  image: (details) => picture(details.media, "图片"),
  video: (details) => clip(details),
  shortvideo: (details) => clip(details),
  voice: voice,
  location: (details) => {
    const box = element("div", "plate place");
    box.append(element("strong", "", details.label), icon("place"));
    return box;
  },
  file: (details) => plate(details.title, `${Math.max(1, Math.round(details.size / 1024))} KB`, icon("document"), details.media),
  link: (details) => plate(details.title, details.description, icon("link")),
  music: (details) => plate(details.title, details.description, icon("play")),
  miniprogrampage: (details) => {
    const box = element("div", "plate program");
    const foot = element("small", "", "小程序");
    foot.prepend(icon("program"));
    box.append(element("span", "", details.title), picture(details.media, ""), foot);
    box.title = `${details.appid} ${details.pagepath}`;
    return box;
  },
};

function picture(mediaId, label) {
  const link = element("a", "picture");
  const image = element("img");
  Object.assign(link, { href: `/media/${mediaId}`, target: "_blank", rel: "noopener" });
  Object.assign(image, { src: `/media/${mediaId}`, alt: label });
  image.addEventListener("error", () => link.replaceChildren(element("span", "gone", "图片已过期或被清理")));
  link.append(image);
  return link;
}

function clip(details) {
  const link = element("a", "picture clip");
  Object.assign(link, { href: `/media/${details.media}`, target: "_blank", rel: "noopener" });
  link.setAttribute("aria-label", details.title || "视频");
  if (details.thumb) {
    const image = element("img");
    Object.assign(image, { src: `/media/${details.thumb}`, alt: "" });
    link.append(image);
  }
  link.append(icon("play"));
  return link;
}

function voice(details, message) {
  const box = element("div", "bubble voice");
  const line = element("span", "length", details.seconds ? `${details.seconds}″` : "语音");
  line.append(icon("voice"));
  box.append(line);
  if (details.recognition) box.append(element("small", "", details.recognition));
  box.setAttribute("aria-label", message.content);
  return box;
}

function plate(title, line, sign, mediaId = "") {
  const box = element(mediaId ? "a" : "div", "plate");
  if (mediaId) Object.assign(box, { href: `/media/${mediaId}`, target: "_blank", rel: "noopener" });
  const words = element("span", "plate-words");
  words.append(element("span", "", title), element("small", "", line));
  box.append(words, sign);
  return box;
}

function news(articles) {
  const box = element("div", "cards");
  const single = articles.length === 1;
  for (const [index, article] of articles.entries()) {
    const card = element("a", single ? "card single" : index ? "card" : "card first");
    if (/^https?:\/\//i.test(article.url)) {
      Object.assign(card, { href: article.url, target: "_blank", rel: "noopener noreferrer" });
    }
    card.append(element("strong", "", article.title));
    if (article.picture || !single) card.append(cover(article.picture));
    if (single && article.description) card.append(element("span", "description", article.description));
    if (single) card.append(element("span", "read", "阅读全文"));
    box.append(card);
  }
  return box;
}

/** A picture on another host is not asked for; a plain cover stands for it. */
function cover(address) {
  const own = OWN_MEDIA.exec(address);
  const box = element("span", "cover");
  if (own) {
    const image = element("img");
    Object.assign(image, { src: `/media/${own[1]}`, alt: "" });
    box.append(image);
  } else {
    box.append(icon("document"));
  }
  return box;
}

function notice({ details }) {
  const box = element("div", "cards notice-card");
  const card = element("div", "card");
  const list = element("dl");
  for (const [label, value] of details.rows) list.append(element("dt", "", label), element("dd", "", value));
  card.append(element("strong", "", details.title), list);
  if (details.url || details.appid) {
    const more = element(/^https?:\/\//i.test(details.url) ? "a" : "span", "read", details.appid ? "进入小程序查看" : "查看详情");
    if (more.tagName === "A") Object.assign(more, { href: details.url, target: "_blank", rel: "noopener noreferrer" });
    card.append(more);
  }
  box.append(card);
  return box;
}

export function icon(name) {
  const made = element("i", `icon icon-${name}`);
  made.setAttribute("aria-hidden", "true");
  return made;
}
