// Says what just happened. Send from anywhere:
//   document.dispatchEvent(new CustomEvent("clipboard:toast", { detail: {
//     text, kind?: "error", undo?: { url, values?, target?, swap?, label? } } }))
// or from the server by an HX-Trigger header of the same name. Undo is a POST by htmx.
const seconds = 8;
const timers = new WeakMap();

function show({ text, kind, undo }) {
  const list = document.getElementById("messages");
  if (kind === "error" && [...list.querySelectorAll(".toast--error > p")].some((said) => said.textContent === text)) return;
  const toast = document.createElement("div");
  toast.className = kind === "error" ? "toast toast--error" : "toast";
  toast.append(Object.assign(document.createElement("p"), { textContent: text }));
  if (undo) toast.append(undoButton(undo, toast));
  toast.append(closeButton());
  for (const old of [...list.children].slice(0, -2)) old.remove();
  list.append(toast);
  wait(toast);
}

function button(words, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = words;
  if (label) made.setAttribute("aria-label", label);
  return made;
}

function closeButton() {
  const made = button("×", "Close this message");
  made.dataset.toastClose = "";
  return made;
}

// The message stays until its undoing has arrived: where that fails, it can be tried again. What has
// left the page since, or plays, is not swapped; other behaviours hear of it by the answer's events.
function undoButton({ url, values = {}, target, swap = "outerHTML", label = "Undo" }, toast) {
  const made = button(label);
  let isSent = false;
  made.addEventListener("click", () => {
    if (isSent) return;
    isSent = true;
    const place = target && document.querySelector(`${target}:not(.is-playing)`);
    const how = place ? { target: place, swap } : { target: toast, swap: "none" };
    htmx.ajax("POST", url, { source: made, values, ...how }).then(() => leave(toast, target), () => { isSent = false; });
  });
  return made;
}

function leave(toast, target) {
  if (target && toast.contains(document.activeElement)) document.querySelector(`button${target}, ${target} a`)?.focus();
  toast.remove();
}

// What failed stays until it is read; the rest goes by itself, unless someone is at it.
function wait(toast) {
  clearTimeout(timers.get(toast));
  if (toast.classList.contains("toast--error")) return;
  timers.set(toast, setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) wait(toast);
    else toast.remove();
  }, seconds * 1000));
}

document.addEventListener("clipboard:toast", (event) => show(event.detail));
document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest(".toast").remove());
// What goes by itself takes no Esc from what was opened.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const last = document.querySelector("#messages .toast:last-child");
  if (!last || (!last.matches(".toast--error, :focus-within") && document.querySelector("#clip-panel:not([hidden]), .is-playing"))) return;
  event.stopImmediatePropagation();
  last.remove();
});
for (const toast of document.querySelectorAll("#messages .toast")) wait(toast);
