// "?" lists the keys of this page, read from its markup: any element may say
//   data-keys="j k" data-keys-label="Next and previous clip"  (data-keys-group="Player")
// Whoever listens for single keys must stay silent while
//   document.documentElement.dataset.keys === "off"  (people who dictate switch them off here).
const dialog = document.getElementById("keys-help");
const root = document.documentElement;

function listed() {
  const groups = new Map();
  for (const { dataset } of document.querySelectorAll("[data-keys][data-keys-label]")) {
    const group = dataset.keysGroup ?? "";
    const rows = groups.get(group) ?? new Map();
    groups.set(group, rows.set(dataset.keysLabel, dataset.keys.split(" ")));
  }
  return groups;
}

function make(tag, ...children) {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}

function fill(list) {
  list.replaceChildren();
  for (const [group, rows] of [...listed()].sort(([a], [b]) => a.localeCompare(b))) {
    if (group) list.append(make("h3", group));
    for (const [label, keys] of rows) {
      const caps = keys.flatMap((key) => [make("kbd", key), " "]);
      list.append(make("p", make("span", label), make("span", ...caps)));
    }
  }
}

function open() {
  fill(dialog.querySelector("[data-keys-list]"));
  dialog.querySelector("[data-keys-switch]").checked = root.dataset.keys !== "off";
  if (!dialog.open) dialog.showModal();
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");
}

if (dialog) {
  root.dataset.keys = localStorage.getItem("keys") ?? "on";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || root.dataset.keys === "off" || isTyping(event.target)) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keys-open]")) return;
    event.target.closest("[popover]")?.hidePopover();
    open();
  });
  dialog.querySelector("[data-keys-switch]").addEventListener("change", ({ target }) => {
    root.dataset.keys = target.checked ? "on" : "off";
    localStorage.setItem("keys", root.dataset.keys);
  });
}
