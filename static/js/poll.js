// [data-poll] asks every few seconds; in a tab that nobody looks at it stays silent.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches("[data-poll]")) event.preventDefault();
});
