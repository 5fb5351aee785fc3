// Hover scrubs: after a moment over [data-filmstrip="<sprite's address>"] the pointer's x picks a tile.
//   data-columns data-rows data-count       how the sprite is laid out
//   data-tile-width data-tile-height        pixels of one tile
//   data-interval                           seconds between tiles
//   data-start data-end                     seconds; only this part of the strip (default: all of it)
//   data-fit="contain"                      show the whole tile instead of filling the frame
//   data-focus="0.5"                        which x of the tile stays in the middle when it is cut
// The element must be positioned. Nothing is loaded before the hover, nothing stays after it.
const DELAY = 250;
let waiting = 0;
let shown = null;

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const frame = event.target.closest?.("[data-filmstrip]");
  if (!frame || frame === shown?.frame || frame.contains(event.relatedTarget)) return;
  enter(frame, event.clientX);
});

function enter(frame, x) {
  const at = { x };
  const follow = (move) => { at.x = move.clientX; if (shown?.frame === frame) show(at.x); };
  const leave = (out) => {
    if (frame.contains(out.relatedTarget)) return;
    clearTimeout(waiting);
    frame.removeEventListener("pointermove", follow);
    frame.removeEventListener("pointerout", leave);
    if (shown?.frame === frame) hide();
  };
  frame.addEventListener("pointermove", follow, { passive: true });
  frame.addEventListener("pointerout", leave);
  clearTimeout(waiting);
  waiting = setTimeout(() => load(frame, at), DELAY);
}

function load(frame, at) {
  const picture = new Image();
  picture.onload = () => {
    if (!frame.isConnected || !frame.matches(":hover") || !frame.dataset.filmstrip) return;
    hide();
    const tile = document.createElement("div");
    const bar = document.createElement("div");
    tile.className = "filmstrip";
    bar.className = "filmstrip__bar";
    tile.style.backgroundImage = `url("${picture.src}")`;
    frame.append(tile, bar);
    shown = { frame, tile, bar, ...layout(frame, tile) };
    show(at.x);
  };
  picture.src = frame.dataset.filmstrip;
}

function layout(frame, tile) {
  const data = frame.dataset;
  const number = (name, otherwise) => Number(data[name] ?? otherwise);
  const [columns, rows, count] = [number("columns", 1), number("rows", 1), number("count", 1)];
  const [width, height] = [number("tileWidth", 16), number("tileHeight", 9)];
  const interval = number("interval", 1);
  const [across, down] = [frame.clientWidth / width, frame.clientHeight / height];
  const scale = data.fit === "contain" ? Math.min(across, down) : Math.max(across, down);
  const spare = frame.clientWidth - width * scale;
  const centre = frame.clientWidth / 2 - number("focus", 0.5) * width * scale;
  const left = spare < 0 ? Math.min(0, Math.max(spare, centre)) : spare / 2;
  tile.style.width = `${width * scale}px`;
  tile.style.height = `${height * scale}px`;
  tile.style.left = `${left}px`;
  tile.style.top = `${(frame.clientHeight - height * scale) / 2}px`;
  tile.style.backgroundSize = `${columns * 100}% ${rows * 100}%`;
  const first = Math.min(count - 1, Math.floor(number("start", 0) / interval));
  const last = Math.min(count - 1, Math.max(first, Math.ceil(number("end", count * interval) / interval) - 1));
  return { columns, rows, first, last };
}

function show(x) {
  const { frame, tile, bar, columns, rows, first, last } = shown;
  const box = frame.getBoundingClientRect();
  const part = Math.min(0.9999, Math.max(0, (x - box.left) / box.width));
  const index = first + Math.floor(part * (last - first + 1));
  const across = columns > 1 ? (index % columns) / (columns - 1) : 0;
  const down = rows > 1 ? Math.floor(index / columns) / (rows - 1) : 0;
  tile.style.backgroundPosition = `${across * 100}% ${down * 100}%`;
  bar.style.transform = `scaleX(${part})`;
}

function hide() {
  shown?.tile.remove();
  shown?.bar.remove();
  shown = null;
}

// Where it is a first hover that has it fetched, it begins with that one.
const under = matchMedia("(hover: hover)").matches && document.querySelector("[data-filmstrip]:hover");
if (under) enter(under, 0);
