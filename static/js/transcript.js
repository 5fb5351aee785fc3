// A transcript that follows its player: the spoken word is marked, the box keeps it in view, and
// anything with data-seek="seconds" takes the player there.
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-seek]");
  if (!target || getSelection().type === "Range") return;
  target.closest("[data-clip]")?.querySelector("clip-player")?.seek(Number(target.dataset.seek));
});

document.addEventListener("clipboard:time", (event) => {
  const box = event.target.closest("[data-clip]")?.querySelector("[data-transcript]");
  if (!box) return;
  box.words ??= [...box.querySelectorAll("span[data-seek]")];
  const index = spoken(box.words, event.detail.time);
  if (index === box.index) return;
  box.words[box.index]?.removeAttribute("aria-current");
  box.index = index;
  const word = box.words[index];
  word?.setAttribute("aria-current", "true");
  if (word && event.detail.playing && !box.matches(":hover")) reveal(box, word);
});

function spoken(words, time) {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(words[middle].dataset.seek) <= time + 0.05) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// Scrolls the box only: the page stays where the person put it.
function reveal(box, word) {
  const top = word.offsetTop - box.offsetTop;
  if (top < box.scrollTop || top + word.offsetHeight * 2 > box.scrollTop + box.clientHeight)
    box.scrollTop = top - box.clientHeight / 3;
}
