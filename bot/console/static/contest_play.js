/* A player's phone: says in words what can be done now, and has one thing to press. */
(function () {
  "use strict";
  var c = window.contest, drawn = "", chosen = [];

  function say(told) {
    c.text("told", told.words || "");
    c.get("told").className = "told" + (told.ok ? " good" : "");
    if (told.me && c.last()) { c.last().me = told.me; draw(c.last()); }
  }
  function key() { var view = c.last() && c.last().view; return view && view.question ? view.question.key : ""; }
  function answer(given) { c.act({ do: "answer", given: given, question: key() }, say); }
  function press() {
    var me = c.last() && c.last().me;
    if (me && (me.can === "buzz" || me.can === "late")) c.act({ do: "buzz", question: key() }, say);
  }

  function status(view, me) {
    if (!me.joined) return "您不在场上。用号码再加入一次。";
    if (view.paused) return view.cause === "restart" ? "刚才断了一下，已暂停，等主持人点继续。" : "暂停，等主持人。";
    if (view.phase === "lobby") return "进来了，等主持人开始。现在 " + view.present + " 人。";
    if (view.phase === "round") return "马上开始：" + view.round.title + "。" + view.round.worth + "。";
    if (view.phase === "staking") return me.can === "stake" ? "选一个风险分，答对加、答错扣。" : me.stake ? "选了 " + me.stake + " 分，等出题。" : (view.turn ? view.turn + "在选分。" : "等出题。");
    if (view.phase === "reading") return me.out ? "这一题不能再抢了。" : "听题，先别按。说“开始抢答”再按。";
    if (view.phase === "open") return me.out ? "这一题您已经没有机会了。" : me.can === "buzz" ? "开始抢答，现在按。" : "请看着。";
    if (view.phase === "answering") {
      if (me.can === "answer") return "轮到您答。";
      if (me.can === "speak") return "您抢到了，请开口答。";
      return (view.player || view.turn) + "在答。";
    }
    if (view.phase === "collecting") return me.given ? "收到了，等大家答完（" + view.answered + " / " + view.present + "）。" : "请作答。";
    if (view.phase === "shown") return result(view, me);
    if (view.phase === "finish") return "题都问完了，主持人在核对。";
    return "结束了。您 " + me.score + " 分，第 " + me.rank + " 名。";
  }
  function result(view, me) {
    if (view.shown && view.shown.void) return "这一题作废，不算分。";
    if (!me.result) return "公布答案。";
    var points = me.result.points ? "，" + (me.result.points > 0 ? "+" : "") + me.result.points + " 分" : "";
    if (!me.result.answered && !me.result.right) return "这一题您没有答" + points + "。";
    return (me.result.right ? "您答对了" : "没答对") + points + "。";
  }

  function draw(message) {
    var view = message.view, me = message.me, asked = view.question;
    c.text("status", status(view, me));
    c.text("round", c.roundWords(view));
    c.text("my-score", me.score || 0);
    c.text("my-rank", me.rank ? "第 " + me.rank + " 名" : "");
    c.show("question", !!asked);
    if (asked) c.text("stem", asked.stem);
    var buzzing = me.can === "buzz" || me.can === "late";
    c.show("buzz-place", buzzing);
    if (buzzing) {
      var button = c.get("buzz");
      button.className = "buzz " + (view.phase === "open" ? "open" : "wait");
      button.setAttribute("aria-label", view.phase === "open" ? "抢答" : "抢答，主持人还没说开始，先别按");
    }
    answers(view, me);
    shown(view);
    c.ranking("ranking", view, me.team || me.name);
    c.news("news", message.news, 30);
    c.show("result", view.phase === "ended");
    c.show("leave", view.phase !== "ended");
  }
  function shown(view) {
    var box = c.get("shown");
    box.hidden = !view.shown;
    if (!view.shown) return;
    c.clear(box);
    box.appendChild(c.make("p", "答案：" + view.shown.answer, "answer"));
    box.appendChild(c.make("p", view.shown.explanation));
    if (view.shown.answered) box.appendChild(c.make("p", view.shown.answered + " 人答了，" + view.shown.right + " 人对。", "small"));
  }

  /* drawn again only when the question or what one can do changes: nothing moves under a finger */
  function answers(view, me) {
    var now = [me.can, view.question && view.question.key, view.phase === "staking" ? (me.offers || []).join() : ""].join("|");
    if (now === drawn) return;
    drawn = now; chosen = [];
    if (me.can !== "wait") c.text("told", "");
    var box = c.clear(c.get("answers"));
    if (me.can === "stake") stakes(box, me.offers);
    else if (view.question && (me.can === "answer")) options(box, view.question);
    else if (view.question && view.question.options.length && (me.can === "buzz" || me.can === "late")) listed(box, view.question);
  }
  function stakes(box, offers) {
    var row = c.make("div", null, "stakes");
    offers.forEach(function (points) {
      var one = c.make("button", points); one.type = "button";
      one.setAttribute("aria-label", "选 " + points + " 分");
      one.onclick = function () { c.act({ do: "stake", stake: points }, say); };
      row.appendChild(one);
    });
    box.appendChild(row);
  }
  function listed(box, question) {
    question.options.forEach(function (words, n) { box.appendChild(c.make("p", c.letters[n] + ". " + words, "small")); });
  }
  function options(box, question) {
    if (question.kind === "fill") { fill(box, question); return; }
    var several = question.kind === "multiple" || question.kind === "order", buttons = [], send;
    question.options.forEach(function (words, n) {
      var one = c.make("button"); one.type = "button";
      one.appendChild(c.make("span", c.letters[n], "letter"));
      one.appendChild(c.make("span", words));
      one.onclick = function () { if (several) pick(n); else answer(question.kind === "judgement" ? words : c.letters[n]); };
      buttons.push(one); box.appendChild(one);
    });
    if (!several) return;
    send = c.make("button", question.kind === "order" ? "按先后点，点完交" : "选好了，交", "main send"); send.type = "button"; send.disabled = true;
    send.onclick = function () { answer(chosen.map(function (n) { return c.letters[n]; }).join("")); };
    box.appendChild(send);
    function pick(n) {
      var at = chosen.indexOf(n);
      if (at >= 0) chosen.splice(at, 1); else chosen.push(n);
      buttons.forEach(function (one, k) {
        var order = chosen.indexOf(k);
        one.setAttribute("aria-pressed", order >= 0 ? "true" : "false");
        one.firstChild.textContent = c.letters[k] + (question.kind === "order" && order >= 0 ? "·" + (order + 1) : "");
      });
      send.disabled = question.kind === "order" ? chosen.length !== question.options.length : !chosen.length;
    }
  }
  function fill(box, question) {
    var form = c.make("form"), label = c.make("label", "您的答案" + (question.unit ? "（" + question.unit + "）" : "")), input = c.make("input"), send = c.make("button", "交", "main send");
    input.id = "fill"; input.maxLength = 60; input.autocomplete = "off"; label.htmlFor = "fill";
    form.appendChild(label); form.appendChild(input); form.appendChild(send);
    form.onsubmit = function (event) { event.preventDefault(); if (input.value.trim()) answer(input.value); };
    box.appendChild(form);
  }

  c.get("buzz").addEventListener("click", press);
  c.get("leave").addEventListener("click", function () {
    if (window.confirm("离场以后分还在，用号码能再回来。离场吗？")) c.act({ do: "leave" }, say);
  });
  document.addEventListener("keydown", function (event) {
    var tag = event.target.tagName;
    if ((event.key === " " || event.key === "Enter") && !event.repeat && tag !== "INPUT" && tag !== "BUTTON" && tag !== "SUMMARY" && tag !== "A") {
      event.preventDefault(); press();
    }
  });
  c.start(draw);
})();
