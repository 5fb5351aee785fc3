// A group of an order's choices opens as soon as something chosen elsewhere makes it needed:
// <details data-needed-with="field=value field=other">
document.addEventListener("change", ({ target }) => {
  for (const group of target.closest(".order__line")?.querySelectorAll("[data-needed-with]") ?? []) {
    group.open ||= group.dataset.neededWith.split(" ").includes(`${target.name}=${target.value}`);
  }
});
