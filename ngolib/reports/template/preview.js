// Added to a page by `ngolib preview`: asks whether the page is still what stands there.
(() => {
  let stamp = document.currentScript.dataset.stamp, wrong = "";
  const key = "preview " + location.pathname;
  const folds = () => [...document.querySelectorAll("details")];
  const bar = document.createElement("pre");
  bar.setAttribute("role", "alert");
  bar.hidden = true;
  bar.style.cssText = "position:fixed;inset:auto 0 0 0;margin:0;padding:.7em 1em;max-height:40vh;overflow:auto;" +
    "background:#8b1a1a;color:#fff;font:14px/1.4 monospace;white-space:pre-wrap;z-index:9";
  document.body.append(bar);
  const kept = JSON.parse(sessionStorage.getItem(key) || "null");
  if (kept) {
    folds().forEach((fold, n) => { fold.open = kept.open[n] ?? fold.open; });
    scrollTo({ top: kept.top, left: kept.left, behavior: "instant" });
    sessionStorage.removeItem(key);
  }
  const again = () => {
    const place = { top: scrollY, left: scrollX, open: folds().map(fold => fold.open) };
    sessionStorage.setItem(key, JSON.stringify(place));
    location.reload();
  };
  // A browser has few lines to one address: a tab that nobody sees leaves them to others.
  const seen = () => new Promise(done =>
    document.hidden ? addEventListener("visibilitychange", done, { once: true }) : done());
  const ask = async () => {
    await seen();
    const asked = new URLSearchParams({ page: location.pathname, stamp, wrong });
    try {
      const news = await (await fetch("/.preview?" + asked)).json();
      wrong = news.wrong;
      bar.hidden = !wrong;
      bar.textContent = wrong && wrong + "\n(This page shows the last good run.)";
      if (news.stamp && news.stamp !== stamp) return again();
    } catch {
      await new Promise(done => setTimeout(done, 1000));
    }
    ask();
  };
  ask();
})();
