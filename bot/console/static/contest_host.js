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

  function rulings(host) {
    var now = JSON.stringify(host.rulings.slice(0, 40));
    if (now === rulingsDrawn || c.get("rulings").contains(document.activeElement)) return;
    rulingsDrawn = now;
    var list = c.clear(c.get("rulings"));
    if (!host.rulings.length) list.appendChild(c.make("li", "还没有判定。", "small"));
    host.rulings.slice(0, 40).forEach(function (one) { list.appendChild(ruling(one)); });
  }
  function ruling(one) {
    var row = c.make("li", null, "ruling card" + (one.void ? " void" : "")), line = c.make("p", null, "row");
    var verdict = one.foul ? (one.right ? "犯规撤销" : "抢早犯规") : one.right ? "对" : "错";
    line.appendChild(c.make("b", one.name));
    if (one.player && one.player !== one.name) line.appendChild(c.make("span", one.player));
    line.appendChild(c.make("span", verdict + "，" + (one.points > 0 ? "+" : "") + one.points + " 分", "points"));
    if (one.corrected) line.appendChild(c.make("span", "更正过", "pill caution"));
    row.appendChild(line);
    row.appendChild(c.make("p", one.stem, "small"));
    if (!one.void && c.last().view.phase !== "ended") row.appendChild(correcting(one));
    return row;
  }
  function correcting(one) {
    var more = c.make("details"), form = c.make("form"), label = c.make("label", "为什么改"), why = c.make("input"), send = c.make("button", one.foul ? (one.right ? "恢复犯规" : "撤销犯规") : one.right ? "改判为错" : "改判为对");
    why.id = "why-" + one.seq + "-" + one.contestant; label.htmlFor = why.id; why.required = true; why.maxLength = 100;
    more.appendChild(c.make("summary", "更正"));
    form.appendChild(label); form.appendChild(why); form.appendChild(send); more.appendChild(form);
    form.onsubmit = function (event) {
      event.preventDefault();
      c.act({ do: "correct", host: true, ruling: one.seq, contestant: one.contestant, right: !one.right, why: why.value }, function (told) { if (document.activeElement) document.activeElement.blur(); say(told); rulings(c.last().host); });
    };
    return more;
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
