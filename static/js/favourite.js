// Hearts of one clip agree, wherever they stand; and a card that plays keeps playing: only the heart
// of the answer is taken.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.target.matches?.(".clip-card.is-playing") || detail.xhr.status >= 400) return;
  const heart = detail.target.querySelector("[data-favourite]");
  if (!detail.requestConfig.path.startsWith(heart.formAction.replace(location.origin, ""))) return;
  detail.target = heart;
  detail.selectOverride = "[data-favourite]";
});

// A clip whose rendering went on is not swapped under someone who watches it.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.matches(".is-playing")) event.detail.shouldSwap = false;
});

document.addEventListener("clipboard:favourite", ({ detail: { pk, on, count } }) => {
  for (const heart of document.querySelectorAll(`[data-favourite="${pk}"]`)) {
    heart.value = on ? "0" : "1";
    heart.setAttribute("aria-pressed", on);
    heart.setAttribute("aria-label", `Favourite, ${count} in the team`);
    heart.querySelector("span").textContent = count || "";
  }
});
