// What hovered clips and the side panel need is fetched at the first sign that somebody turns to a
// clip; where it does not come, at the next.
const SIGNS = ["pointerover", "touchstart", "focusin", "keydown"];

function bring(event) {
  const panel = document.querySelector("[data-later-script]");
  if (!panel || !event.target.closest?.("#clip-grid, #clip-panel")) return;
  for (const sign of SIGNS) document.removeEventListener(sign, bring);
  const styles = Object.assign(document.createElement("link"), { rel: "stylesheet", href: panel.dataset.laterStyles });
  document.head.append(styles);
  import(panel.dataset.laterScript).catch(() => {
    styles.remove();
    listen();
  });
}

function listen() {
  for (const sign of SIGNS) document.addEventListener(sign, bring, { passive: true });
}

listen();
