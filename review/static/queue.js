// The queue by keyboard, and small comforts that HTML has not got. Without this file everything can still be done.

const NARROW = matchMedia("(max-width: 68rem)");
const folded = new Map();

document.documentElement.classList.add("live");

// On a narrow page the cases come first: what narrows them is folded until somebody unfolds it.
function arrange() {
  for (const part of document.querySelectorAll("#queue details[id]")) {
    if (folded.has(part.id)) part.open = folded.get(part.id);
    else if (NARROW.matches) part.open = false;
    part.addEventListener("toggle", () => folded.set(part.id, part.open));
  }
  const all = document.querySelector("#all");
  if (all) all.hidden = boxes().length === 0;
  count();
}

const boxes = () => [...document.querySelectorAll("#cases input[name=case]")];

function count() {
  const bulk = document.querySelector("#bulk");
  if (!bulk) return;
  const chosen = boxes().filter((box) => box.checked).length;
  bulk.dataset.label ??= bulk.textContent;
  bulk.textContent = chosen ? `${bulk.dataset.label} (${chosen})` : bulk.dataset.label;
}

document.addEventListener("change", (event) => {
  if (event.target.id === "all") for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest("#cases")) count();
});

function step(by) {
  const links = [...document.querySelectorAll("#cases a.open")];
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = links[here < 0 ? 0 : Math.min(Math.max(here + by, 0), links.length - 1)];
  next?.focus();
  next?.closest("tr").scrollIntoView({ block: "nearest" });
}

const inLine = (what) => document.activeElement?.closest("#cases tr")?.querySelector(what);

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  c: () => inLine(".mark button")?.click(),
  x: () => inLine("input[name=case]")?.click(),
};

// `keys.js` acts on keys that are always of the same element; these depend on the line where the focus is.
document.addEventListener("keydown", (event) => {
  if (localStorage.getItem("kanit-keys-off") !== null) return;
  const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const deed = document.querySelector("#queue") && KEYS[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "queue" || event.detail.elt.id === "queue") arrange();
});
arrange();
