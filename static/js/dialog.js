// <button data-closes> inside a dialog closes it; so does a click outside. Focus goes back to where it
// was by the browser's own doing.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  if (event.target.matches("dialog[open]") && isOutside(event)) event.target.close();
});

function isOutside({ target, clientX: x, clientY: y }) {
  const box = target.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}
