// The case page: zoom, turn and walk through a paper, jump between findings and their places, keep the claim alive.
// Without this file every link still leads to its page, and every button that needs it stays hidden. Keys are pressed by
// keys.js, which knows buttons by their `data-key`.

const SCALE = 1.25;
const LEAST = 0.5;
const MOST = 5;
const RENEW_EVERY = 4 * 60 * 1000;
const ACTIVE_WITHIN = 10 * 60 * 1000;

const view = { zoom: 1, turns: 0, finding: -1 };
let acted = Date.now();
let renewed = Date.now();

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const paper = () => one("#paper");
const leaves = () => one(".leaves");

// --- the paper -------------------------------------------------------------------------------------------------------

function lay() {
  const pane = leaves();
  if (!pane) return;
  pane.style.setProperty("--zoom", view.zoom);
  for (const turn of all(".turn", pane)) layTurned(turn);
}

function layTurned(turn) {
  const { width, height } = sizeOf(turn);
  const leaf = turn.parentElement;
  const sideways = view.turns % 2 === 1;
  leaf.style.aspectRatio = view.turns ? `${sideways ? height / width : width / height}` : "";
  turn.style.position = view.turns ? "absolute" : "";
  turn.style.top = turn.style.left = "0";
  turn.style.width = sideways ? `${(100 * width) / height}%` : "100%";
  turn.style.transformOrigin = "0 0";
  turn.style.transform = ["", "rotate(90deg) translateY(-100%)", "rotate(180deg) translate(-100%, -100%)", "rotate(270deg) translateX(-100%)"][view.turns];
}

function sizeOf(turn) {
  return { width: Number(turn.dataset.width), height: Number(turn.dataset.height) };
}

function zoomTo(zoom) {
  const pane = leaves();
  if (!pane) return;
  const seen = pane.scrollTop / pane.scrollHeight;
  view.zoom = Math.min(MOST, Math.max(LEAST, zoom));
  lay();
  pane.scrollTop = seen * pane.scrollHeight;
}

function wholePage() {
  const pane = leaves();
  const turn = pane && one(".turn", pane);
  if (!turn) return;
  const { width, height } = sizeOf(turn);
  const ratio = view.turns % 2 ? width / height : height / width;
  zoomTo(pane.clientHeight / (pane.clientWidth * ratio));
}

function currentLeaf() {
  const pane = leaves();
  const middle = pane.getBoundingClientRect().top + pane.clientHeight / 3;
  return all(".leaf", pane).findLast((leaf) => leaf.getBoundingClientRect().top <= middle) ?? one(".leaf", pane);
}

function turnTo(leaf) {
  const pane = leaves();
  if (leaf) pane.scrollTop += leaf.getBoundingClientRect().top - pane.getBoundingClientRect().top;
}

function showPageNumber() {
  const leaf = leaves() && currentLeaf();
  if (!leaf) return;
  const number = one("[data-page-now]");
  if (number) number.textContent = leaf.dataset.page;
  for (const link of all(".strip a")) {
    if (link.dataset.page === leaf.dataset.page) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// --- findings and places ---------------------------------------------------------------------------------------------

function flash(element) {
  element.classList.remove("flash");
  element.getBoundingClientRect(); // so that the animation begins anew
  element.classList.add("flash");
  element.addEventListener("animationend", () => element.classList.remove("flash"), { once: true });
}

function tell(text) {
  const place = one("[data-told-here]");
  if (place) place.textContent = text;
}

function markOf({ finding, place, page }) {
  const leaf = page ? one(`#page-${page}`) : leaves();
  const marks = leaf ? all(".mark", leaf) : [];
  if (finding !== undefined) return marks.find((mark) => (mark.dataset.findings ?? "").split(" ").includes(finding));
  return marks.find((mark) => mark.dataset.place === place);
}

// Show a place in the middle of the pane, marked until another one is shown.
function point(target) {
  for (const mark of all(".mark.pointed")) mark.classList.remove("pointed");
  const mark = markOf(target);
  if (!mark) {
    turnTo(one(`#page-${target.page}`));
    return;
  }
  mark.classList.add("pointed");
  const pane = leaves();
  const box = mark.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  pane.scrollBy(box.left - frame.left - (frame.width - box.width) / 2, box.top - frame.top - (frame.height - box.height) / 2);
  flash(mark);
  tell(mark.dataset.told);
}

async function open(target) {
  if (paper()?.dataset.open !== target.document) {
    const other = all(".tabs a").find((tab) => tab.getAttribute("href").includes(`?document=${target.document}#`));
    if (!other) return false;
    await window.htmx.ajax("GET", other.getAttribute("hx-get"), { target: "#paper", swap: "outerHTML" });
  }
  if (one(".case-paper") && getComputedStyle(paper()).position !== "sticky") paper().scrollIntoView({ block: "start" });
  if (target.page) point(target);
  return true;
}

function showQuestion(number) {
  const question = one(`#question-${number}`);
  if (!question) return;
  for (let hidden = question.closest("details"); hidden; hidden = hidden.parentElement.closest("details")) hidden.open = true;
  question.scrollIntoView({ block: "center" });
  flash(question);
}

function nextFinding() {
  const questions = all(".question[data-flags]");
  if (!questions.length) return;
  view.finding = (view.finding + 1) % questions.length;
  const question = questions[view.finding];
  showQuestion(question.id.slice("question-".length));
  open({ ...one("a.to-place", question).dataset });
}

// --- what officers do ------------------------------------------------------------------------------------------------

const ACTS = {
  next: () => turnTo(currentLeaf()?.nextElementSibling),
  previous: () => turnTo(currentLeaf()?.previousElementSibling),
  in: () => zoomTo(view.zoom * SCALE),
  out: () => zoomTo(view.zoom / SCALE),
  width: () => zoomTo(1),
  whole: wholePage,
  rotate: () => {
    const leaf = currentLeaf();
    view.turns = (view.turns + 1) % 4;
    lay();
    turnTo(leaf);
  },
  document: () => {
    const tabs = all(".tabs a");
    const here = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
    tabs[(here + 1) % tabs.length]?.click();
  },
  boxes: (input) => leaves().classList.toggle("no-boxes", !input.checked),
  finding: nextFinding,
};

document.addEventListener("click", (event) => {
  const actor = event.target.closest("[data-act]");
  if (actor) ACTS[actor.dataset.act]?.(actor);
  const mark = event.target.closest(".mark, .whole a");
  const link = event.target.closest("a.to-place, .strip a, .compared caption a");
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (mark) {
    event.preventDefault();
    if (mark.dataset.told) tell(mark.dataset.told);
    if (mark.dataset.findings) showQuestion(mark.dataset.findings.split(" ")[0]);
  } else if (link?.closest(".strip")) {
    event.preventDefault();
    turnTo(one(`#page-${link.dataset.page}`));
  } else if (link) {
    event.preventDefault();
    open({ ...link.dataset }).then((opened) => opened || window.location.assign(link.href));
  }
});

// --- the claim: renewed while somebody works here, not while a forgotten page stands open ---------------------------

for (const deed of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  document.addEventListener(deed, () => {
    acted = Date.now();
    renew();
  }, { passive: true });
}

function renew() {
  const claim = one("#claim [data-renew]");
  if (!claim || Date.now() - renewed < RENEW_EVERY || Date.now() - acted > ACTIVE_WITHIN) return;
  renewed = Date.now();
  window.htmx.trigger(claim, "renew");
}

setInterval(renew, 60 * 1000);

// --- beginning -------------------------------------------------------------------------------------------------------

function begin() {
  for (const tool of all(".needs-script")) tool.hidden = false;
  lay();
  leaves()?.addEventListener("scroll", showPageNumber, { passive: true });
  showPageNumber();
}

document.addEventListener("htmx:afterSwap", () => {
  if (one(".needs-script[hidden]")) begin();
});
begin();
const pointed = paper()?.dataset.pointed ?? one(".mark.block, .mark.review")?.dataset.findings.split(" ")[0];
if (pointed) point({ finding: pointed });
