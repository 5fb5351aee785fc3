// A clip opens beside the grid ([data-open], into #clip-panel): the address follows, the grid stays as
// it is; Esc, the back button or [data-panel-close] brings the grid's own address back.
const panel = () => document.getElementById("clip-panel");
const place = () => document.getElementById("clip-panel-place");
const query = () => document.getElementById("clip-grid").dataset.query;
let opener = null;
let shown = null;
let wanted = "";

const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open]");
  if (link && panel() && plain(event)) {
    event.preventDefault();
    visit(link);
  } else if (event.target.closest("[data-panel-close]")) close();
});

function visit(link) {
  const address = link.getAttribute("href");
  if (history.state?.panel) history.replaceState({ panel: true }, "", address);
  else {
    history.scrollRestoration = "manual"; // who has gone on through the grid stays there
    history.replaceState({ htmx: true, grid: query() }, "");
    history.pushState({ panel: true }, "", address);
  }
  show(address);
}

function show(address) {
  wanted = address;
  document.dispatchEvent(new CustomEvent("clipboard:panel"));
  const card = [...document.querySelectorAll(".clip-card")].find((each) => each.querySelector("[data-open]").getAttribute("href") === address);
  mark(card);
  opener = card?.id ?? opener;
  card?.scrollIntoView({ block: "nearest" });
  panel().hidden = false;
  panel().focus({ preventScroll: true });
  panel().scrollTop = 0;
  place().replaceChildren(document.getElementById("clip-panel-skeleton").content.cloneNode(true));
  htmx.ajax("GET", address, { target: "#clip-panel-place", swap: "innerHTML" }).then(takeFocus, () => {});
}

// So that the clip's own keys work at once; not from someone who has gone on to something else.
function takeFocus() {
  const clip = place().querySelector("[data-clip]");
  if (!clip || document.activeElement !== panel() && document.activeElement !== document.body) return;
  clip.tabIndex = -1;
  clip.focus({ preventScroll: true });
}

function mark(card) {
  for (const marked of document.querySelectorAll(".clip-card[aria-current]")) marked.removeAttribute("aria-current");
  card?.setAttribute("aria-current", "true");
  shown = card?.id;
}

// The card may have been swapped: a favourite, a rendering that went on, another filter.
document.addEventListener("htmx:afterSettle", () => {
  if (panel() && !panel().hidden) document.getElementById(shown)?.setAttribute("aria-current", "true");
});

function hide() {
  const card = document.getElementById(opener);
  const isSeen = card && card.getBoundingClientRect().bottom > 0 && card.getBoundingClientRect().top < innerHeight;
  wanted = "";
  panel().hidden = true;
  place().replaceChildren();
  mark(null);
  (card?.querySelector("[data-open]") ?? document.getElementById("main")).focus({ preventScroll: true });
  if (isSeen) card.scrollIntoView({ block: "nearest" }); // the cards move as the grid gets wider
  history.scrollRestoration = "auto";
}

function close() {
  if (!panel() || panel().hidden) return;
  if (history.state?.panel) history.back();
  else hide();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) close();
});

// Before htmx sees it, which would fetch the whole page again, and a clip's into the place of the grid:
// it writes its own mark over ours when a filter changes beside an open clip. It fetches the grid alone
// where the one that is here answers to another address.
addEventListener("popstate", (event) => {
  const { state } = event;
  if (!state?.panel && !state?.htmx) return;
  if (!panel()) location.reload();
  else if (/\/\d+\/$/.test(location.pathname)) {
    history.replaceState({ panel: true }, "");
    show(location.pathname);
  } else if (state.grid !== query()) return;
  else if (!panel().hidden) hide();
  event.stopImmediatePropagation();
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.target === place()) close();
});

// Who is already at the next clip, or has closed the panel, is shown and played no other.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target === place() && detail.pathInfo.requestPath !== wanted) detail.shouldSwap = false;
});

// What could not be fetched while the server was away.
document.addEventListener("clipboard:online", () => {
  if (document.querySelector("#clip-panel:not([hidden]) .panel__skeleton")) show(location.pathname);
});
