// <button data-copy="some text">: puts it on the clipboard and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const done = await copy(button.dataset.copy);
  const text = done ? "Copied" : `Copy it from here: ${button.dataset.copy}`;
  document.dispatchEvent(new CustomEvent("clipboard:toast", { detail: { text, kind: done ? "" : "error" } }));
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text); // only over HTTPS or on localhost
    return true;
  } catch {
    return false;
  }
}
