// Says what just happened. Send from anywhere:
//   document.dispatchEvent(new CustomEvent("clipboard:toast", { detail: {
//     text, kind?: "error", undo?: { url, values?, target?, swap?, label? } } }))
// or from the server by an HX-Trigger header of the same name. Undo is a POST by htmx.
const seconds = 8;
const timers = new WeakMap();

function show({ text, kind, undo }) {
  const toast = document.createElement("div");
  toast.className = kind === "error" ? "toast toast--error" : "toast";
  toast.append(Object.assign(document.createElement("p"), { textContent: text }));
  if (undo) toast.append(undoButton(undo, toast));
  toast.append(closeButton());
  const list = document.getElementById("messages");
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

function undoButton({ url, values = {}, target, swap, label = "Undo" }, toast) {
  const made = button(label);
  made.addEventListener("click", () => {
    toast.remove();
    htmx.ajax("POST", url, { values, target: target ?? "body", swap: target ? swap ?? "outerHTML" : "none" }).catch(() => {});
  });
  return made;
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
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const last = document.querySelector("#messages .toast:last-child");
  if (!last) return;
  event.stopImmediatePropagation();
  last.remove();
});
for (const toast of document.querySelectorAll("#messages .toast")) wait(toast);
