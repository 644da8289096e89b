/* <anxun-chat>: the whole widget, one script, no dependencies.
 *
 *   <script src="…/static/anxun-chat.js" defer></script>
 *   <anxun-chat mode="bubble" base="…"></anxun-chat>
 *
 * Attributes: mode "page" fills its box, "bubble" floats over a foreign page; base is the server's origin.
 * Everything shown is made of DOM nodes from the fields of a message; no text of anyone is ever parsed as HTML.
 * Sections: dom, style, blocks, curve, source dialog, transport, element.
 */
(() => {
"use strict";

const LIMIT = 2000;
const LEVELS = ["平静", "不快", "生气", "发怒", "失控"];
const FACES = ["🙂", "😕", "😠", "😡", "🤬"];
const BAND_EDGES = [0, 25, 45, 65, 82, 100];
const DIMENSIONS = { respect: "尊重", empathy: "共情", listening: "倾听", accuracy: "准确", solution: "办法", steadiness: "稳", closing: "收口" };
const NOTICES_MS = 20000;
const COMMANDS = ["提示", "重说", "换个说法", "暂停", "结束"];
const LEAVING = ["暂停", "放弃", "结束", "换场景"];
const DOORS = ["每日五题", "报隐患", "菜单"];
const STARTERS = ["客户欠费多久可以停电？", "邻居来打听别人家电费，能说吗？", "客户说电表走得快怎么办？"];

/* ---- dom ---- */

/** An element: h("p", {class: "x", onclick: f}, "text", node, [nodes], null). Attributes only; text stays text. */
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ""));
  return node;
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** `text` with stretches (code points) wrapped by `wrap(slice, range)`; ranges are [start, end, …] in any order. */
function marked(text, ranges, wrap) {
  const points = Array.from(text);
  const out = [];
  let at = 0;
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    const [start, end] = range;
    if (start < at || end <= start || end > points.length) continue;
    if (start > at) out.push(points.slice(at, start).join(""));
    out.push(wrap(points.slice(start, end).join(""), range));
    at = end;
  }
  out.push(points.slice(at).join(""));
  return out;
}

const signed = (n) => (n > 0 ? "+" : n < 0 ? "−" : "") + Math.abs(Math.round(n));
const level = (anger) => BAND_EDGES.slice(1, 5).filter((edge) => anger >= edge).length;
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

function articleLabel(citation) {
  const one = (a) => (/^\d+$/.test(String(a)) ? `第${a}条` : String(a).replace(/^(\d+)之/, "第$1条之"));
  const a = citation.article;
  return a === null || a === undefined ? "" : (Array.isArray(a) ? a : [a]).map(one).join("、");
}

/* ---- style ---- */

const CSS = `
:host { --ink:#1d2a2e; --soft:#54646a; --paper:#f6f5f1; --card:#ffffff; --line:#d7d8d1; --accent:#0f6b66; --on-accent:#ffffff; --tint:#e4efed; --amber:#7a4b00; --amber-tint:#fbf0d9; --red:#a8241c; --red-tint:#fbe9e7; --good:#0f6b66; --bad:#8a3b12;
  --a1:#8ea4ad; --a2:#a39a7c; --a3:#b98552; --a4:#b0602f; --a5:#8f3316; display:block; color:var(--ink); font:16px/1.7 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif; }
@media (prefers-color-scheme: dark) { :host { --ink:#e8ece9; --soft:#a9b6b6; --paper:#14191b; --card:#1d2426; --line:#364144; --accent:#6fc7bd; --on-accent:#0b1f1d; --tint:#20393a; --amber:#f0c67a; --amber-tint:#3a2f18; --red:#ff9d92; --red-tint:#46211d; --good:#7fd0c6; --bad:#f0a67c;
  --a1:#7f98a3; --a2:#a79f85; --a3:#c69764; --a4:#cf8052; --a5:#d9694a; } }
:host([hidden]) { display:none; }
* { box-sizing:border-box; }
.root { display:flex; flex-direction:column; height:100%; background:var(--paper); }
button, textarea { font:inherit; color:inherit; }
button { min-height:44px; min-width:44px; border:1px solid var(--line); border-radius:10px; background:var(--card); padding:.3rem .9rem; cursor:pointer; }
button.main { background:var(--accent); border-color:var(--accent); color:var(--on-accent); }
button:disabled { opacity:.55; cursor:default; }
:focus-visible { outline:3px solid var(--accent); outline-offset:2px; }
.log { flex:1; min-height:0; overflow-y:auto; padding:1rem 1rem .5rem; }
.column { max-width:38rem; margin:0 auto; display:flex; flex-direction:column; gap:.9rem; }
.me { align-self:flex-end; max-width:85%; background:var(--tint); border-radius:14px 14px 4px 14px; padding:.5rem .9rem; white-space:pre-wrap; overflow-wrap:anywhere; }
.me.waiting { opacity:.7; }
.bot { display:flex; flex-direction:column; gap:.7rem; min-width:0; }
.bot p { margin:0; max-width:36em; overflow-wrap:anywhere; white-space:pre-wrap; }
.small { font-size:.875rem; color:var(--soft); }
.card { background:var(--card); border:1px solid var(--line); border-radius:12px; padding:.8rem 1rem; display:flex; flex-direction:column; gap:.6rem; min-width:0; }
.answer > p:not([class]) { font-size:1.0625rem; }
.caution { background:var(--amber-tint); color:var(--amber); border-radius:8px; padding:.35rem .7rem; font-size:.9375rem; }
.error { background:var(--amber-tint); color:var(--amber); border-radius:10px; padding:.6rem .9rem; }
.notice { color:var(--soft); }
.cite { display:block; width:100%; text-align:left; border:1px solid var(--line); border-left:4px solid var(--accent); border-radius:6px; padding:.45rem .8rem; background:transparent; }
.cite b { font-weight:600; }
.cite .law { display:flex; flex-wrap:wrap; gap:.2rem .6rem; align-items:center; font-size:.875rem; color:var(--soft); }
.pill { display:inline-block; border:1px solid currentColor; border-radius:99px; padding:0 .55rem; font-size:.8125rem; line-height:1.5; color:var(--accent); white-space:nowrap; }
.pill.unverified { color:var(--amber); } .pill.superseded { color:var(--red); }
details > summary { cursor:pointer; min-height:44px; display:flex; align-items:center; gap:.4rem; color:var(--accent); list-style:none; }
details > summary::before { content:"＋"; } details[open] > summary::before { content:"－"; } summary::-webkit-details-marker { display:none; }
ul { margin:0; padding-left:1.2em; } li + li { margin-top:.25rem; }
.options { display:flex; flex-direction:column; gap:.45rem; } .option { display:flex; gap:.7rem; align-items:center; text-align:left; min-height:44px; border:1px solid var(--line); border-radius:10px; padding:.35rem .8rem; cursor:pointer; } .option b { color:var(--accent); min-width:1.2em; } .option[aria-pressed=true] { background:var(--tint); border-color:var(--accent); } .option input { width:22px; height:22px; flex:none; accent-color:var(--accent); }
.quiz .stem { font-size:1.0625rem; } blockquote { margin:0; border-left:3px solid var(--amber); padding-left:.8rem; } .result { border-left:4px solid var(--amber); } .result.right { border-left-color:var(--accent); } .verdict { font-weight:600; } .head { line-height:1.5; }
.card img { max-width:100%; height:auto; border-radius:8px; background:#fff; } a.button { display:inline-flex; align-items:center; min-height:44px; border:1px solid var(--accent); border-radius:10px; padding:.2rem 1rem; color:var(--accent); text-decoration:none; }
.choices { display:flex; flex-wrap:wrap; gap:.5rem; }
.choices button:not(.main) { border-color:var(--accent); color:var(--accent); } .choices button { text-align:left; }
.call { border-left:0; border-radius:14px; padding:0; overflow:hidden; gap:0; }
.call header { display:flex; align-items:center; gap:.7rem; padding:.55rem 1rem; border-bottom:1px solid var(--line); }
.call .who { flex:1; min-width:0; line-height:1.4; } .call .who small { display:block; color:var(--soft); font-size:.8125rem; }
.face { font-size:1.5rem; line-height:1; } .num { font-variant-numeric:tabular-nums; font-weight:600; }
.call > p { padding:.8rem 1rem; font-size:1.0625rem; } .call > details { padding:0 1rem .4rem; border-top:1px solid var(--line); }
.spark { width:72px; height:24px; flex:none; }
.feedback .praise { font-size:1.0125rem; } .feedback h3, .score h3 { margin:0; font-size:.875rem; color:var(--soft); font-weight:500; }
.try { border-left:3px solid var(--accent); padding-left:.8rem; }
.chips { display:flex; flex-wrap:wrap; gap:.35rem; } .chip { border-radius:99px; padding:0 .65rem; font-size:.875rem; border:1px solid var(--line); font-variant-numeric:tabular-nums; }
.chip.down { color:var(--good); border-color:var(--good); } .chip.up { color:var(--bad); border-color:var(--bad); }
.redline { background:var(--red-tint); color:var(--red); border-radius:8px; padding:.4rem .7rem; }
mark.plus { background:var(--tint); color:inherit; border-bottom:2px solid var(--good); } mark.minus { background:var(--amber-tint); color:inherit; border-bottom:2px dashed var(--bad); }
.evidence { overflow-wrap:anywhere; } dl { margin:0; display:grid; grid-template-columns:auto 1fr; gap:.15rem .8rem; } dt { color:var(--soft); } dd { margin:0; font-variant-numeric:tabular-nums; }
.curve { width:100%; height:auto; display:block; } .curve text { fill:var(--soft); font-size:11px; } .curve .line { fill:none; stroke:var(--ink); stroke-width:2; }
.curve .band { fill:var(--line); opacity:.28; } .curve .point { stroke:var(--card); stroke-width:2; cursor:pointer; } .curve .label { fill:var(--ink); }
.curve .point:focus-visible { outline:none; stroke:var(--accent); stroke-width:4; }
.curve .branch { stroke:var(--soft); stroke-width:1.5; stroke-dasharray:4 3; } .curve .hollow { fill:var(--card); stroke:var(--soft); stroke-width:2; }
.compare h3, .compare h4 { margin:0; font-size:.875rem; font-weight:500; color:var(--soft); } .compare h4 .num { font-weight:600; color:var(--ink); }
.tries { display:grid; grid-template-columns:1fr 1fr; gap:.8rem; } .tries section { border:1px solid var(--line); border-radius:8px; padding:.5rem .7rem; display:flex; flex-direction:column; gap:.35rem; min-width:0; } .tries .better { border-color:var(--good); border-width:2px; }
@media (max-width:480px) { .tries { grid-template-columns:1fr; } }
.checks { list-style:none; padding:0; } .checks b { font-weight:600; }
.said { min-height:1.7em; }
.bars { display:flex; flex-direction:column; gap:.5rem; } .bar { display:grid; grid-template-columns:3em 1fr 3em; gap:.7rem; align-items:center; } .bar .num { text-align:right; }
.bar svg { width:100%; height:18px; display:block; }
.total { display:flex; align-items:baseline; gap:.6rem; flex-wrap:wrap; } .total .num { font-size:1.125rem; }
table { border-collapse:collapse; width:100%; font-size:.875rem; } th, td { text-align:left; border-bottom:1px solid var(--line); padding:.25rem .4rem; vertical-align:top; }
.typing { display:inline-flex; gap:.3rem; align-items:center; min-height:2rem; color:var(--soft); }
.typing i { width:.45rem; height:.45rem; border-radius:50%; background:var(--soft); animation:blink 1.2s infinite; } .typing i:nth-child(2) { animation-delay:.2s; } .typing i:nth-child(3) { animation-delay:.4s; }
@keyframes blink { 0%,60%,100% { opacity:.25; } 30% { opacity:1; } }
.bar-practice { border-top:1px solid var(--line); background:var(--card); padding:.35rem .8rem; } .bar-practice > div { max-width:38rem; margin:0 auto; display:flex; gap:.4rem; align-items:center; flex-wrap:wrap; }
.bar-practice span { flex:1; min-width:4em; color:var(--soft); font-size:.875rem; } .bar-practice button { padding:.2rem .7rem; font-size:.9375rem; }
@media (max-width:480px) { .bar-practice span { display:none; } .bar-practice > div { justify-content:space-between; gap:.3rem; flex-wrap:nowrap; } .bar-practice button { padding:.2rem .5rem; white-space:nowrap; } }
.offline { background:var(--amber-tint); color:var(--amber); padding:.4rem 1rem; text-align:center; font-size:.9375rem; }
form { border-top:1px solid var(--line); background:var(--card); padding:.6rem .8rem calc(.6rem + env(safe-area-inset-bottom)); } form > div { max-width:38rem; margin:0 auto; }
.row { display:flex; gap:.6rem; align-items:flex-end; }
textarea { flex:1; min-width:0; resize:none; max-height:9.5rem; min-height:46px; border:1px solid var(--soft); border-radius:12px; padding:.5rem .8rem; background:var(--paper); line-height:1.6; }
.count { font-size:.8125rem; color:var(--soft); font-variant-numeric:tabular-nums; } .count.over { color:var(--red); }
.hello { display:flex; flex-direction:column; gap:.8rem; padding-top:6vh; } .hello p { margin:0; } .hello h2 { margin:0; font-size:1.2rem; font-weight:600; } .hello .choices { flex-direction:column; align-items:flex-start; }
.sr { position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%); white-space:nowrap; }
dialog { width:min(40rem,100vw); max-width:100vw; max-height:88vh; border:1px solid var(--line); border-radius:14px; background:var(--card); color:var(--ink); padding:0; }
dialog::backdrop { background:rgb(0 0 0 / .45); } @media (max-width:480px) { dialog { margin:auto 0 0; width:100vw; border-radius:14px 14px 0 0; max-height:92vh; } }
.sheet { padding:1rem 1.2rem 1.4rem; display:flex; flex-direction:column; gap:.9rem; } .sheet .top { display:flex; gap:1rem; align-items:flex-start; } .sheet h2 { margin:0; flex:1; font-size:1.125rem; line-height:1.5; } .sheet h3 { margin:0 0 .2rem; font-size:.875rem; font-weight:500; color:var(--soft); } .sheet p { margin:0; white-space:pre-wrap; overflow-wrap:anywhere; }
.law-text { border-left:4px solid var(--accent); padding-left:.9rem; font-family:"Songti SC","SimSun","Noto Serif CJK SC",serif; font-size:1.0625rem; } .sheet mark { background:var(--amber-tint); color:inherit; }
.sheet figure { margin:0; } .page { display:block; width:100%; height:auto; aspect-ratio:auto 210/297; border:1px solid var(--line); border-radius:6px; background:#fff; }
.launch { position:fixed; right:16px; bottom:16px; z-index:2147483000; border-radius:99px; background:var(--accent); color:var(--on-accent); border-color:var(--accent); padding:.5rem 1.2rem; box-shadow:0 4px 16px rgb(0 0 0 / .25); }
:host([mode=bubble]) .root { position:fixed; right:16px; bottom:72px; width:min(26rem,calc(100vw - 32px)); height:min(40rem,calc(100vh - 96px)); z-index:2147483000; border:1px solid var(--line); border-radius:16px; overflow:hidden; box-shadow:0 8px 32px rgb(0 0 0 / .25); }
:host([mode=bubble]) .root[hidden] { display:none; }
[hidden] { display:none !important; }
@media (prefers-reduced-motion: reduce) { * { animation:none !important; scroll-behavior:auto !important; } }
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);

/* ---- blocks: each takes a block and the element, and returns a node ---- */

const BLOCKS = {
  text(block, chat, context) {
    const p = h("p", { class: block.tone === "plain" ? null : block.tone }, block.text);
    if (block.tone !== "error" || !context.resend) return p;
    return h("div", { class: "bot" }, p, h("div", { class: "choices" }, h("button", { type: "button", onclick: context.resend }, "重发这一句")));
  },

  choices(block, chat) {
    return h("div", {}, block.prompt ? h("p", { class: "small" }, block.prompt) : null,
      h("div", { class: "choices live", role: "group", "aria-label": "可以直接点" },
        block.choices.map((c) => h("button", { type: "button", onclick: () => chat.say(c.send) }, c.label))));
  },

  quiz(block, chat) {
    const single = ["single", "judgement", "hotspot"].includes(block.kind);
    const options = block.options.map((o) => single
      ? h("button", { type: "button", class: "option", onclick: () => chat.say(o.key) }, h("b", {}, o.key), h("span", {}, o.label))
      : h("label", { class: "option" }, h("input", { type: "checkbox", value: o.key }), h("b", {}, o.key), h("span", {}, o.label)));
    const list = h("div", { class: "options live", role: "group", "aria-label": "选项" }, options);
    const many = block.kind === "multiple" ? h("button", { type: "button", class: "main", onclick: () => {
      const chosen = [...list.querySelectorAll("input:checked")].map((i) => i.value).join("");
      if (chosen) chat.say(chosen);
    } }, "选好了") : null;
    const order = block.kind === "order" ? ordering(block, chat) : null;
    return h("article", { class: "card quiz" },
      h("p", { class: "small" }, block.title),
      block.customer ? h("blockquote", {}, block.customer) : null,
      h("p", { class: "stem" }, block.stem),
      block.picture ? h("img", { src: chat.base + block.picture, alt: block.picture_alt || "题目配图" }) : null,
      order || (options.length ? list : null),
      many ? h("div", { class: "choices live" }, many) : null,
      h("p", { class: "small" }, block.how));
  },

  quiz_result(block, chat) {
    return h("article", { class: `card result ${block.score >= 1 ? "right" : "wrong"}` },
      h("p", { class: "verdict" }, block.verdict),
      block.score < 1 ? h("p", {}, block.given ? `您的回答：${block.given}。` : "", `答案：${block.answer}`) : null,
      h("p", {}, block.explanation),
      block.misconception ? h("p", { class: "caution" }, block.misconception) : null,
      block.citations.map((c) => citation(c, chat)));
  },

  card(block, chat) {
    return h("article", { class: "card" },
      h("p", { class: "head" }, h("b", {}, block.title), " ", block.status ? h("span", { class: `pill ${block.status_kind}` }, block.status) : null),
      block.picture ? h("img", { src: chat.base + block.picture, alt: block.picture_alt }) : null,
      block.rows.length ? h("dl", {}, block.rows.flatMap((r) => [h("dt", {}, r.label), h("dd", {}, r.value)])) : null,
      block.lines.map((line) => h("p", {}, line)),
      block.link ? h("p", {}, h("a", { class: "button", href: chat.base + block.link.path, target: "_blank", rel: "noopener" }, block.link.label)) : null);
  },

  answer(block, chat) {
    const unfold = (title, items) => items.length ? h("details", {}, h("summary", {}, title), h("ul", {}, items.map((i) => h("li", {}, i)))) : null;
    return h("article", { class: "card answer" },
      block.understood ? h("p", { class: "small" }, `（接着问：${block.understood}）`) : null,
      h("p", {}, block.answer),
      block.caution ? h("p", { class: "caution" }, block.caution) : null,
      block.citations.map((c) => citation(c, chat)),
      block.choices?.length ? h("div", { class: "choices live", role: "group", "aria-label": "可以直接点" },
        block.choices.map((q) => h("button", { type: "button", onclick: () => chat.say(q) }, q))) : null,
      unfold("该怎么做", block.do), unfold("别这么做", block.dont),
      block.related.length ? h("div", {}, h("p", { class: "small" }, "还可以问"),
        h("div", { class: "choices live" }, block.related.map((q) => h("button", { type: "button", onclick: () => chat.say(q) }, q)))) : null);
  },

  customer_turn(block) {
    const at = block.level - 1;
    return h("article", { class: "card call", "aria-label": `${block.name}说` },
      h("header", {},
        h("span", { class: "face", "aria-hidden": "true" }, FACES[at]),
        h("div", { class: "who" }, h("b", {}, block.name), h("small", {}, block.setting ? `${block.situation} · ${block.setting}` : block.situation)),
        spark(block.curve),
        h("span", { class: "small" }, h("span", { class: "sr" }, "怒气"), h("span", { class: "num" }, String(block.anger)), ` ${block.level_name}`)),
      h("p", {}, block.to ? h("b", {}, `（对${block.to}）`) : null, block.line),
      block.curve.length > 1 ? h("details", {}, h("summary", {}, "怒气怎么走的"), curve(block.curve)) : null);
  },

  feedback(block, chat) {
    const ranges = block.evidence.map((e) => [e.start, e.end, e]);
    const change = block.anger_after - block.anger_before;
    return h("article", { class: "card feedback", "aria-label": `第 ${block.turn} 句的点评` },
      block.speaker ? h("p", { class: "small" }, `${block.speaker}的这一句`) : null,
      h("p", { class: "praise" }, block.praise),
      block.heard ? h("p", { class: "caution" }, `太长了，客户只听到“${ending(block.heard)}”就打断了，后面的没进耳朵。`) : null,
      block.redlines.map((r) => h("p", { class: "redline" }, h("b", {}, `红线：${r.name}`), `　${r.why}`)),
      block.advice ? h("div", {}, h("h3", {}, "改一处"), h("p", {}, block.advice)) : null,
      block.rewrite ? h("div", { class: "try" }, h("h3", {}, "换个说法试试"), h("p", {}, block.rewrite),
        h("div", { class: "choices live" }, h("button", { type: "button", onclick: () => chat.sayAgain(block.rewrite) }, "用这句重说"))) : null,
      h("div", { class: "chips" },
        h("span", { class: "chip num" }, `怒气 ${block.anger_before} → ${block.anger_after}（${signed(change)}）`),
        block.reasons.filter((r) => Math.abs(r.delta) >= 0.5).slice(0, 4).map((r) => h("span", { class: `chip ${r.delta < 0 ? "down" : "up"}` }, `${r.label} ${signed(r.delta)}`))),
      block.causes?.length ? h("details", {}, h("summary", {}, "客户为什么这样"),
        h("ul", {}, block.causes.map((c) => h("li", {}, c))),
        h("p", { class: "small num" }, block.changes.map((c) => `${c.name} ${c.before} → ${c.after}`).join("　"))) : null,
      h("details", {}, h("summary", {}, `这句 ${block.overall} 分，看看依据`),
        h("div", { class: "bot" },
          h("p", { class: "evidence" }, marked(block.reply, ranges, (slice, [, , e]) => h("mark", { class: e.polarity === "+" ? "plus" : "minus", title: e.why }, slice))),
          h("ul", {}, block.evidence.map((e) => h("li", {}, `${e.polarity === "+" ? "加" : "减"}：“${Array.from(block.reply).slice(e.start, e.end).join("")}” ${e.why}`))),
          h("dl", {}, Object.entries(block.dimensions).flatMap(([k, v]) => [h("dt", {}, DIMENSIONS[k] || k), h("dd", {}, v === null ? "还没到这一步" : String(v))])))));
  },

  comparison(block) {
    const best = block.tries.reduce((a, b) => (b.anger < a.anger ? b : a));
    return h("article", { class: "card compare", "aria-label": `第 ${block.turn} 句的两种说法` },
      h("h3", {}, `同一句，两种说法（说之前怒气 ${block.anger_before}）`),
      h("div", { class: "tries" }, block.tries.map((t) => h("section", { class: t === best ? "better" : null },
        h("h4", {}, t.title, h("span", { class: "num" }, ` 怒气 ${t.anger}（${signed(t.delta)}${t.label ? "，" + t.label : ""}）`)),
        h("p", {}, `“${t.reply}”`),
        h("p", { class: "small" }, `客户接着说：${t.line}`)))),
      h("p", {}, block.verdict));
  },

  sitting(block) {
    const exam = block.passed !== null && block.passed !== undefined;
    return h("article", { class: "card score", "aria-label": `${block.title}的结果` },
      h("p", {}, block.verdict),
      h("div", { class: "total" }, h("span", {}, block.title), h("span", { class: "num" }, String(block.overall)), h("span", {}, exam ? `分 · ${block.passed ? "合格" : "不合格"}（合格线 ${block.pass_mark}）` : "分")),
      h("table", {}, h("thead", {}, h("tr", {}, ["客户", "分", "怎么样"].map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, block.rows.map((r) => h("tr", {}, h("td", {}, r.name), h("td", { class: "num" }, String(r.overall)), h("td", {}, r.note))))));
  },

  score_card(block) {
    return h("article", { class: "card score", "aria-label": "这一通的成绩单" },
      h("p", {}, block.summary),
      h("div", { class: "total" }, h("span", {}, `${block.name}：${block.outcome_label}`), h("span", { class: "num" }, String(block.overall)), h("span", {}, `分 · ${block.grade}`)),
      block.redlines.map((r) => h("p", { class: "redline" }, h("b", {}, `红线：${r.name}`), `　${r.why}`)),
      h("div", { class: "bars" }, block.groups.map(bar)),
      curve(block.curve, block.branches || []),
      block.conditions?.length ? h("div", {}, h("h3", {}, "这一通要做到的"), h("ul", { class: "checks" }, block.conditions.map((c) => h("li", {}, h("b", {}, c.met ? "做到了 " : "还没 "), c.what)))) : null,
      block.moments.length ? h("div", {}, h("h3", {}, "最要紧的几句"), h("ul", {}, block.moments.map((m) => h("li", {}, h("b", {}, `第 ${m.turn} 句（${signed(m.delta)}）`), ` “${m.reply}” ${m.why}`)))) : null,
      block.next_time ? h("div", { class: "try" }, h("h3", {}, "下次只练一件"), h("p", {}, block.next_time)) : null,
      block.speakers?.length ? h("div", {}, h("h3", {}, "各位说得怎么样"), h("ul", {}, block.speakers.map((s) => h("li", {}, `${s.name}：${s.turns} 句，平均 ${s.overall} 分`)))) : null,
      block.earlier?.length ? h("p", { class: "small num" }, `跟${block.name}练过的：`, block.earlier.map((e) => `${e.overall} 分（${e.outcome_label}）`).join("，"), `，这回 ${block.overall} 分`) : null,
      block.hints || block.retries ? h("p", { class: "small num" }, [block.hints ? `要了 ${block.hints} 次提示` : "", block.retries ? `重说了 ${block.retries} 句，曲线上的虚线是头一回的` : ""].filter(Boolean).join("；")) : null);
  },
};

/** The last words of a speech that was cut short. */
const ending = (text) => (text.length > 16 ? `……${Array.from(text).slice(-16).join("")}` : text);

/** Since when a clause holds; for a law amended since, which version was read. */
/** The steps of an order item: tapped one after the other, the last one taken back with a tap, then sent. */
function ordering(block, chat) {
  const chosen = [];
  const done = h("button", { type: "button", class: "main", disabled: true, "data-wait": "1", onclick: () => chat.say(chosen.join("")) }, "排好了");
  const said = h("p", { class: "small", "aria-live": "polite" }, "按先后一个个点，点错了再点一下拿掉。");
  const buttons = block.options.map((o) => {
    const number = h("b", {}, o.key);
    const button = h("button", { type: "button", class: "option", "aria-pressed": "false", onclick: () => {
      const at = chosen.indexOf(o.key);
      if (at < 0) chosen.push(o.key); else chosen.splice(at, 1);
      buttons.forEach((b) => b.show());
      done.disabled = chosen.length < block.options.length;
      done.dataset.wait = done.disabled ? "1" : "";
      said.textContent = chosen.length ? `现在的次序：${chosen.join(" → ")}` : "按先后一个个点，点错了再点一下拿掉。";
    } }, number, h("span", {}, o.label));
    button.show = () => {
      const at = chosen.indexOf(o.key);
      number.textContent = at < 0 ? o.key : `${at + 1}`;
      button.setAttribute("aria-pressed", String(at >= 0));
    };
    return button;
  });
  return h("div", { class: "options live" }, buttons, said, done);
}

function since(source) {
  if (source.effective) return h("span", {}, `${source.effective} 起施行`);
  return source.version ? h("span", {}, `${source.version} 版`) : null;
}

function citation(c, chat) {
  const where = c.law ? `《${c.law}》${articleLabel(c)}` : "";
  return h("button", { type: "button", class: "cite", onclick: (event) => chat.openSource(c.id, event.currentTarget), "aria-label": `打开依据：${c.title}` },
    h("b", {}, c.title),
    h("span", { class: "law" }, where ? h("span", {}, where) : null, h("span", { class: `pill ${c.status}` }, c.status_label), since(c)));
}

function bar(group) {
  const value = group.score === null ? 0 : group.score;
  const drawing = svg("svg", { viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { x: 0, y: 4, width: 100, height: 10, rx: 2, fill: "var(--line)" }),
    svg("rect", { x: 0, y: 4, width: value, height: 10, rx: 2, fill: "var(--accent)" }));
  if (group.last !== null && group.last !== undefined) drawing.append(svg("rect", { x: Math.min(99, group.last), y: 0, width: 1, height: 18, fill: "var(--ink)" }));
  const last = group.last === null || group.last === undefined ? "" : `上次 ${group.last}`;
  return h("div", { class: "bar", title: last }, h("span", {}, group.name), h("div", {}, drawing, last ? h("span", { class: "small" }, last) : null), h("span", { class: "num" }, group.score === null ? "—" : String(group.score)));
}

/* ---- curve ---- */

function spark(points) {
  const last = points.slice(-6);
  const x = (i) => 4 + i * (64 / Math.max(1, last.length - 1));
  const y = (a) => 22 - a * 0.2;
  const node = svg("svg", { class: "spark", viewBox: "0 0 72 24", "aria-hidden": "true" });
  if (last.length > 1) node.append(svg("polyline", { points: last.map((p, i) => `${x(i)},${y(p.anger)}`).join(" "), fill: "none", stroke: "var(--soft)", "stroke-width": 1.5 }));
  last.forEach((p, i) => node.append(svg("circle", { cx: x(i), cy: y(p.anger), r: i === last.length - 1 ? 3 : 1.5, fill: `var(--a${level(p.anger) + 1})` })));
  return node;
}

/** The emotion curve: turns across, anger up, five named bands, each point labelled; a table says the same. */
function curve(points, branches = []) {
  const W = window.innerWidth < 600 ? 320 : 560, H = W === 320 ? 200 : 230, left = 34, right = 16, top = 12, bottom = 26;
  const x = (turn) => left + 14 + (turn / Math.max(1, points.length - 1)) * (W - left - right - 36);
  const y = (anger) => top + (1 - anger / 100) * (H - top - bottom);
  const said = h("p", { class: "small said", "aria-live": "polite" }, "点一下每个点，看当时说的话。");
  const tell = (p) => { said.textContent = p.turn === 0 ? "还没开口时。" : `第 ${p.turn} 句：“${p.reply}”`; };
  const drawing = svg("svg", { class: "curve", viewBox: `0 0 ${W} ${H}`, role: "group", "aria-label": "怒气曲线" });
  LEVELS.forEach((name, i) => {
    if (i % 2 === 0) drawing.append(svg("rect", { class: "band", x: left, y: y(BAND_EDGES[i + 1]), width: W - left - right, height: y(BAND_EDGES[i]) - y(BAND_EDGES[i + 1]) }));
    const label = svg("text", { x: left - 6, y: (y(BAND_EDGES[i]) + y(BAND_EDGES[i + 1])) / 2 + 4, "text-anchor": "end" });
    label.textContent = name;
    drawing.append(label);
  });
  branches.forEach((b) => {
    const from = points[b.turn - 1];
    if (!from) return;
    drawing.append(svg("line", { class: "branch", x1: x(from.turn), y1: y(from.anger), x2: x(b.turn), y2: y(b.anger) }));
    const point = svg("circle", { class: "point hollow", cx: x(b.turn), cy: y(b.anger), r: 6, tabindex: 0, role: "button", "aria-label": `第 ${b.turn} 句头一回的说法，怒气 ${b.anger}` });
    for (const kind of ["click", "focus", "mouseenter"]) point.addEventListener(kind, () => { said.textContent = `第 ${b.turn} 句头一回：“${b.reply}”`; });
    drawing.append(point);
  });
  drawing.append(svg("polyline", { class: "line", points: points.map((p) => `${x(p.turn)},${y(p.anger)}`).join(" ") }));
  points.forEach((p, i) => {
    const point = svg("circle", { class: "point", cx: x(p.turn), cy: y(p.anger), r: 7, fill: `var(--a${level(p.anger) + 1})`, tabindex: 0, role: "button", "aria-label": `第 ${p.turn} 句，怒气 ${p.anger}${p.label ? "，" + p.label : ""}` });
    for (const kind of ["click", "focus", "mouseenter"]) point.addEventListener(kind, () => tell(p));
    drawing.append(point);
    const crowded = points.length > (W === 320 ? 5 : 8) && i % 2 === 1;
    if (p.label && !crowded) {
      const below = i > 0 && points[i - 1].anger > p.anger;
      const text = svg("text", { class: "label", x: Math.min(Math.max(x(p.turn), left + 30), W - 40), y: y(p.anger) + (below && p.anger > 14 ? 22 : -12), "text-anchor": "middle" });
      text.textContent = p.label;
      drawing.append(text);
    }
    if (points.length <= 12 || i % 2 === 0) {
      const tick = svg("text", { x: x(p.turn), y: H - 6, "text-anchor": "middle" });
      tick.textContent = p.turn === 0 ? "开场" : String(p.turn);
      drawing.append(tick);
    }
  });
  const rows = points.map((p) => h("tr", {}, h("td", {}, p.turn === 0 ? "开场" : String(p.turn)), h("td", {}, String(p.anger)), h("td", {}, p.label), h("td", {}, p.reply)));
  return h("div", {}, drawing, said,
    h("details", {}, h("summary", {}, "用表格看"), h("table", {}, h("thead", {}, h("tr", {}, ["句", "怒气", "为什么", "说的话"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, rows))));
}

/* ---- source dialog ---- */

/** Pictures of the pages a passage stands on; one that cannot be had leaves the text to itself. */
function pages(source, base) {
  return (source.pictures || []).map((page) => {
    const address = `${base}/api/v1/sources/${encodeURIComponent(source.id)}/page?page=${page}`;
    const picture = h("img", { class: "page", src: address, alt: `原件第 ${page} 页，引用处标了黄`, crossorigin: base ? "use-credentials" : null, onerror: () => figure.remove() });
    const figure = h("figure", {}, h("a", { href: address, target: "_blank", rel: "noopener", "aria-label": `放大看原件第 ${page} 页` }, picture), h("figcaption", { class: "small" }, `原件第 ${page} 页，点一下放大`));
    return figure;
  });
}

function sourceSheet(source, base, close) {
  const section = (s) => h("section", {}, h("h3", {}, s.heading),
    s.items ? h("ul", {}, s.items.map((i) => h("li", {}, i)))
      : h("p", { class: s.law ? "law-text" : null }, marked(s.text, s.marks || [], (slice) => h("mark", {}, slice))));
  return h("div", { class: "sheet" },
    h("div", { class: "top" }, h("h2", { id: "source-title" }, source.title), h("button", { type: "button", onclick: close, "aria-label": "关上" }, "关上")),
    h("p", { class: "small" }, source.law ? h("span", {}, `《${source.law}》${source.article_label}`) : null, " ", h("span", { class: `pill ${source.status}` }, source.status_label), " ", since(source)),
    source.sections.map(section),
    pages(source, base),
    h("p", { class: "small" }, `出处：${source.source}　${source.kind === "document" ? "收入于" : "核对于"} ${source.reviewed_on}`));
}

/* ---- element ---- */

class AnxunChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.queue = [];
    this.known = new Set();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.draw();
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel("anxun-chat") : null;
    if (this.channel) this.channel.onmessage = () => { if (!this.busy) this.load(); };
    window.addEventListener("online", () => this.flush());
    this.load();
    setInterval(() => this.lookForNotices(), NOTICES_MS);
  }

  get base() { return (this.getAttribute("base") || "").replace(/\/$/, ""); }

  draw() {
    this.column = h("div", { class: "column" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "对话", tabindex: "0" }, this.column);
    this.offline = h("div", { class: "offline", role: "status", hidden: true }, "连不上服务，话先留着，连上就自动发。");
    this.practiceBar = h("div", { class: "bar-practice", hidden: true }, h("div", {}, h("span", {}, "练习中"), COMMANDS.map((c) => h("button", { type: "button", onclick: () => this.say(c) }, c))));
    this.input = h("textarea", { rows: 1, "aria-label": "输入要问的或要说的话", placeholder: "问规定，或说“开始练习”", maxlength: 20000 });
    this.send = h("button", { type: "submit", class: "main" }, "发送");
    this.count = h("span", { class: "count", "aria-live": "polite" });
    const form = h("form", { onsubmit: (e) => { e.preventDefault(); this.submit(); } }, h("div", {}, h("div", { class: "row" }, this.input, this.send), this.count));
    this.input.addEventListener("input", () => this.measure());
    this.input.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing && e.keyCode !== 229) { e.preventDefault(); this.submit(); }
    });
    this.dialog = h("dialog", { "aria-labelledby": "source-title" });
    this.dialog.addEventListener("click", (e) => { if (e.target === this.dialog) this.dialog.close(); });
    this.root = h("div", { class: "root" }, this.offline, this.log, this.practiceBar, form);
    this.shadowRoot.append(this.root, this.dialog);
    if (this.getAttribute("mode") === "bubble") {
      this.root.hidden = true;
      this.launcher = h("button", { type: "button", class: "launch", "aria-expanded": "false", onclick: () => this.toggle() }, "问安训");
      this.root.addEventListener("keydown", (e) => { if (e.key === "Escape") this.toggle(false); });
      this.shadowRoot.append(this.launcher);
    }
  }

  toggle(open = this.root.hidden) {
    this.root.hidden = !open;
    this.launcher.setAttribute("aria-expanded", String(open));
    this.launcher.textContent = open ? "收起" : "问安训";
    (open ? this.input : this.launcher).focus();
  }

  async call(path, options = {}) {
    const response = await fetch(this.base + path, { credentials: this.base ? "include" : "same-origin", ...options });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw Object.assign(new Error(body.error || "服务出错了。"), { remedy: body.remedy || "", status: response.status });
    return body;
  }

  /** Session and history; drawn anew, so a reload or another tab shows the same conversation. */
  async load() {
    try {
      const session = await this.call("/api/v1/session");
      await this.call("/api/v1/notices", { method: "POST" });  // they become part of the history
      const history = await this.call("/api/v1/history");
      this.ready = true;
      this.offline.hidden = true;
      this.earlier = history.next_before;
      const stay = this.log.scrollTop, wasAtEnd = this.atEnd() || !this.known.size;
      this.column.replaceChildren();
      if (this.earlier) this.column.append(h("button", { type: "button", onclick: (e) => this.loadEarlier(e.currentTarget) }, "看更早的"));
      if (!history.entries.length) this.hello();
      history.entries.forEach((entry) => this.append(this.entry(entry)));
      this.practising(session.active_practice);
      this.settle();
      if (wasAtEnd) this.toEnd(); else this.log.scrollTop = stay;
      this.flush();
    } catch (error) {
      this.offline.hidden = false;
      clearTimeout(this.retryLoad);
      this.retryLoad = setTimeout(() => this.load(), 3000);
    }
  }

  /** What came for this person meanwhile; nothing moves while something is being typed or answered. */
  async lookForNotices() {
    if (!this.ready || this.busy || document.hidden || !this.offline.hidden) return;
    const body = await this.call("/api/v1/notices", { method: "POST" }).catch(() => ({ messages: [] }));
    if (!body.messages.length || this.busy) return;
    const wasAtEnd = this.atEnd();
    if (this.welcome) { this.welcome.remove(); this.welcome = null; }
    body.messages.forEach((m) => this.append(this.message(m)));
    if (wasAtEnd && !this.input.value) this.toNewest();
  }

  async loadEarlier(button) {
    const older = await this.call(`/api/v1/history?before=${this.earlier}`);
    this.earlier = older.next_before;
    const height = this.log.scrollHeight;
    button.after(...older.entries.map((entry) => this.entry(entry)));
    if (!this.earlier) button.remove();
    this.log.scrollTop += this.log.scrollHeight - height;
    this.settle();
  }

  entry(entry) {
    this.known.add(entry.id);
    return entry.role === "user" ? h("div", { class: "me" }, entry.text) : this.message(entry.message);
  }

  hello() {
    this.welcome = h("div", { class: "hello" },
      h("h2", {}, "您好，我是安训。"),
      h("p", {}, "规定上拿不准的，用大白话问我，我给出是哪一条、现在还算不算数。"),
      h("p", {}, "每天五道题、课程、演练、报隐患，也都在这里。"),
      h("p", {}, "怕跟欠费客户说不好话，先跟我练一通，说什么、客户怎么变、为什么，都看得见。"),
      h("div", { class: "choices" }, h("button", { type: "button", class: "main", onclick: () => this.say("开始练习") }, "开始练习"), DOORS.map((words) => h("button", { type: "button", onclick: () => this.say(words) }, words)), STARTERS.map((q) => h("button", { type: "button", onclick: () => this.say(q) }, q))),
      h("p", { class: "small" }, "请别输入真实客户的姓名、电话和户号。"));
    this.append(this.welcome);
  }

  message(message, context = {}) {
    const node = h("div", { class: "bot" });
    for (const block of message.blocks) {
      const make = BLOCKS[block.type];
      node.append(make ? make(block, this, context) : h("p", { class: "notice" }, "这条消息需要更新页面才能看，请刷新。"));
      if (block.type === "customer_turn") this.practising(true);
      if (block.type === "score_card" || block.type === "sitting") this.practising(false);
    }
    return node;
  }

  practising(on) {
    this.practiceBar.hidden = !on;
    this.input.placeholder = on ? "你会怎么对客户说？" : "问规定，或说“开始练习”";
  }

  append(node) { this.column.append(node); }
  atEnd() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; }
  toEnd() { this.log.scrollTop = this.log.scrollHeight; }

  /** Only the newest message's buttons stay live. */
  settle() {
    const groups = [...this.column.querySelectorAll(".live")];
    const newest = this.column.lastElementChild;
    groups.forEach((group) => group.querySelectorAll("button, input").forEach((b) => { b.disabled = !(newest && newest.contains(group)) || b.dataset.wait === "1"; }));
  }

  measure() {
    const length = Array.from(this.input.value).length;
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(152, this.input.scrollHeight + 2)}px`;
    this.count.textContent = length > LIMIT ? `${length} 字，一次最多 ${LIMIT} 字，请拆成几段发。` : length > LIMIT - 200 ? `${length} / ${LIMIT}` : "";
    this.count.classList.toggle("over", length > LIMIT);
  }

  submit() {
    const text = this.input.value.trim();
    if (!text || this.busy) return;
    if (Array.from(text).length > LIMIT) { this.measure(); this.input.focus(); return; }
    this.input.value = "";
    this.measure();
    this.say(text);
  }

  say(text) {
    if (this.busy) return;
    if (this.welcome) { this.welcome.remove(); this.welcome = null; }
    const bubble = h("div", { class: "me waiting" }, text);
    this.append(bubble);
    this.queue.push({ text, id: newId(), bubble });
    this.flush();
  }

  async sayAgain(words) {
    await this.deliver("重说");
    this.input.value = words;
    this.measure();
    this.input.focus();
  }

  deliver(text) {
    return new Promise((done) => {
      if (this.busy) return done();
      this.afterFlush = done;
      this.say(text);
    });
  }

  /** Send what waits, in order. A lost connection keeps the message and tries again with the same id. */
  async flush() {
    if (this.busy || !this.ready || !this.queue.length) return;
    this.busy = true;
    this.send.disabled = true;
    const typing = h("div", { class: "typing", role: "status" }, h("i"), h("i"), h("i"), h("span", {}, "正在想"));
    this.append(typing);
    this.toEnd();
    const item = this.queue[0];
    let delay = 1000;
    while (this.queue.length) {
      try {
        const body = await this.call("/api/v1/converse", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ conversation: "browser", text: item.text, message_id: item.id }) });
        this.offline.hidden = true;
        this.queue.shift();
        item.bubble.classList.remove("waiting");
        typing.remove();
        if (LEAVING.includes(item.text)) this.practising(false);
        body.messages.forEach((m) => this.append(this.message(m, { resend: () => { if (!this.busy) { this.queue.push(item); this.flush(); } } })));
        break;
      } catch (error) {
        if (error.status === 401) { await this.call("/api/v1/session").catch(() => null); }
        if (error.status && error.status < 500 && error.status !== 401) {
          this.queue.shift();
          typing.remove();
          this.append(this.message({ blocks: [{ type: "text", tone: "error", text: `${error.message}${error.remedy}` }] }));
          break;
        }
        this.offline.hidden = false;
        await new Promise((done) => setTimeout(done, delay));
        delay = Math.min(delay * 2, 15000);
      }
    }
    this.busy = false;
    this.send.disabled = false;
    this.settle();
    this.toNewest();
    if (this.channel) this.channel.postMessage("changed");
    if (this.afterFlush) { const done = this.afterFlush; this.afterFlush = null; done(); }
    if (this.queue.length) this.flush();
  }

  /** Show the beginning of the newest answer, not its end: one reads from the top. */
  toNewest() {
    const newest = this.column.lastElementChild;
    if (newest) this.log.scrollTop = Math.max(0, newest.offsetTop - this.log.offsetTop - 72);
  }

  async openSource(id, opener) {
    try {
      const source = await this.call(`/api/v1/sources/${encodeURIComponent(id)}`);
      this.dialog.replaceChildren(sourceSheet(source, this.base, () => this.dialog.close()));
    } catch (error) {
      this.dialog.replaceChildren(h("div", { class: "sheet" }, h("h2", { id: "source-title" }, "这条依据暂时打不开"), h("p", {}, error.remedy || "请稍后再试。"), h("button", { type: "button", onclick: () => this.dialog.close() }, "关上")));
    }
    this.dialog.addEventListener("close", () => opener.focus(), { once: true });
    this.dialog.showModal();
    const mark = this.dialog.querySelector("mark");
    if (mark) mark.scrollIntoView({ block: "center" });
  }
}

customElements.define("anxun-chat", AnxunChat);
})();
