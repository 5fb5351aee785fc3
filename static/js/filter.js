// The filter bar asks for the grid as soon as something in it changes, and shows what the address
// says when the grid came by another way (a dropped filter, the back button).
//   data-filter-open, data-filter-close    the sheet that holds the filters on a phone; data-sheet on
//                                          the bar says that it is open
const PAUSE = 200;
let typing = 0;

const bar = () => document.getElementById("clip-filter");

function ask() {
  clearTimeout(typing);
  bar().dispatchEvent(new Event("filter"));
}

document.addEventListener("input", ({ target }) => {
  if (target.form !== bar() || target.type !== "search") return;
  clearTimeout(typing);
  typing = setTimeout(ask, PAUSE);
});

document.addEventListener("change", ({ target }) => {
  if (!bar() || target.form !== bar() || target.type === "search") return;
  if (target.name === "sort") turn(target, false);
  ask();
});

document.addEventListener("submit", ({ target }) => {
  if (target === bar()) clearTimeout(typing);
});

// An empty field is no filter and has no place in the address.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt !== bar()) return;
  for (const [name, value] of [...new FormData(bar())]) if (value === "") delete detail.parameters[name];
});

function turn(select, isTurned) {
  const order = bar().elements.order;
  order.value = select.selectedOptions[0].dataset.order === "desc" ? "asc" : "desc";
  order.checked = isTurned;
}

function show(query) {
  const asked = new URLSearchParams(query);
  for (const control of bar().elements) {
    if (!control.name || control === document.activeElement && control.type === "search") continue;
    const value = asked.get(control.name) ?? "";
    if (control.type === "radio" || control.type === "checkbox") control.checked = control.value === value;
    else if (control.name === "sort") control.value = value || "score";
    else control.value = value;
  }
  turn(bar().elements.sort, asked.has("order"));
  bar().dispatchEvent(new CustomEvent("clipboard:filters", { bubbles: true }));
}

document.addEventListener("htmx:afterSettle", () => {
  const grid = document.getElementById("clip-grid");
  if (!bar() || !grid || grid.dataset.query === bar().dataset.shown) return;
  bar().dataset.shown = grid.dataset.query;
  show(grid.dataset.query);
  // Only what was there before its words came is read aloud.
  const said = [...grid.querySelectorAll(".grid__bar > p, .grid__note")].map((each) => each.textContent.trim());
  document.getElementById("grid-said").textContent = said.join(" ");
});

function sheet(isOpen) {
  bar().toggleAttribute("data-sheet", isOpen);
  const opener = bar().querySelector("[data-filter-open]");
  opener.setAttribute("aria-expanded", isOpen);
  (isOpen ? bar().querySelector("[data-filter-close]") : opener).focus();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-filter-open]")) sheet(true);
  else if (target.closest("[data-filter-close]")) sheet(false);
  for (const open of document.querySelectorAll(".filter__more[open]")) if (!open.contains(target)) open.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !bar()) return;
  const more = bar().querySelector(".filter__more[open]");
  if (!more && !bar().hasAttribute("data-sheet")) return;
  event.stopImmediatePropagation();
  if (more) {
    more.open = false;
    more.querySelector("summary").focus();
  } else sheet(false);
});
