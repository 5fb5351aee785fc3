// A click on [data-play] plays the clip in its card, with sound; a second click pauses. One video
// at a time has an address; whoever leaves the card (another card, scrolled away, Esc) frees it.
let playing = null;

const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-play]");
  if (!link || !plain(event)) return;
  event.preventDefault();
  if (playing?.link !== link) start(link);
  else if (playing.stage) toggle(playing.stage.video);
});

function toggle(video) {
  if (video.paused) video.play();
  else video.pause();
}

async function start(link, at = 0, query = "") {
  const fresh = playing?.link === link ? playing.fresh : null;
  if (fresh) playing.fresh = null;
  stop();
  const mine = (playing = { link, card: link.closest(".clip-card"), fresh });
  mine.card.classList.add("is-playing", "is-loading");
  away.observe(mine.card);
  try {
    const answer = await fetch(`${link.getAttribute("href")}media/${query}`);
    if (answer.redirected) return location.reload(); // leads to the sign-in page and back
    const place = await answer.json();
    if (playing !== mine) return;
    if (!answer.ok) throw new Error(place.error);
    show(mine, place, at);
  } catch (error) {
    if (playing !== mine) return;
    stop();
    const text = error instanceof TypeError || error instanceof SyntaxError ? "This clip cannot be played right now. Try it again in a moment." : error.message;
    document.dispatchEvent(new CustomEvent("clipboard:toast", { detail: { text, kind: "error" } }));
  }
}

function show(mine, place, at) {
  const stage = (mine.stage = document.createElement("clip-video"));
  const bar = (mine.bar = document.createElement("i"));
  stage.className = "clip-card__video is-current";
  bar.className = "filmstrip__bar";
  mine.link.append(stage, bar);
  stage.open(place, { at, crop: place.crop ?? [] });
  const { video } = stage;
  const mended = Date.now();
  video.addEventListener("playing", () => mine.card.classList.remove("is-loading"));
  video.addEventListener("timeupdate", () => follow(mine));
  video.addEventListener("ended", () => { stage.time = 0; video.play(); });
  // Most likely the address ran out: go on at the same second with a fresh one.
  video.addEventListener("error", () => {
    if (playing !== mine) return;
    if (place.kind === "preview") start(mine.link, stage.time, "?kind=source");
    else if (Date.now() - mended > 5000) start(mine.link, stage.time);
    else stop();
  });
  video.play().catch(() => {});
}

function follow({ stage, bar }) {
  if (stage.time >= stage.length - 0.04) stage.time = 0;
  stage.aim();
  bar.style.transform = `scaleX(${Math.min(1, Math.max(0, stage.time / stage.length)) || 0})`;
}

function stop() {
  if (!playing) return;
  const { card, stage, bar, fresh } = playing;
  playing = null;
  away.disconnect();
  card.classList.remove("is-playing", "is-loading");
  stage?.release();
  bar?.remove();
  if (fresh) renew(card, fresh);
}

// A clip whose rendering went on is not swapped under someone who watches it, but when they stop.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (!playing || detail.target !== playing.card) return;
  detail.shouldSwap = false;
  playing.fresh = detail.fragment.firstElementChild;
});

function renew(card, fresh) {
  const isHeld = card.contains(document.activeElement);
  fresh.querySelector("[data-favourite]").replaceWith(card.querySelector("[data-favourite]"));
  card.replaceWith(fresh);
  if (isHeld) fresh.querySelector("[data-play]").focus({ preventScroll: true });
}

const away = new IntersectionObserver((entries) => {
  if (entries.some(({ isIntersecting }) => !isIntersecting)) stop();
});

document.addEventListener("focusin", ({ target }) => {
  const card = target.closest(".clip-card");
  if (playing && card && card !== playing.card) stop();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !playing) return;
  event.stopImmediatePropagation();
  stop();
});
document.addEventListener("clipboard:panel", stop);
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (playing && (!playing.card.isConnected || detail.target.contains(playing.card))) stop();
});
addEventListener("pagehide", stop);
