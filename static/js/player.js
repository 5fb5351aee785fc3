// <clip-player>: the clip's player. Its address runs out; then a second <clip-video> gets ready at the
// same second with a fresh one and takes over between two frames. Sends "clipboard:time" as it plays.
const LEAD = 0.5; // seconds ahead that the second one waits at
const PATIENCE = 15000; // ms for it to get ready
const SHUTTLE = [-4, -2, -1, 0, 1, 2, 4];

class ClipPlayer extends HTMLElement {
  connectedCallback() {
    if (this.current) return;
    this.stage = this.querySelector("[data-stage]");
    this.find = (name) => this.querySelector(`[data-${name}]`);
    this.gone = new AbortController();
    this.at = this.rate = this.shuttleStep = 0;
    this.speed = 1;
    this.looping = this.wants = this.stale = this.broken = false;
    this.captions = this.kept.captions === "on";
    this.find("bar").hidden = false;
    this.find("volume").value = this.kept.volume ?? 1;
    this.listen();
    this.take(this.make(this.given, 0));
    this.renewAfter(+this.dataset.lasts);
    if (this.closest("#clip-panel")) this.play();
  }

  disconnectedCallback() {
    this.gone.abort();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    for (const each of this.querySelectorAll("clip-video")) each.release();
  }

  listen() {
    const on = (target, name, does) => target.addEventListener(name, does, { signal: this.gone.signal });
    on(this, "click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.do(button.dataset.do, Number(button.dataset.by));
      else if (event.target.closest("clip-video")) this.toggle();
    });
    on(this.find("scrub"), "input", (event) => this.seek(+event.target.value));
    on(this.find("volume"), "input", (event) => this.setVolume(+event.target.value));
    on(this.find("speed"), "change", (event) => this.setSpeed(+event.target.value));
    on(document, "clipboard:plays", (event) => event.detail.by !== this && this.pause());
  }

  do(name, by) {
    const does = {
      toggle: () => this.toggle(),
      seek: () => this.seek(this.at + by),
      start: () => this.seek(0),
      end: () => this.seek(this.length - 1 / this.dataset.fps),
      frame: () => { this.pause(); this.seek(this.at + by / this.dataset.fps); },
      shuttle: () => this.shuttle(by),
      faster: () => this.setSpeed(this.nextSpeed(by)),
      loop: () => { this.looping = !this.looping; this.paint(); },
      mute: () => { this.muted = !this.muted; this.applySound(); },
      captions: () => { this.captions = !this.captions; this.kept.captions = this.captions ? "on" : "off"; this.applySound(); },
    };
    does[name]?.();
  }

  get kept() { try { return localStorage; } catch { return {}; } } // refused where nothing may be kept
  get length() { return Number.isFinite(this.current.length) ? this.current.length : +this.find("scrub").max; }

  // --- playing ---------------------------------------------------------------------------------
  toggle() { this.wants || this.shuttleStep ? this.pause() : this.play(); }

  play() {
    document.dispatchEvent(new CustomEvent("clipboard:plays", { detail: { by: this } }));
    if (this.at >= this.length - 0.05) this.seek(0);
    this.wants = true;
    this.say("");
    if (this.broken || (this.stale && !this.current.isWhole)) this.renew();
    if (!this.broken) this.current.video.play().catch((error) => error.name === "NotAllowedError" && this.pause());
    this.tick();
  }

  pause() {
    const rewound = this.shuttleStep < 0;
    this.wants = false;
    this.shuttleStep = 0;
    this.current.video.pause();
    if (rewound) this.seek(this.at);
    this.applySound();
  }

  seek(seconds) {
    this.at = Math.min(Math.max(seconds, 0), this.length);
    if (this.stale && !this.current.isWhole) this.renew();
    if (!this.broken) this.current.time = this.at;
    this.paint();
  }

  // J, K, L: each press goes one speed further back or on; browsers cannot play backwards, so that seeks.
  shuttle(by) {
    const here = by && Math.sign(by) !== Math.sign(this.shuttleStep) ? 0 : this.shuttleStep || (this.wants && by > 0 ? 1 : 0);
    const next = SHUTTLE[Math.min(Math.max(SHUTTLE.indexOf(here) + by, 0), SHUTTLE.length - 1)];
    this.pause();
    if (!by) return;
    this.shuttleStep = next;
    if (next > 0) this.play();
    else this.tick();
    this.applySound();
  }

  nextSpeed(by) {
    const rates = [...this.find("speed").options].map((option) => +option.value);
    return rates[Math.min(Math.max(rates.indexOf(this.speed) + by, 0), rates.length - 1)];
  }

  setSpeed(rate) {
    this.speed = rate;
    this.find("speed").value = String(rate);
    this.applySound();
  }

  setVolume(volume) {
    this.muted = false;
    this.find("volume").value = volume;
    this.kept.volume = volume;
    this.applySound();
  }

  applySound(to = this.current) {
    to.video.volume = +this.find("volume").value;
    to.video.muted = Boolean(this.muted);
    to.video.playbackRate = this.shuttleStep > 0 ? this.shuttleStep : this.speed;
    if (to.track) to.track.track.mode = this.captions ? "showing" : "disabled";
    this.paint();
  }

  tick() {
    cancelAnimationFrame(this.frame);
    let last = performance.now();
    const step = (now) => {
      if (this.shuttleStep < 0) this.rewind((now - last) / 1000);
      last = now;
      this.follow();
      if (this.wants || this.shuttleStep < 0) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  rewind(passed) {
    this.at = Math.max(0, this.at + this.shuttleStep * passed);
    if (!this.current.video.seeking) this.current.time = this.at;
    if (!this.at) this.pause();
  }

  follow() {
    if (this.shuttleStep >= 0 && !this.broken) this.at = Math.max(0, this.current.time);
    if (Math.abs(this.at - (this.rescuedAt ?? this.at)) > 0.5) this.rescuedAt = null;
    if (this.wants && (this.at >= this.length - 0.02 || this.current.video.ended)) this.finish();
    this.current.aim();
    if (this.moment !== this.painted) this.paint();
  }

  finish() {
    if (this.looping) {
      this.seek(0);
      return this.current.video.play();
    }
    this.pause();
    this.seek(this.length);
  }

  // --- addresses -------------------------------------------------------------------------------
  get given() {
    const { src, start, end } = this.dataset;
    return { ...this.dataset, url: src, start: +start, end: end === "" ? null : +end };
  }

  make(place, at, className = "") {
    const made = document.createElement("clip-video");
    const drawn = place.kind === "clip" && "captionsShown" in this.dataset;
    Object.assign(made, { className, kind: place.kind });
    made.open(place, { at, crop: JSON.parse(this.dataset.crop || "[]"), captions: drawn ? "" : this.dataset.captions });
    this.stage.prepend(made);
    return made;
  }

  take(next) {
    const old = this.current;
    this.current = next;
    this.broken = false;
    next.classList.add("is-current");
    const mine = () => next === this.current;
    next.video.addEventListener("error", () => mine() && next.isConnected && next.video.src && this.rescue());
    for (const name of ["timeupdate", "seeked", "loadedmetadata"])
      next.video.addEventListener(name, () => mine() && !next.video.seeking && this.follow());
    this.applySound();
    old?.release();
  }

  renewAfter(seconds) {
    clearTimeout(this.timer);
    if (!this.dataset.media || !seconds) return;
    this.stale = false;
    const early = Math.min(60, seconds / 2);
    this.timer = setTimeout(() => {
      this.stale = true;
      if (this.wants && !this.current.isWhole) this.renew();
    }, Math.max(500, (seconds - early) * 1000));
  }

  // The line broke or the address ran out: once, get another (for a provider's file, the recording's).
  rescue() {
    this.broken = true;
    if (this.renewing) return;
    if ((this.rescuedAt ?? null) !== null) return this.giveUp("It stopped loading.");
    this.rescuedAt = this.at;
    this.renew(this.current.kind === "preview" ? "source" : "");
  }

  async renew(kind = "") {
    if (this.renewing) return;
    this.renewing = true;
    try {
      await this.change(await this.ask(kind));
    } catch (error) {
      if (this.isConnected && this.broken) this.giveUp(error.message);
    }
    this.renewing = false;
  }

  giveUp(reason) {
    this.pause();
    this.rescuedAt = null;
    this.say(`${reason} Press play to try again.`);
  }

  async ask(kind = "") {
    if (!this.dataset.media) return this.given;
    const address = kind ? `${this.dataset.media}?kind=${kind}` : this.dataset.media;
    const answer = await fetch(address, { signal: this.gone.signal, headers: { Accept: "application/json" } }).catch(() => {
      throw new Error("No connection to the server.");
    });
    if (answer.redirected || answer.status === 401) throw new Error("You are signed out: sign in again in another tab.");
    if (answer.ok) return answer.json();
    throw new Error((await answer.json().catch(() => ({}))).error ?? "The server has nothing to play for this clip any more.");
  }

  async change(place) {
    const ahead = this.wants && !this.broken ? LEAD * this.current.video.playbackRate : 0;
    const next = this.make(place, Math.min(this.at + ahead, Math.max(0, this.length - 0.05)));
    try {
      await next.ready(PATIENCE);
      await this.align(next);
    } catch (error) {
      next.release();
      throw new Error(error.name === "NotAllowedError" ? "The browser wants a click first." : "It does not load.");
    }
    if (!this.isConnected) return next.release();
    this.take(next);
    this.renewAfter(place.lasts);
  }

  // Both play, the next one unseen and unheard, a little slower or faster until they are at the same frame.
  async align(next) {
    next.video.muted = true;
    if (this.wants) await next.video.play();
    const until = performance.now() + PATIENCE / 4;
    while (this.wants && !this.broken && this.isConnected && performance.now() < until) {
      const drift = next.time - this.current.time;
      if (Math.abs(drift) < 0.04) return;
      if (Math.abs(drift) > 2) next.time = this.current.time + LEAD;
      next.video.playbackRate = this.current.video.playbackRate * (drift > 0 ? 0.5 : 2);
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    if (Math.abs(this.at - next.time) < 0.04 || (this.wants && this.broken)) return;
    next.time = this.at;
    await next.ready(PATIENCE);
  }

  // --- what it shows ---------------------------------------------------------------------------
  get moment() { return [Math.round(this.at * this.dataset.fps), this.length, this.wants].join(); } // until it changes, nothing new
  label(text) { Object.assign(this.find("label"), { textContent: text, hidden: !text }); }
  say(text) { Object.assign(this.find("note"), { textContent: text, hidden: !text }); }

  paint() {
    const scrub = this.find("scrub");
    const plays = this.wants || this.shuttleStep < 0;
    this.painted = this.moment;
    Object.assign(scrub, { max: this.length, value: this.at });
    scrub.style.setProperty("--done", `${(100 * this.at) / (this.length || 1)}%`);
    scrub.setAttribute("aria-valuetext", `${this.at.toFixed(1)} of ${this.length.toFixed(1)} seconds`);
    this.find("now").textContent = stamp(this.at);
    this.toggleAttribute("data-playing", plays);
    for (const button of this.querySelectorAll('[data-do="toggle"]')) button.ariaLabel = plays ? "Pause" : "Play";
    for (const [name, on] of [["loop", this.looping], ["mute", this.muted], ["captions", this.captions]])
      this.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", Boolean(on));
    this.dispatchEvent(new CustomEvent("clipboard:time", { bubbles: true, detail: { time: this.at, playing: plays } }));
  }
}

function stamp(seconds) {
  const tenths = Math.floor(seconds * 10 + 0.001);
  return `${Math.floor(tenths / 600)}:${String(Math.floor((tenths % 600) / 10)).padStart(2, "0")}.${tenths % 10}`;
}
customElements.define("clip-player", ClipPlayer);
