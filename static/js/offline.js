// While the server cannot be reached: say what is kept, look again, and ask again for what was asked.
const banner = document.getElementById("offline");
let asked = [];
let looking = 0;

function lost() {
  if (!banner.hidden) return;
  banner.hidden = false;
  look(2);
}

function look(pause) {
  clearTimeout(looking);
  looking = setTimeout(async () => {
    try {
      await fetch(banner.dataset.ping, { method: "HEAD", cache: "no-store" });
      found();
    } catch {
      look(Math.min(pause * 1.5, 20));
    }
  }, pause * 1000);
}

function found() {
  clearTimeout(looking);
  if (banner.hidden) return;
  banner.hidden = true;
  document.dispatchEvent(new CustomEvent("clipboard:online"));
  for (const { path, source, target } of asked.splice(0)) {
    if (source.isConnected) htmx.ajax("GET", path, { source, target }).catch(() => {});
  }
}

function failed({ elt, target, requestConfig: request, pathInfo }) {
  const isPoll = !request.triggeringEvent;
  if (request.verb === "get" && !isPoll) asked = [...asked.slice(-2), { path: pathInfo.requestPath, source: elt, target }];
  if (request.verb !== "get") say("Not saved: the server cannot be reached. Try it again once the connection is back.");
  lost();
}

function say(text) {
  document.dispatchEvent(new CustomEvent("clipboard:toast", { detail: { text, kind: "error" } }));
}

if (banner) {
  addEventListener("offline", lost);
  addEventListener("online", () => look(0));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => failed(event.detail));
  }
}
