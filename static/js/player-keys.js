// Keys of a clip's page or panel. The map is the markup: data-keys on the button that a key presses
// ("hold" ones are pressed as long as the key is). Only while the clip has the focus, or when nothing
// else on the page could mean it; never while someone types.
const NAMES = { " ": "Space", ArrowLeft: "←", ArrowRight: "→" };
const TYPING = 'input:not([type="range"], [type="checkbox"]), textarea, select, [contenteditable], dialog';

function clipFor(target) {
  const near = target.closest("[data-clip]");
  const panel = document.getElementById("clip-panel");
  if (near || panel) return near ?? (panel.contains(target) ? panel.querySelector("[data-clip]") : null);
  return target === document.body || target.id === "main" ? document.querySelector("[data-clip]") : null;
}

function nameOf(event) {
  // By place on the keyboard: on many layouts brackets need a second key.
  if (event.code === "BracketLeft") return "[";
  if (event.code === "BracketRight") return "]";
  return NAMES[event.key] ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

function meansItself(event, name) {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest(TYPING)) return true;
  if (document.documentElement.dataset.keys === "off") return true;
  if (name === "Space" || name === "Enter") return Boolean(target.closest("a, button, summary, input"));
  return (name === "←" || name === "→") && target.matches("[data-volume]");
}

document.addEventListener("keydown", (event) => {
  const name = nameOf(event);
  const clip = clipFor(event.target);
  if (!clip || meansItself(event, name)) return;
  const pressed = [...clip.querySelectorAll("[data-keys]")].find((each) => each.dataset.keys.split(" ").includes(name));
  if (!pressed || pressed.disabled) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (pressed.dataset.peek) pressed.dispatchEvent(new CustomEvent("clipboard:hold", { bubbles: true }));
  else if (!event.repeat || pressed.dataset.by) (clip.querySelector(pressed.dataset.presses ?? null) ?? pressed).click();
}, { capture: true });
