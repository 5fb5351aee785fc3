// A swap must not throw the keyboard back to the top of the page: focus returns to the same control
// in the new markup, else to its neighbour, else to what was swapped. From a form that was refused it
// goes to the first field that is wrong, which may be far above the button.
let before = null;

function remember(element) {
  const roots = [];
  for (let root = element.closest("[id]"); root; root = root.parentElement?.closest("[id]")) roots.push(root.id);
  return { roots, name: element.getAttribute("name"), value: element.getAttribute("value"), href: element.getAttribute("href") };
}

function find({ roots, name, value, href }) {
  for (const id of roots) {
    const root = document.getElementById(id);
    if (!root || id === "main") continue;
    const same = [...root.querySelectorAll("a, button, input, select, summary")].find((element) =>
      // A toggle's value is what it would do next, and so another one after the swap.
      name ? element.getAttribute("name") === name && (element.getAttribute("value") === value || element.matches("[data-favourite]"))
        : href && element.getAttribute("href") === href);
    const next = same ?? (root.matches("a, button, input, select, [tabindex]") ? root : root.querySelector("a[href], button:enabled, [tabindex]"));
    if (next) return next;
  }
  return document.getElementById("main");
}

document.addEventListener("htmx:beforeSwap", () => {
  const active = document.activeElement;
  before = active && active !== document.body ? { active, ...remember(active) } : null;
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const wrong = detail.xhr?.status === 422 && detail.elt.querySelector("[aria-invalid=true]");
  if (wrong) return wrong.focus();
  if (!before || before.active.isConnected || document.activeElement !== document.body) return;
  find(before)?.focus({ preventScroll: true });
  before = null;
});
