// Shows the signs, times the presses with performance.now from the frame in which a sign was painted, and posts the trials.
(() => {
  const stage = document.getElementById("stage"), sign = document.getElementById("sign"), result = document.getElementById("result");
  const params = new URLSearchParams(location.search), trials = Number(params.get("trials")) || 30, window_ms = 1100;
  const keys = { ArrowUp: "up", ArrowDown: "down", " ": "go", Enter: "go" };
  let answer = null;

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))));

  function press(name) { if (answer) answer(name); }
  document.addEventListener("keydown", (event) => {
    if (stage.hidden || !(event.key in keys)) return;
    event.preventDefault();
    press(keys[event.key]);
  });
  stage.querySelectorAll("[data-press]").forEach((button) => button.addEventListener("pointerdown", (event) => { event.preventDefault(); press(button.dataset.press); }));

  function next(game) {
    if (game === "go") {
      const go = Math.random() < 0.7;
      return { text: go ? "● 可以" : "▲ 带电", place: "", wanted: go ? "go" : "", conflict: false };
    }
    const wanted = Math.random() < 0.5 ? "up" : "down", place = Math.random() < 0.5 ? "up" : "down";
    return { text: wanted === "up" ? "上" : "下", place, wanted, conflict: wanted !== place };
  }

  async function play(game) {
    stage.querySelectorAll("[data-press]").forEach((b) => { b.hidden = (b.dataset.press === "go") !== (game === "go"); });
    stage.hidden = false;
    const run = [];
    for (let n = 0; n < trials; n += 1) {
      sign.textContent = "·"; sign.className = "";
      await pause(500 + Math.random() * 400);
      const trial = next(game);
      sign.textContent = trial.text; sign.className = trial.place;
      sign.dataset.wanted = trial.wanted;
      // A press before the sign is painted counts too: as too quick, not as none.
      const answered = new Promise((done) => { answer = (name) => done({ name, at: performance.now() }); });
      const shown = await painted();
      const { name: pressed, at } = await Promise.race([answered, pause(window_ms).then(() => ({ name: "", at: 0 }))]);
      answer = null;
      run.push({ wanted: trial.wanted, pressed, ms: pressed ? Math.max(0, at - shown) : null, conflict: trial.conflict });
    }
    stage.hidden = true;
    const reply = await fetch("/games/run", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ game, trials: run }) }).catch(() => null);
    if (!reply || !reply.ok) { result.textContent = "这一回没存上，连上网再玩一次。"; return; }
    const found = await reply.json();
    result.textContent = `对了 ${found.accuracy}%，${found.median_ms ? `中间那一下 ${found.median_ms} 毫秒，` : ""}该按没按 ${found.missed} 次，不该按按了 ${found.false} 次。${found.beside}`;
    result.scrollIntoView();
  }

  document.querySelectorAll("[data-game]").forEach((button) => button.addEventListener("click", () => play(button.dataset.game)));
})();
