// A message's text as nodes: line breaks stay, links become links. Nothing is ever parsed as HTML.

const PIECES = /<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"'，。；、！？（）()【】《》“”]+)/gi;

/**
 * @param {string} text  may hold WeChat's `<a href>` and bare addresses
 * @param {(content: string, menuId: string) => void} onReply  a msgmenu link was tapped
 */
export function richText(text, onReply) {
  const nodes = document.createDocumentFragment();
  let done = 0;
  for (const match of text.matchAll(PIECES)) {
    const address = (match[1] ?? match[2] ?? match[4]).replaceAll("&amp;", "&");
    nodes.append(text.slice(done, match.index), link(address, match[3] ?? match[4], onReply));
    done = match.index + match[0].length;
  }
  nodes.append(text.slice(done));
  return nodes;
}

function link(address, label, onReply) {
  if (/^https?:\/\//i.test(address)) {
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: address, target: "_blank", rel: "noopener noreferrer", textContent: label });
    return anchor;
  }
  if (/^weixin:\/\/bizmsgmenu\?/i.test(address)) {
    const choice = new URLSearchParams(address.slice(address.indexOf("?") + 1));
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "link", textContent: label });
    button.addEventListener("click", () => onReply(choice.get("msgmenucontent") || label, choice.get("msgmenuid") || ""));
    return button;
  }
  return document.createTextNode(label); // any other scheme is not followed
}
