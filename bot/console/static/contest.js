/* What every page of a contest does: stays connected, keeps the server's time, draws text (never markup). Old browsers too. */
(function () {
  "use strict";
  var place = document.getElementById("contest");
  var id = place.getAttribute("data-contest"), role = place.getAttribute("data-role");
  var seen = -1, offset = 0, drawing = null, source = null, quiet = null, last = null;

  function get(name) { return document.getElementById(name); }
  function text(name, words) { var one = get(name); if (one && one.textContent !== words) one.textContent = words; }
  function show(name, on) { var one = get(name); if (one) one.hidden = !on; }
  function make(tag, words, kind) {
    var one = document.createElement(tag);
    if (words !== undefined && words !== null) one.textContent = words;
    if (kind) one.className = kind;
    return one;
  }
  function clear(one) { while (one.firstChild) one.removeChild(one.firstChild); return one; }

  /* -- the wire: a stream that takes itself up again, or asking again and again where nothing comes through it */
  function took(raw) {
    var message;
    try { message = JSON.parse(raw); } catch (error) { return; }
    if (!message.view || message.seq < seen) return;
    if (message.now) offset = message.now - Date.now();
    seen = message.seq; last = message;
    if (drawing) drawing(message);
    tick();
  }
  function listen() {
    if (!window.EventSource) { poll(); return; }
    source = new EventSource("/contest/live/" + id + "/" + role + "?after=" + seen);
    source.onmessage = function (event) { heard(); took(event.data); };
    source.onopen = heard;
    source.onerror = function () {
      offline(true);
      if (source.readyState === 2) { source.close(); window.setTimeout(listen, 1500); }
    };
    quiet = window.setTimeout(function () { if (seen < 0) { source.close(); poll(); } }, 6000);
  }
  function heard() { if (quiet) { window.clearTimeout(quiet); quiet = null; } offline(false); }
  function poll() {
    var ask = new XMLHttpRequest();
    ask.open("GET", "/contest/poll/" + id + "/" + role + "?after=" + seen);
    ask.onload = function () { if (ask.status === 200) { offline(false); took(ask.responseText); poll(); } else window.setTimeout(poll, 3000); };
    ask.onerror = function () { offline(true); window.setTimeout(poll, 2000); };
    ask.send();
  }
  function offline(is) {
    if (is) text("status", "断线了，正在重连。分数和题都在，连上就接着来。");
    else if (last && drawing && get("status").textContent.indexOf("断线了") === 0) drawing(last);
  }

  /* -- what a person does: sent again by itself until it is written; the server counts it once */
  function act(body, done, tries) {
    var post = new XMLHttpRequest();
    function again() {
      if ((tries || 0) < 4) window.setTimeout(function () { act(body, done, (tries || 0) + 1); }, 400 * ((tries || 0) + 1));
      else done({ ok: false, words: "没发出去，看看网络，再按一次。", code: "offline" });
    }
    post.open("POST", "/contest/act/" + id);
    post.setRequestHeader("Content-Type", "application/json");
    post.onload = function () {
      var told;
      try { told = JSON.parse(post.responseText); } catch (error) { again(); return; }
      if (post.status === 503) { again(); return; }
      if (told.error) told = { ok: false, words: told.error + told.remedy, code: "refused" };
      done(told);
    };
    post.onerror = again;
    post.send(JSON.stringify(body));
  }

  /* -- the clock is the server's; this machine's own may be wrong by years */
  function left(view) {
    if (view.paused) return view.left;
    if (!view.deadline) return null;
    return Math.max(0, (view.deadline - (Date.now() + offset)) / 1000);
  }
  var whole = 0, deadline = 0;
  function tick() {
    if (!last) return;
    var seconds = left(last.view), bar = get("clock-bar"), running = seconds !== null && seconds !== undefined;
    if (last.view.deadline && last.view.deadline !== deadline) { deadline = last.view.deadline; whole = Math.max(seconds, last.view.paused ? whole : seconds); }
    show("clock", running);
    text("clock-left", running ? Math.ceil(seconds) + " 秒" : "");
    if (!running) return;
    if (bar) bar.style.width = (whole ? Math.min(100, 100 * seconds / whole) : 0) + "%";
    var hurry = seconds <= 5, parent = bar && bar.parentNode;
    if (parent) parent.className = parent.className.replace(" hurry", "") + (hurry ? " hurry" : "");
  }
  window.setInterval(tick, 200);

  function ranking(where, view, mine, bars) {
    var list = clear(get(where)), most = 1, i;
    for (i = 0; i < view.ranking.length; i++) most = Math.max(most, view.ranking[i].score);
    for (i = 0; i < view.ranking.length; i++) {
      var one = view.ranking[i], row = make("li", null, mine && one.name === mine ? "mine-row" : "");
      row.appendChild(make("span", one.rank, "rank"));
      var name = make("span", one.name);
      if (view.teams.length) name.appendChild(make("span", " " + one.people + " 人", "of"));
      row.appendChild(name);
      row.appendChild(make("span", one.score, "num"));
      if (bars) {
        var bar = make("span", null, "bar"), fill = make("span");
        fill.style.width = Math.max(0, 100 * one.score / most) + "%";
        bar.appendChild(fill); row.appendChild(bar);
      }
      list.appendChild(row);
    }
    text("people", view.teams.length ? view.contestants + " 队，" + view.people + " 人参加" : "共 " + view.contestants + " 人" + (view.contestants > view.ranking.length ? "，这里是前 " + view.ranking.length : ""));
  }
  function news(name, items, most) {
    var list = get(name);
    for (var i = 0; i < items.length; i++) {
      if (list.querySelector('[data-seq="' + items[i][0] + '"]')) continue;
      var line = make("li", items[i][1]);
      line.setAttribute("data-seq", items[i][0]);
      list.insertBefore(line, list.firstChild);
    }
    while (list.children.length > most) list.removeChild(list.lastChild);
  }
  function roundWords(view) {
    if (!view.round) return "";
    var words = "第 " + view.round.number + " 轮 " + view.round.name + (view.round.title === view.round.name ? "" : " · " + view.round.title);
    return view.question ? words + " · 第 " + view.question.number + " / " + view.question.of + " 题" : words;
  }

  window.contest = {
    get: get, text: text, show: show, make: make, clear: clear, act: act, ranking: ranking, news: news, roundWords: roundWords,
    letters: "ABCDEF", last: function () { return last; },
    start: function (draw) { drawing = draw; listen(); }
  };
})();
