// Counts down by the clock, not by ticks, so that a phone that slept is right again; and tells how long a draft takes to say.
(() => {
  const box = document.getElementById("timer"), clock = document.getElementById("clock"), go = document.getElementById("go");
  const draft = document.getElementById("draft"), length = document.getElementById("length");
  const whole = Number(box.dataset.minutes) * 60, pace = Number(box.dataset.pace);
  let began = 0, spent = 0, ticking = 0;

  const told = (s) => `${s < 0 ? "超 " : ""}${Math.floor(Math.abs(s) / 60)}:${String(Math.abs(s) % 60).padStart(2, "0")}`;
  const now = () => spent + (began ? (Date.now() - began) / 1000 : 0);
  const chars = () => draft.value.replace(/[^\p{L}\p{N}]/gu, "").length;

  function show() {
    const left = Math.ceil(whole - now());
    clock.textContent = told(left);
    clock.className = left < 0 ? "over" : left <= 30 ? "soon" : "";
  }
  function stop() { spent = now(); began = 0; clearInterval(ticking); go.textContent = "接着讲"; }

  go.addEventListener("click", () => {
    if (!began) { began = Date.now(); ticking = setInterval(show, 200); go.textContent = "停"; return; }
    stop(); show();
    if (chars() && spent >= 20) length.textContent = `这一回讲了 ${Math.round(spent)} 秒；整篇 ${chars()} 字讲完的话，一分钟约 ${Math.round(60 * chars() / spent)} 字。`;
  });
  document.getElementById("again").addEventListener("click", () => { stop(); spent = 0; go.textContent = "开始"; show(); });
  draft.addEventListener("input", () => {
    const seconds = Math.round(60 * chars() / pace);
    length.textContent = chars() ? `${chars()} 字，不慌不忙地讲，大约 ${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒。` : "";
  });
})();
