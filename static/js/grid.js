// The keys of the clip grid. One map; silent while someone types, and where the side panel has the
// focus. The current card is the one with the focus, else the last that had it.
let last = null;

const STEPS = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };
const BESIDE = { n: 1, p: -1 };
const ROWS = { ArrowDown: 1, ArrowUp: -1 };
const ACTS = {
  " ": (card) => card.querySelector("[data-play]").click(),
  o: (card) => card.querySelector("[data-open]").click(),
  f: (card) => card.querySelector("[data-favourite]").click(),
};
const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], dialog, [popover]";

const cards = () => [...document.querySelectorAll(".clip-card")];

function current() {
  const focused = document.activeElement.closest(".clip-card");
  if (focused) return focused;
  return last && document.getElementById(last);
}

// Whoever goes by keys scrolls nothing into view that would bring the next page.
function more() {
  document.querySelector(".clip-more")?.click();
}

function focus(card) {
  if (!card) return;
  card.querySelector("[data-play]").focus();
  card.scrollIntoView({ block: "nearest" });
}

function inRow(card, by) {
  const from = card.getBoundingClientRect();
  const beyond = cards().map((each) => ({ each, box: each.getBoundingClientRect() }))
    .filter(({ box }) => (box.top - from.top) * by > 8);
  if (by > 0 && !beyond.length) more();
  const nearest = Math.min(...beyond.map(({ box }) => Math.abs(box.top - from.top)));
  const row = beyond.filter(({ box }) => Math.abs(box.top - from.top) < nearest + 8);
  row.sort((a, b) => Math.abs(a.box.left - from.left) - Math.abs(b.box.left - from.left));
  return row[0]?.each;
}

function step(card, by) {
  const all = cards();
  const place = card ? all.indexOf(card) + by : 0;
  if (place >= all.length - 1) more();
  return all[place];
}

document.addEventListener("focusin", ({ target }) => {
  last = target.closest(".clip-card")?.id ?? last;
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!document.getElementById("clip-grid") || document.documentElement.dataset.keys === "off") return;
  if (event.target.closest(TYPING)) return;
  // Also while the panel is still fetching a clip, and when the focus has left it.
  if (event.key in BESIDE && document.querySelector("#clip-panel:not([hidden])")) {
    event.preventDefault();
    return beside(BESIDE[event.key]);
  }
  if (event.target.closest("#clip-panel, .filter")) return;
  const card = current();
  const search = document.querySelector("#clip-filter [type=search]");
  if (event.key === "/") {
    search?.focus();
    search?.select();
  }
  else if (event.key in STEPS) focus(step(card, STEPS[event.key]) ?? card);
  else if (event.key in ROWS && card) focus(inRow(card, ROWS[event.key]));
  else if (event.key in ACTS && card && !event.repeat) {
    if (event.key === " " && event.target.matches("button, summary, [data-open]")) return;
    ACTS[event.key](card);
  } else return;
  event.preventDefault();
});

function beside(by) {
  step(document.querySelector(".clip-card[aria-current]"), by)?.querySelector("[data-open]").click();
}

// What the side panel asks for: the clip after or before the one it shows.
document.addEventListener("clipboard:step", ({ detail }) => beside(detail.by));

// htmx takes leave of every element that goes, with two events each: hundreds for a grid, and
// nobody listens. An empty one goes at once.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap && detail.target.id === "clip-grid") detail.target.replaceChildren();
});
