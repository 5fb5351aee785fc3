// A heart ([data-favourite]) is sent to its own formaction; the answer takes the place of its card,
// or, where the card is playing or there is none, of the heart alone. Hearts of one clip agree. Its
// form asks, which stays where cards go: what the answer tells reaches hearts that came meanwhile.
const place = (heart) => new URL(heart.formAction).pathname;

document.addEventListener("click", (event) => {
  const heart = event.target.closest("[data-favourite]");
  if (!heart) return;
  event.preventDefault();
  const card = heart.closest(".clip-card:not(.is-playing)");
  htmx.ajax("POST", heart.getAttribute("formaction"), {
    source: heart.form,
    values: { on: heart.value },
    target: card ?? heart,
    swap: "outerHTML",
    select: card ? ".clip-card" : "[data-favourite]",
  }).catch(() => {}); // said by requests.js and offline.js
});

document.addEventListener("clipboard:favourite", ({ detail: { url, on, count, mine } }) => {
  for (const heart of document.querySelectorAll("[data-favourite]")) {
    if (place(heart) !== url) continue;
    heart.value = on ? "0" : "1";
    heart.setAttribute("aria-pressed", on);
    heart.lastElementChild.textContent = count || "";
  }
  const total = document.getElementById("count-favourited");
  if (total) total.textContent = mine;
});
