// <clip-video>: one address, playing. Its times are the clip's: 0 is where the clip starts, whether the
// address is the clip's own file or its whole recording, which is then cropped to the clip's shape.
class ClipVideo extends HTMLElement {
  open(place, { at = 0, crop = [], captions = "" } = {}) {
    const video = (this.video = document.createElement("video"));
    this.start = place.start;
    this.end = place.end ?? Infinity;
    this.crop = place.kind === "source" ? crop : [];
    this.wanted = at;
    video.playsInline = true;
    video.preload = "auto";
    video.disablePictureInPicture = true;
    video.tabIndex = -1;
    video.addEventListener("loadedmetadata", () => this.arrive());
    video.addEventListener("resize", () => this.aim());
    if (captions) this.addTrack(place.kind === "source" ? `${captions}?times=source` : captions);
    video.src = place.url;
    video.currentTime = this.start + at;
    this.append(video);
    return this;
  }

  addTrack(src) {
    this.track = Object.assign(document.createElement("track"), { kind: "captions", label: "Captions", src });
    this.video.append(this.track);
  }

  arrive() {
    this.end = Math.min(this.end, this.video.duration);
    if (Math.abs(this.video.currentTime - this.start - this.wanted) > 0.05) this.time = this.wanted;
    this.aim();
  }

  get time() { return this.video.currentTime - this.start; }
  set time(seconds) {
    this.wanted = seconds;
    this.video.currentTime = this.start + seconds;
    this.aim();
  }

  get length() { return this.end - this.start; }

  // True when the rest can play without asking the server again.
  get isWhole() {
    const { buffered, currentTime } = this.video;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= currentTime && buffered.end(i) >= Math.min(this.end, this.video.duration) - 0.1) return true;
    return false;
  }

  // Resolves with the picture of the wanted second decoded; rejects when that fails or takes too long.
  ready(patience) {
    const { video } = this;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("slow")), patience);
      const look = () => {
        if (video.error) return done(reject, new Error("media"));
        if (!video.seeking && video.readyState >= 3) done(resolve);
      };
      const done = (settle, value) => {
        clearTimeout(timer);
        for (const name of ["seeked", "canplay", "error", "emptied"]) video.removeEventListener(name, look);
        settle(value);
      };
      for (const name of ["seeked", "canplay", "error", "emptied"]) video.addEventListener(name, look);
      look();
    });
  }

  // Moves the picture so that the crop of this moment fills the frame (the engine's x is a centre, 0 to 1).
  aim() {
    const { videoWidth, videoHeight } = this.video;
    if (!this.crop.length || !videoWidth || !this.clientHeight) return;
    const shown = this.clientWidth / this.clientHeight / (videoWidth / videoHeight);
    if (shown >= 1) return;
    let centre = this.crop[0][1];
    for (const [at, x] of this.crop) if (at <= this.time + 0.02) centre = x;
    const left = Math.min(Math.max(centre - shown / 2, 0), 1 - shown);
    this.video.style.objectPosition = `${(100 * left) / (1 - shown)}% 50%`;
  }

  // Without this a removed player would go on loading, and soon two would fight for the line.
  release() {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.replaceChildren();
    this.video.load();
    this.remove();
  }
}
customElements.define("clip-video", ClipVideo);
