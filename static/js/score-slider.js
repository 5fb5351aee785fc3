// Two thumbs over the drawing of how scores are spread; the typed numbers and the thumbs are one.
// [data-score-slider] holds two ranges (data-thumb="min" and "max"), two numbers and the drawing.
const parts = (slider) => ({
  thumbs: [...slider.querySelectorAll("[data-thumb]")],
  numbers: [...slider.querySelectorAll("input[type=number]")],
  bars: [...slider.querySelectorAll("rect")],
});

function colour({ thumbs: [least, most], bars }) {
  const width = 100 / bars.length;
  bars.forEach((bar, index) => {
    bar.classList.toggle("is-in", (index + 1) * width > Number(least.value) && index * width <= Number(most.value));
  });
}

function moved(slider, thumb) {
  const { thumbs: [least, most], numbers } = parts(slider);
  if (Number(least.value) > Number(most.value)) thumb.value = thumb === least ? most.value : least.value;
  numbers[0].value = least.value === "0" ? "" : least.value;
  numbers[1].value = most.value === "100" ? "" : most.value;
  colour(parts(slider));
}

function typed(slider) {
  const { thumbs, numbers } = parts(slider);
  thumbs[0].value = numbers[0].value || 0;
  thumbs[1].value = numbers[1].value || 100;
  colour(parts(slider));
}

document.addEventListener("input", ({ target }) => {
  const slider = target.closest("[data-score-slider]");
  if (!slider) return;
  if (target.dataset.thumb) moved(slider, target);
  else typed(slider);
});

document.addEventListener("clipboard:filters", () => {
  for (const slider of document.querySelectorAll("[data-score-slider]")) typed(slider);
});
