/* The big screen: the question, the clock, who has the floor, who leads. It shows the answer when the host does. */
(function () {
  "use strict";
  var c = window.contest;

  function status(view) {
    if (view.paused) return view.cause === "restart" ? "断了一下，已暂停，这一题的时间会重新给足" : "暂停";
    if (view.phase === "lobby") return "请加入，已到 " + view.present + " 人";
    if (view.phase === "round") return view.round.title + "：" + view.round.worth;
    if (view.phase === "staking") return view.turn ? view.turn + "选分：10、20 还是 30" : "请各位选分，已选 " + view.staked + " 人";
    if (view.phase === "reading") return "听题，先别按";
    if (view.phase === "open") return "开始抢答";
    if (view.phase === "answering") return (view.player ? view.player + " 抢到了，请答" : view.turn + "请答") + (view.stake ? "（" + view.stake + " 分）" : "");
    if (view.phase === "collecting") return "请作答，" + view.answered + " / " + view.present + " 人答了";
    if (view.phase === "shown") return view.shown && view.shown.void ? "这一题作废，不算分" : "公布答案";
    if (view.phase === "finish") return view.level.length > 1 ? view.level.join("、") + " 并列第一" : "主持人在核对";
    return view.ranking.length ? "第一名：" + view.ranking.filter(function (one) { return one.rank === 1; }).map(function (one) { return one.name; }).join("、") : "结束";
  }
  function draw(message) {
    var view = message.view, asked = view.question;
    c.text("status", status(view));
    c.text("round", c.roundWords(view));
    c.show("lobby", view.phase === "lobby");
    c.text("stem", asked ? asked.stem : "");
    document.body.className = document.body.className.replace(" done", "") + (view.shown ? " done" : "");
    var list = c.clear(c.get("options"));
    if (asked && asked.kind !== "judgement") asked.options.forEach(function (words, n) {
      var right = !!view.shown && view.shown.options.indexOf(n) >= 0, one = c.make("li", null, right ? "right" : view.shown ? "wrong" : "");
      one.appendChild(c.make("b", c.letters[n]));
      one.appendChild(c.make("span", words + (right ? "（对）" : "")));
      list.appendChild(one);
    });
    c.show("shown", !!view.shown);
    if (view.shown) {
      var marked = view.shown.options.length ? "" : view.shown.answer;
      c.text("answer", marked + (view.shown.answered ? (marked ? "　" : "") + view.shown.answered + " 人答了，" + view.shown.right + " 人对" : ""));
      c.text("explanation", view.shown.explanation);
    }
    c.ranking("ranking", view, "", true);
    if (message.news.length) c.text("ticker", message.news.slice(-3).map(function (one) { return one[1]; }).join("　"));
  }
  /* nobody scrolls a wall: what is long is written smaller, down to half */
  function fit() {
    var root = document.documentElement, size = 1;
    root.style.setProperty("--fit", size);
    if (window.innerWidth < 1000) return;
    while (root.scrollHeight > window.innerHeight && size > 0.5) { size -= 0.05; root.style.setProperty("--fit", size); }
  }
  window.addEventListener("resize", fit);
  c.start(function (message) { draw(message); fit(); });
})();
