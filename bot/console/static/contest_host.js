/* The host's desk: one next thing to do, and everything that can be put right. */
(function () {
  "use strict";
  var c = window.contest, movesDrawn = "", rulingsDrawn = "", playersDrawn = "";
  var names = {
    lobby: "等大家加入", round: "这一轮准备好了", staking: "正在选分", reading: "念题，念完点“开始抢答”", open: "等人抢", answering: "正在答",
    collecting: "大家在答", shown: "答案公布了", finish: "题都问完了，核对判定", ended: "已经结束"
  };

  function say(told) { c.text("told", told.words || ""); c.get("told").className = "told" + (told.ok ? " good" : ""); }
  function go(what, more) {
    var body = { do: what, host: true, step: c.last().view.step }, name;
    for (name in more || {}) if (Object.prototype.hasOwnProperty.call(more, name)) body[name] = more[name];
    c.act(body, say);
  }
  function button(words, what, more, kind, sure) {
    var one = c.make("button", words, kind || ""); one.type = "button";
    one.onclick = function () { if (!sure || window.confirm(sure)) go(what, more); };
    return one;
  }

  function moves(view, host) {
    var now = [view.phase, view.paused, view.step, view.level.length, (host.offers || []).join(), host.overtime].join("|");
    if (now === movesDrawn) return;
    movesDrawn = now;
    var main = c.clear(c.get("moves")), side = c.clear(c.get("others"));
    if (view.phase === "ended") return;
    if (view.paused) main.appendChild(button("继续", "resume", {}, "main"));
    else mainMoves(main, view, host);
    if (!view.paused && view.phase !== "lobby") side.appendChild(button("暂停", "pause"));
    if (view.phase === "shown" && view.question) side.appendChild(voiding(view));
    if (view.phase !== "finish") side.appendChild(button("提前结束", "end", {}, "", "现在就结束，按现在的分排名次？"));
  }
  function mainMoves(main, view, host) {
    if (view.phase === "lobby") main.appendChild(button("开始", "begin", {}, "main"));
    if (view.phase === "round") main.appendChild(button("出题", "next", {}, "main"));
    if (view.phase === "shown") main.appendChild(button(view.question && view.question.number >= view.question.of ? "往下走" : "下一题", "next", {}, "main"));
    if (view.phase === "reading") { main.appendChild(button("开始抢答", "open", {}, "main")); main.appendChild(button("这题不要了", "close")); }
    if (view.phase === "open") main.appendChild(button("没人抢，公布答案", "close"));
    if (view.phase === "answering") { main.appendChild(button("答对了", "rule", { right: true }, "main")); main.appendChild(button("答错了", "rule", { right: false })); }
    if (view.phase === "collecting") main.appendChild(button("收题，公布答案", "close", {}, "main"));
    if (view.phase === "staking") {
      (host.offers || []).forEach(function (points) { main.appendChild(button("选 " + points, "stake", { stake: points })); });
      main.appendChild(button(view.turn ? "不选了，按最少的出题" : "选完了，出题", "close"));
    }
    if (view.phase === "finish") {
      if (view.level.length > 1 && host.overtime) main.appendChild(button("加时", "overtime", {}, "main"));
      main.appendChild(button("结束，公布成绩", "end", {}, view.level.length > 1 && host.overtime ? "" : "main"));
    }
  }
  function voiding(view) {
    var one = c.make("button", "这题作废"); one.type = "button";
    one.onclick = function () { var why = window.prompt("为什么作废？大家看得到。"); if (why) go("void", { question: view.question.key, why: why }); };
    return one;
  }

  /* the last few at hand, the earlier ones folded away; not redrawn while somebody writes a reason */
  function rulings(host) {
    var now = JSON.stringify(host.rulings.slice(0, 60)), list = c.get("rulings");
    if (now === rulingsDrawn || list.contains(document.activeElement)) return;
    rulingsDrawn = now;
    c.clear(list);
    if (!host.rulings.length) list.appendChild(c.make("li", "还没有判定。", "small"));
    host.rulings.slice(0, 6).forEach(function (one) { list.appendChild(ruling(one)); });
    if (host.rulings.length <= 6) return;
    var rest = c.make("li"), more = c.make("details"), inner = c.make("ul", null, "plain");
    more.appendChild(c.make("summary", "更早的 " + (host.rulings.length - 6) + " 条"));
    host.rulings.slice(6).forEach(function (one) { inner.appendChild(ruling(one)); });
    more.appendChild(inner); rest.appendChild(more); list.appendChild(rest);
  }
  function ruling(one) {
    var row = c.make("li", null, "ruling" + (one.void ? " void" : "")), more = c.make("details"), line = c.make("summary");
    var verdict = one.foul ? (one.right ? "犯规撤销" : "抢早犯规") : one.whole ? "全队共答" : one.right ? "对" : "错";
    line.appendChild(c.make("b", one.name + (one.player && one.player !== one.name ? " " + one.player : "")));
    line.appendChild(c.make("span", verdict + " " + (one.points > 0 ? "+" : "") + one.points + " 分", "points"));
    if (one.corrected) line.appendChild(c.make("span", "更正过", "pill caution"));
    if (one.void) line.appendChild(c.make("span", "作废", "pill caution"));
    line.appendChild(c.make("span", one.stem, "small"));
    more.appendChild(line);
    if (!one.void && c.last().view.phase !== "ended") more.appendChild(correcting(one));
    row.appendChild(more);
    return row;
  }
  function correcting(one) {
    var form = c.make("form"), label = c.make("label", "为什么改，大家看得到"), why = c.make("input"), line = c.make("p", null, "row");
    why.id = "why-" + one.seq + "-" + one.contestant; label.htmlFor = why.id; why.required = true; why.maxLength = 100;
    form.appendChild(label); form.appendChild(why); form.appendChild(line);
    function choice(words, right) {
      var send = c.make("button", words); send.type = "button";
      send.onclick = function () {
        if (!why.value.trim()) { why.focus(); c.text("told", "先写一句为什么改。"); return; }
        c.act({ do: "correct", host: true, ruling: one.seq, contestant: one.contestant, right: right, why: why.value }, function (told) {
          if (document.activeElement) document.activeElement.blur();
          say(told); rulings(c.last().host);
        });
      };
      line.appendChild(send);
    }
    if (one.foul) choice(one.right ? "恢复犯规" : "撤销犯规", !one.right);
    else { if (!one.right) choice("改判为对", true); if (one.right || one.whole) choice("改判为错", false); }
    form.onsubmit = function (event) { event.preventDefault(); };
    return form;
  }
  function players(host) {
    var now = JSON.stringify(host.players);
    if (now === playersDrawn) return;
    playersDrawn = now;
    var list = c.clear(c.get("players"));
    host.players.forEach(function (one) {
      var row = c.make("li", null, "row");
      row.appendChild(c.make("span", one.name + (one.team ? " · " + one.team : "") + (one.barred ? "（请离了）" : one.present ? "" : "（离场）")));
      if (one.present) row.appendChild(button("请离", "remove", { player: one.id }, "", "请" + one.name + "离场？"));
      list.appendChild(row);
    });
  }

  function draw(message) {
    var view = message.view, host = message.host, asked = view.question;
    var who = view.phase === "answering" ? (view.player || view.turn) + (view.stake ? "，" + view.stake + " 分" : "") : view.turn && view.phase === "staking" ? view.turn : "";
    var count = view.phase === "lobby" ? "，已到 " + view.present + " 人" : view.phase === "collecting" ? "，" + view.answered + " / " + view.present : view.phase === "staking" && !view.turn ? "，" + view.staked + " / " + view.present : "";
    c.text("status", (view.paused ? (view.cause === "restart" ? "断了一下，自动暂停了：" : "暂停：") : "") + names[view.phase] + (who ? "：" + who : "") + count);
    c.text("round", c.roundWords(view));
    c.show("question", !!asked);
    if (asked) {
      c.text("stem", asked.stem);
      c.text("answer", "答案：" + host.answer);
      c.text("explanation", host.explanation);
      var list = c.clear(c.get("options"));
      if (asked.kind !== "spoken") asked.options.forEach(function (words, n) { list.appendChild(c.make("li", c.letters[n] + ". " + words)); });
    }
    c.text("presses", view.presses.length ? "按下的先后：" + view.presses.map(function (one) { return one[0] + (one[1] ? " +" + one[1] + " 毫秒" : ""); }).join("，") : "");
    c.ranking("ranking", view, "");
    c.news("news", message.news, 60);
    moves(view, host); rulings(host); players(host);
  }
  c.start(draw);
})();
