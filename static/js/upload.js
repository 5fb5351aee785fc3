// Resumable uploads (tus): files chosen, dropped anywhere on the page or pasted. What has stopped is
// listed by the server; the same file, found by name and size, goes on where it was. Where the
// browser can keep hold of it, upload-reload.js gives it back by itself.
const AT_ONCE = 3;
const PIECE = 16 * 1024 * 1024;
const PAUSES = [0, 1000, 3000, 5000, 10000, 20000, 30000];
const BUTTONS = { paused: ["resume", "Continue"], lost: ["resume", "Continue"], "signed-out": ["sign-in", "Sign in"] };
const section = document.getElementById("uploads");
const uploads = new Map(); // row → {file, client, state, ...}
let client = null;

if (section) start();

function start() {
  section.hidden = false;
  document.addEventListener("change", (event) => {
    if (event.target.id !== "source-file") return;
    add([...event.target.files]);
    event.target.value = "";
  });
  section.addEventListener("click", (event) => {
    const button = event.target.closest("[data-upload]");
    if (button) actions[button.dataset.upload](button.closest(".upload"));
  });
  section.addEventListener("clipboard:files", (event) => add(event.detail.files));
  section.addEventListener("clipboard:upload-found", (event) => goOnWith(event.target, event.detail.file));
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => dragging(event, name));
  }
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) add([...event.clipboardData.files]);
  });
  for (const name of ["online", "clipboard:online"]) {
    (name === "online" ? window : document).addEventListener(name, goOn);
  }
  addEventListener("beforeunload", (event) => {
    if ([...uploads.values()].some((one) => one.state === "sending")) event.preventDefault();
  });
}

function dragging(event, name) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const over = name === "dragenter" || name === "dragover";
  if (over || name === "drop" || event.relatedTarget === null) document.getElementById("drop").hidden = !over;
  if (name === "drop") filesOf(event.dataTransfer).then(add);
}

// Folders too, with what is in them.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? (await Promise.all(entries.map(inside))).flat() : [...transfer.files];
}

async function inside(entry) {
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return (await Promise.all(found.map(inside))).flat();
    found.push(...some.filter((one) => !one.name.startsWith(".")));
  }
}

async function add(files) {
  for (const file of files) {
    const row = matching(file) ?? newRow(file);
    const known = uploads.get(row);
    if (known && known.state !== "failed") continue;
    if (!file.size) says(row, "failed", "This file is empty; choose another one.");
    else if (file.size > section.dataset.most * 1e9) says(row, "failed", `This file is larger than ${section.dataset.most} GB.`);
    else uploads.set(row, { file, row, state: "waiting", at: null, speed: 0 });
  }
  await begin();
}

function goOnWith(row, file) {
  if (uploads.has(row)) return;
  uploads.set(row, { file, row, state: "waiting", at: null, speed: 0 });
  begin();
}

async function begin() {
  for (const one of uploads.values()) if (one.state === "waiting") says(one.row, "waiting", "Waiting for its turn");
  client ??= load(section.dataset.client);
  if (await client) return next();
  client = null;
  for (const one of uploads.values()) if (one.state === "waiting") wait(one);
}

// True once the script is there.
function load(address) {
  return new Promise((told) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => told(true);
    script.onerror = () => told(false);
    document.head.append(script);
  });
}

function matching(file) {
  return [...section.querySelectorAll(".upload")].find(
    (row) => row.dataset.name === file.name && Number(row.dataset.size) === file.size,
  );
}

function newRow(file) {
  const row = section.querySelector("template").content.firstElementChild.cloneNode(true);
  Object.assign(row.dataset, { name: file.name, size: file.size });
  row.querySelector(".upload__name").textContent = file.name;
  row.querySelector("progress").setAttribute("aria-label", file.name);
  section.querySelector("ul").append(row);
  return row;
}

function next() {
  if (!window.tus) return;
  const all = [...uploads.values()];
  let free = AT_ONCE - all.filter((one) => one.state === "sending").length;
  for (const one of all) if (one.state === "waiting" && free-- > 0) send(one);
}

function send(one) {
  one.client ??= new tus.Upload(one.file, {
    endpoint: section.dataset.create,
    uploadUrl: one.row.dataset.address ?? null,
    headers: JSON.parse(document.body.getAttribute("hx-headers")),
    metadata: { filename: one.file.name, filetype: one.file.type, options: chosenOptions() },
    chunkSize: PIECE,
    retryDelays: PAUSES,
    storeFingerprintForResuming: false, // the server lists what has stopped, in every browser
    onShouldRetry: (error) => retrying(one, error),
    onUploadUrlAvailable: () => {
      one.row.dataset.address = new URL(one.client.url, location).pathname;
      tell("begun", one.row, one.file);
    },
    onProgress: (sent, size) => progress(one, sent, size),
    onSuccess: () => done(one),
    onError: (error) => stopped(one, error),
  });
  one.at = null;
  says(one.row, "sending", "Starting");
  one.state = "sending";
  one.client.start();
}

// For upload-reload.js: an upload has begun, is paused, or has ended for good.
function tell(what, row, file) {
  const { address } = row.dataset;
  if (address) section.dispatchEvent(new CustomEvent(`clipboard:upload-${what}`, { detail: { address, file } }));
}

function chosenOptions() {
  const chosen = new FormData(document.getElementById("source-form"));
  for (const name of ["csrfmiddlewaretoken", "file", "url"]) chosen.delete(name);
  return new URLSearchParams(chosen).toString();
}

const status = (error) => error.originalResponse?.getStatus() ?? 0;
const passes = (error) => [0, 409, 423].includes(status(error)) || (status(error) >= 500 && status(error) !== 507);

function retrying(one, error) {
  if (!passes(error)) return false;
  one.at = null;
  if (!status(error)) says(one.row, "retrying", "No connection. Trying again; what has arrived is kept.");
  return true;
}

function progress(one, sent, size) {
  const now = performance.now();
  one.row.querySelector("progress").value = sent / size;
  if (!one.at) one.at = { now, sent };
  const passed = (now - one.at.now) / 1000;
  if (passed < 0.5) return;
  const speed = (sent - one.at.sent) / passed;
  one.speed = one.speed ? one.speed * 0.7 + speed * 0.3 : speed;
  one.at = { now, sent };
  const left = one.speed ? (size - sent) / one.speed : Infinity;
  says(one.row, "sending", `${Math.floor((sent / size) * 100)}% of ${bytes(size)} · ${bytes(one.speed)}/s${left < 360000 ? ` · ${clock(left)} left` : ""}`);
}

function done(one) {
  tell("ended", one.row);
  uploads.delete(one.row);
  one.row.remove();
  document.body.dispatchEvent(new CustomEvent("clipboard:sources"));
  next();
}

function stopped(one, error) {
  if (passes(error)) wait(one);
  else {
    one.state = "failed";
    if (status(error) === 401) return signedOut(one, error);
    const words = error.originalResponse?.getBody() ?? "";
    const gone = status(error) === 404 || status(error) === 410;
    if (gone) tell("ended", one.row);
    if (gone) delete one.row.dataset.address;
    if (gone) one.client = null;
    const plain = words && words.length < 200 && !words.includes("<") ? words : "The server did not take it. Reload the page; what has arrived is kept.";
    says(one.row, "failed", plain);
  }
  next();
}

function wait(one) {
  one.state = "lost";
  says(one.row, "lost", "The connection is gone. It goes on by itself as soon as it is back.");
  setTimeout(goOn, 15000);
}

function signedOut(one, error) {
  says(one.row, "signed-out", error.originalResponse.getBody() || "You are signed out. Sign in again; the upload goes on afterwards.");
}

function goOn() {
  const lost = [...uploads.values()].filter((one) => one.state === "lost");
  for (const one of lost) one.state = "waiting";
  if (lost.length) begin();
}

const actions = {
  pause(row) {
    const one = uploads.get(row);
    one.client?.abort();
    one.state = "paused";
    tell("paused", row);
    says(row, "paused", `Paused. ${row.querySelector("progress").value ? "It goes on from here." : ""}`);
    next();
  },
  resume(row) {
    uploads.get(row).state = "waiting";
    begin();
  },
  "sign-in"() {
    location.reload(); // leads to the sign-in page and back
  },
  choose(row) {
    const input = Object.assign(document.createElement("input"), { type: "file" });
    input.addEventListener("change", () => {
      const [file] = input.files;
      if (matching(file) === row) return add([file]);
      toast(`That is another file. Choose “${row.dataset.name}”, or give this upload up.`);
    });
    input.click();
  },
  async cancel(row) {
    const one = uploads.get(row);
    one?.client?.abort();
    tell("ended", row);
    uploads.delete(row);
    row.remove();
    next();
    if (!row.dataset.address) return;
    const headers = { "Tus-Resumable": "1.0.0", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await fetch(row.dataset.address, { method: "DELETE", headers }).catch(() => null);
    if (!answer) toast("The server cannot be reached; the upload is forgotten by itself in a while.");
  },
};

function says(row, state, words) {
  row.dataset.state = state;
  const line = row.querySelector(".upload__says");
  if (line.textContent !== words) line.textContent = words;
  const button = row.querySelector("[data-upload]:not([data-upload=cancel])");
  const [does, label] = BUTTONS[state] ?? ["pause", "Pause"];
  button.hidden = state === "failed";
  button.dataset.upload = does;
  button.textContent = label;
}

function toast(text) {
  document.dispatchEvent(new CustomEvent("clipboard:toast", { detail: { text } }));
}

function bytes(number) {
  const unit = number < 1e6 ? ["kB", 1e3] : number < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  const value = number / unit[1];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit[0]}`;
}

function clock(seconds) {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
