// A chat as WeCom or DingTalk would show it: their subset of Markdown becomes nodes, never HTML.
"use strict";

const log = document.getElementById("log");
const side = document.getElementById("side");
let seen = 0;

function node(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made[key] = value; else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function open(url) {
  document.getElementById("page").src = url;
  side.hidden = false;
}

const INLINE = /\*\*([^*\n]+)\*\*|!\[([^\]\n]*)\]\(([^)\n]+)\)|\[([^\]\n]+)\]\(([^)\n]+)\)|<font color="(info|comment|warning)">(.*?)<\/font>|(https?:\/\/[^\s）)]+)|`([^`\n]+)`/g;

function inline(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    found.push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [whole, bold, alt, image, label, href, colour, coloured, bare, code] = match;
    if (bold) found.push(node("b", {}, ...inline(bold)));
    else if (image) found.push(node("img", { src: media(image), alt }));
    else if (label) found.push(link(href, ...inline(label)));
    else if (colour) found.push(node("span", { class: colour }, ...inline(coloured)));
    else if (bare) found.push(link(bare, bare));
    else found.push(code ? node("code", {}, code) : whole);
  }
  found.push(text.slice(at));
  return found.filter((one) => one !== "").map((one) => (typeof one === "string" ? unescaped(one) : one));
}

const unescaped = (text) => text.replace(/\\([\\`*_{}[\]()#+.!|<>~-])/g, "$1");
const media = (name) => (name.startsWith("data:") ? name : `/demo/media/${encodeURIComponent(name)}`);

function link(href, ...label) {
  if (!/^https?:/.test(href)) return node("span", {}, ...label);
  return node("a", { href, onclick: (event) => { event.preventDefault(); open(href); } }, ...label);
}

function blocks(text) {
  const made = [];
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const heading = /^#{1,6}\s+(.*)/.exec(line), quote = /^>\s?(.*)/.exec(line), item = /^[-*]\s+(.*)/.exec(line);
    if (heading) made.push(node("h4", {}, ...inline(heading[1])));
    else if (quote) made.push(node("blockquote", {}, ...inline(quote[1])));
    else made.push(node("p", {}, ...inline(item ? `· ${item[1]}` : line)));
  }
  return made;
}

function plain(text) {
  return text.split("\n").map((line) => node("p", {}, ...line.split(/(https?:\/\/[^\s）)]+)/).map((piece) => (/^https?:/.test(piece) ? link(piece, piece) : piece))));
}

function bubble(entry) {
  if (entry.from === "me") return node("li", { class: "mine" }, entry.text);
  if (entry.kind === "picture") return node("li", {}, node("img", { src: `/demo/media/${encodeURIComponent(entry.media)}`, alt: entry.text || "图片" }));
  if (entry.kind === "card") {
    return node("li", { class: "card" }, ...blocks(entry.text), ...entry.buttons.map((button) =>
      node("button", { type: "button", onclick: () => post("/demo/press", button) }, button.label)));
  }
  return node("li", {}, ...(entry.kind === "markdown" ? blocks(entry.text) : plain(entry.text)));
}

const post = (path, body) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

async function refresh() {
  const answer = await fetch(`/demo/messages?after=${seen}`);
  const { entries, title, where, skin } = await answer.json();
  document.getElementById("title").textContent = title;
  document.getElementById("where").textContent = where;
  document.body.className = skin;
  for (const entry of entries) log.append(bubble(entry));
  seen += entries.length;
  if (entries.length) log.scrollTop = log.scrollHeight;
}

document.getElementById("form").onsubmit = async (event) => {
  event.preventDefault();
  const words = document.getElementById("words");
  if (!words.value.trim()) return;
  const text = words.value;
  words.value = "";
  await post("/demo/say", { text });
  refresh();
};
document.getElementById("shut").onclick = () => { side.hidden = true; };
setInterval(() => refresh().catch(() => {}), 400);
refresh();
