// Uploads go on after a reload without asking for their file again: under an upload's address the
// browser keeps a handle of the file (never its bytes) or, where it has none, a small file itself.
// Only what the server lists for this person and team is looked up. Without it, upload.js asks.
const SMALL = 200e6; // bytes that may be copied into the browser's store
const KEEP = 7 * 24 * 3600e3; // ms
const section = document.getElementById("uploads");
const handles = new Map(); // what a file looks like → its handle
const offered = new Map(); // row → what is kept of its file, until somebody says go on
const claims = new Map(); // address → gives it back to other tabs
let gathering = Promise.resolve();
let opened = null;

if (section && navigator.locks && window.indexedDB) start();

function start() {
  document.addEventListener("drop", (event) => {
    if (event.dataTransfer) gather([...event.dataTransfer.items].map((item) => item.getAsFileSystemHandle?.()));
  });
  document.addEventListener("click", pick);
  section.addEventListener("click", (event) => {
    if (event.target.matches("[data-continue]")) permit(event.target.closest(".upload"));
  });
  section.addEventListener("clipboard:upload-begun", ({ detail }) => keep(detail).catch(() => {}));
  section.addEventListener("clipboard:upload-paused", ({ detail }) => pause(detail).catch(() => {}));
  section.addEventListener("clipboard:upload-ended", ({ detail }) => forget(detail).catch(() => {}));
  tidy().catch(() => {});
  for (const row of section.querySelectorAll(".upload[data-address]")) find(row).catch(() => {});
}

// --- While files come in ---------------------------------------------------------------------------

// The browser's own picker gives handles, which an <input type=file> does not.
async function pick(event) {
  const input = event.target;
  if (input.id !== "source-file" || !window.showOpenFilePicker || input.dataset.plain) return;
  event.preventDefault();
  const [type, ...endings] = input.accept.split(",");
  const types = [{ description: "Recordings", accept: { [type]: endings } }];
  try {
    const picked = await showOpenFilePicker({ multiple: true, types });
    gather(picked);
    const files = await Promise.all(picked.map((handle) => handle.getFile()));
    section.dispatchEvent(new CustomEvent("clipboard:files", { detail: { files } }));
  } catch (error) {
    if (error.name === "AbortError") return;
    input.dataset.plain = "";
    input.click();
  }
}

function gather(coming) {
  gathering = Promise.all([gathering, ...coming.map(async (handle) => note(await handle))]).catch(() => {});
}

async function note(handle) {
  if (handle?.kind === "file") handles.set(likeness(await handle.getFile()), handle);
  if (handle?.kind === "directory") for await (const inside of handle.values()) await note(inside);
}

const likeness = (file) => `${file.name} ${file.size} ${file.lastModified}`;

async function keep({ address, file }) {
  if (!claims.has(address)) claim(address);
  await gathering;
  const kept = handles.get(likeness(file)) ?? (file.size <= SMALL ? file : null);
  if (kept) await shelf("readwrite", (files) => files.put({ kept, like: likeness(file), at: Date.now() }, address));
}

async function pause({ address }) {
  const record = await shelf("readonly", (files) => files.get(address));
  if (record) await shelf("readwrite", (files) => files.put({ ...record, paused: true }, address));
}

async function forget({ address }) {
  claims.get(address)?.();
  await gathering; // or what comes in late would stay
  await shelf("readwrite", (files) => files.delete(address));
}

// --- After a reload --------------------------------------------------------------------------------

async function find(row) {
  const { address } = row.dataset;
  let record = await shelf("readonly", (files) => files.get(address));
  if (!record) return;
  if (!(await claim(address, { ifAvailable: true }))) {
    row.querySelector(".upload__says").textContent = "Another tab is sending this.";
    await claim(address);
    record = await shelf("readonly", (files) => files.get(address));
    if (!record) return ended(row);
  }
  if (row.dataset.state === "stopped") await go(row, record);
}

function ended(row) {
  row.remove();
  document.body.dispatchEvent(new CustomEvent("clipboard:sources"));
}

async function go(row, record) {
  const permission = await record.kept.queryPermission?.({ mode: "read" });
  if (record.paused || (permission && permission !== "granted")) return offer(row, record);
  offered.delete(row);
  row.querySelector("[data-continue]")?.remove();
  const file = record.kept.getFile ? await record.kept.getFile().catch(() => null) : record.kept;
  const choose = row.querySelector("[data-upload=choose]");
  if (choose) choose.hidden = false;
  // Bytes of another version behind those that are there would make a broken recording.
  if (!file || likeness(file) !== record.like) return forget(row.dataset);
  row.dispatchEvent(new CustomEvent("clipboard:upload-found", { bubbles: true, detail: { file } }));
}

function offer(row, record) {
  offered.set(row, record);
  if (row.querySelector("[data-continue]")) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Continue" });
  button.dataset.continue = "";
  row.querySelector("[data-upload=choose]").before(button);
  row.querySelector("[data-upload=choose]").hidden = true;
  const line = row.querySelector(".upload__says");
  line.textContent = `${line.textContent.split(". ")[0]}. Continue to go on from there.`;
}

// Browsers ask once for all files; what is allowed with this one goes on too.
async function permit(row) {
  const record = offered.get(row);
  record.paused = false;
  const permission = await record.kept.requestPermission?.({ mode: "read" });
  if (permission && permission !== "granted") return;
  for (const [other, its] of [...offered]) go(other, its).catch(() => {});
}

// --- Where it is kept ------------------------------------------------------------------------------

// One tab sends; a tab that is gone has given back what it claimed.
function claim(address, options = {}) {
  return new Promise((told) => {
    navigator.locks.request(`upload ${address}`, options, (lock) => {
      told(Boolean(lock));
      return lock && new Promise((free) => claims.set(address, free));
    });
  });
}

async function tidy() {
  const old = (record) => record.at < Date.now() - KEEP;
  const [keys, records] = await Promise.all([
    shelf("readonly", (files) => files.getAllKeys()),
    shelf("readonly", (files) => files.getAll()),
  ]);
  for (const [index, key] of keys.entries()) {
    if (old(records[index])) await shelf("readwrite", (files) => files.delete(key));
  }
}

async function shelf(mode, act) {
  opened ??= open();
  const deal = (await opened).transaction("files", mode);
  const asked = act(deal.objectStore("files"));
  return new Promise((done, failed) => {
    deal.oncomplete = () => done(asked.result);
    deal.onabort = () => failed(deal.error);
  });
}

function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("uploads", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("files");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}
