// The line on the recording's waveform that shows where the player is.
document.addEventListener("clipboard:time", (event) => {
  const wave = event.target.closest("[data-clip]")?.querySelector("[data-wave]");
  if (!wave) return;
  const x = (Number(wave.dataset.start) + event.detail.time) * Number(wave.dataset.scale);
  wave.querySelector("[data-wave-now]").setAttribute("transform", `translate(${x.toFixed(3)} 0)`);
});
