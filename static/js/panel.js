// A clip opens beside the grid ([data-open], into #clip-panel): the address follows, the grid stays as
// it is; Esc, the back button or [data-panel-close] brings the grid's own address back.
const panel = () => document.getElementById("clip-panel");
const place = () => document.getElementById("clip-panel-place");
let opener = null;

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
  if (panel().hidden) {
    history.replaceState({ ...history.state, grid: true }, "");
    history.pushState({ panel: true }, "", address);
  } else history.replaceState({ panel: true }, "", address);
  show(address);
}

function show(address) {
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
  const clip = place().firstElementChild;
  if (!clip || document.activeElement !== panel() && document.activeElement !== document.body) return;
  clip.tabIndex = -1;
  clip.focus({ preventScroll: true });
}

function mark(card) {
  for (const marked of document.querySelectorAll(".clip-card[aria-current]")) marked.removeAttribute("aria-current");
  card?.setAttribute("aria-current", "true");
}

function hide() {
  panel().hidden = true;
  place().replaceChildren();
  mark(null);
  document.querySelector(`#${opener} [data-open]`)?.focus({ preventScroll: true });
}

function close() {
  if (!panel() || panel().hidden) return;
  if (history.state?.panel) history.back();
  else hide();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) close();
});

// Before htmx sees it, which would fetch the whole page again.
addEventListener("popstate", (event) => {
  if (event.state?.panel && panel()) show(location.pathname);
  else if (event.state?.grid && panel() && !panel().hidden) hide();
  else if ((event.state?.panel || event.state?.grid || event.state?.htmx) && !panel()) location.reload();
  else return;
  event.stopImmediatePropagation();
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.target === place()) close();
});
