// Hold to look past the cut: [data-peek="before"] or "after" plays the recording's five seconds there, from
// the recording itself, as long as the button or its key is held. Letting go is back where one was.
const SECONDS = 5;
let held = null;

document.addEventListener("pointerdown", (event) => {
  if (event.button === 0) hold(event.target.closest("[data-peek]:enabled"));
});
document.addEventListener("keydown", (event) => {
  if (event.key === " " || event.key === "Enter") hold(event.target.closest("[data-peek]"));
});
document.addEventListener("clipboard:hold", (event) => hold(event.target));
document.addEventListener("contextmenu", (event) => event.target.closest("[data-peek]") && event.preventDefault());
for (const name of ["pointerup", "pointercancel", "keyup"]) document.addEventListener(name, letGo);
addEventListener("blur", letGo);

async function hold(button) {
  if (!button || held) return;
  const player = button.closest("clip-player");
  const look = (held = { button, player, resume: player.wants });
  const range = rangeOf(player.dataset, button.dataset.peek);
  player.pause();
  button.setAttribute("aria-pressed", "true");
  player.label(`${Math.round(range.end - range.start)} s ${button.dataset.peek} the clip`);
  try {
    const place = await player.ask("source");
    if (held === look) await show(look, place, range);
  } catch {
    if (held === look) player.label("The recording does not load.");
  }
}

function rangeOf({ peekStart, peekEnd, peekLength }, side) {
  if (side === "before") return { start: Math.max(0, peekStart - SECONDS), end: Number(peekStart) };
  return { start: Number(peekEnd), end: Math.min(Number(peekEnd) + SECONDS, Number(peekLength)) };
}

async function show(look, place, { start, end }) {
  const { player } = look;
  look.view = player.make(place, start - place.start, "is-peek");
  player.applySound(look.view);
  look.view.video.addEventListener("timeupdate", ({ target }) => target.currentTime >= end && target.pause());
  await look.view.video.play();
}

function letGo() {
  if (!held) return;
  const { button, player, view, resume } = held;
  held = null;
  button.setAttribute("aria-pressed", "false");
  player.label("");
  view?.release();
  if (resume && player.isConnected) player.play();
}
