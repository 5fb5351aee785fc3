// <button data-clip-step="1">: asks the grid for the next clip in its order.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-clip-step]");
  if (!button) return;
  document.dispatchEvent(new CustomEvent("clipboard:step", { detail: { by: Number(button.dataset.clipStep) } }));
});
