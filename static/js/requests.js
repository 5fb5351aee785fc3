// What every htmx request and every form shares: errors in words, and nothing sent twice.
const words = {
  403: "You may look at this but not change it. Ask an owner of the team.",
  404: "It is gone: someone may have deleted it. Reload the page to see what is there.",
  405: "That cannot be done here. Reload the page and try again.",
  413: "That is more than the server takes in.",
  429: "That was a lot at once. Wait a moment and try again.",
};
const sent = new WeakSet();

function say(text) {
  document.dispatchEvent(new CustomEvent("clipboard:toast", { detail: { text, kind: "error" } }));
}

document.addEventListener("htmx:responseError", ({ detail: { xhr, elt } }) => {
  // Nobody asks again and again for what is gone: htmx does not know the copy.
  if (xhr.status === 404 && elt.matches("[data-poll]")) elt.replaceWith(elt.cloneNode(true));
  const saidByServer = xhr.getResponseHeader("HX-Trigger")?.includes("clipboard:toast");
  if (saidByServer || xhr.status === 401) return; // 401 leads to the sign-in page by itself
  say(words[xhr.status] ?? "The server stumbled; nothing is lost. Try again, and reload the page if it stays.");
});

// What is asked again and again waits while nobody looks at the page.
const isUnseen = (elt, request) => document.hidden && !request.triggeringEvent && elt.matches("[data-poll]");

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig: request } = event.detail;
  if (request.verb === "get") return isUnseen(elt, request) && event.preventDefault();
  if (sent.has(elt)) return event.preventDefault();
  sent.add(elt);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => sent.delete(detail.elt));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  addEventListener("pageshow", () => sent.delete(form), { once: true });
});
