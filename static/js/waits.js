// A page on which something is being made ([data-waits]) is shown anew when its address says more, not
// before: reloaded again and again, it would be read from its start each time.
const SECONDS = 10;

async function look() {
  const answer = await fetch(location.href).catch(() => null);
  const isBusy = !answer || answer.status >= 500;
  if (isBusy || (await answer.text()).includes("data-waits")) setTimeout(look, SECONDS * 1000);
  else location.reload();
}

if (document.querySelector("[data-waits]")) setTimeout(look, SECONDS * 1000);
