// The keyboard of every page. `data-key="a"` on a link, a button or a field acts when `a` is pressed; `data-key="g q"` when
// g and then q are. Within an open form (`data-keys-first`) its own keys come first, so that the same key twice opens a
// decision and enters it. Keys pressed while a form is on its way wait for it. `?` opens the help sheet, which lists what
// has a `data-key-help`. Single keys can be switched off (WCAG 2.1.4).
const SWITCH = "kanit-keys-off";
const ACTS = "a, button, input, select, textarea, summary";
const TYPES = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
const NAMES = { Escape: "Esc" };

const sheet = document.getElementById("keys");
const opener = document.getElementById("keys-open");
const toggle = document.getElementById("keys-on");
let begun = "";
let loading = false;
let kept = null;

const isOn = () => localStorage.getItem(SWITCH) === null;
const nameOf = (event) => (event.key.length === 1 ? event.key.toLocaleLowerCase(document.documentElement.lang) : event.key);
const isSeen = (element) => !element.disabled && element.checkVisibility();

function offered(root) {
  return [...root.querySelectorAll("[data-key]")].filter((element) => element.matches(ACTS) && isSeen(element));
}

function layers() {
  const forms = [...document.querySelectorAll("[data-keys-first]")].filter(isSeen);
  return [...forms.reverse(), document];
}

function find(keys) {
  for (const root of layers()) {
    const here = offered(root);
    const found = here.find((element) => element.dataset.key === keys);
    if (found) return found;
    if (here.some((element) => element.dataset.key.startsWith(`${keys} `))) return null;
  }
  return undefined;
}

function act(element) {
  if (element.matches(TYPES)) element.focus();
  else element.click();
}

// True where the key was one of ours. An unfinished sequence gives way to a key that begins anew.
function press(key) {
  const tries = begun ? [`${begun} ${key}`, key] : [key];
  begun = "";
  for (const keys of tries) {
    const found = find(keys);
    if (found === undefined) continue;
    if (found) act(found);
    else begun = keys;
    return true;
  }
  return false;
}

function send(form) {
  const main = form.querySelector("button.main, button.danger, button:not([type=button])");
  form.requestSubmit(main ?? undefined);
}

function onKey(event) {
  if (event.isComposing || event.defaultPrevented) return;
  const field = event.target.closest?.(TYPES);
  if (event.key === "Enter" && event.ctrlKey && field?.form?.method === "post") {
    event.preventDefault();
    send(field.form);
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  if (event.key === "?") {
    event.preventDefault();
    if (sheet.open) sheet.close();
    else open();
    return;
  }
  if (sheet.open || !isOn()) return;
  if (loading) {
    kept = event.key.length === 1 || event.key === "Escape" ? nameOf(event) : null;
    return;
  }
  const own = event.key === "Enter" && event.target.closest?.("a, button, summary");
  if (!own && press(nameOf(event))) event.preventDefault();
}

function row(keys, help) {
  const line = document.createElement("div");
  const [first, second] = [document.createElement("dt"), document.createElement("dd")];
  for (const key of keys.split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = NAMES[key] ?? key;
    first.append(cap, " ");
  }
  second.textContent = help;
  line.append(first, second);
  return line;
}

function open() {
  const told = new Map();
  for (const root of layers()) {
    const before = new Set([...told.values()].map(([keys]) => keys)); // what an open form takes for itself
    for (const element of root.querySelectorAll("[data-key-help]")) {
      const { key, keyHelp } = element.dataset;
      if (before.has(key) || (element.matches(ACTS) && !isSeen(element))) continue;
      told.set(`${key}\n${keyHelp}`, [key, keyHelp]);
    }
  }
  document.getElementById("keys-here").replaceChildren(...[...told.values()].map(([keys, help]) => row(keys, help)));
  toggle.checked = isOn();
  sheet.showModal();
}

function settled() {
  loading = false;
  const key = kept;
  kept = null;
  if (key && (key === "Escape" || !document.activeElement?.matches(TYPES))) press(key);
}

opener.hidden = false;
opener.addEventListener("click", open);
toggle.addEventListener("change", () => {
  if (toggle.checked) localStorage.removeItem(SWITCH);
  else localStorage.setItem(SWITCH, "1");
});
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-key], form:has([data-key])")) loading = true;
});
for (const name of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => loading && settled());
}
