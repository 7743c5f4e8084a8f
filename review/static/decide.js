// Where a decision's form opens: the focus goes there, Esc and "cancel" put it away again.
const place = () => document.getElementById("decide-form");

// Opening a form claims the case: what the page tells of the claim is asked for anew.
function tellClaim(form) {
  const action = form.querySelector("form")?.getAttribute("action");
  if (!action || !document.getElementById("claim") || document.querySelector("#claim [data-renew]")) return;
  const path = action.replace(/\/decide\/.*$/, "/claim");
  window.htmx.ajax("POST", path, { target: "#claim", swap: "outerHTML", values: { do: "renew" } });
}

document.addEventListener("htmx:afterSwap", (event) => {
  const form = place();
  const target = event.detail.target;
  if (!form || !(form === target || form.contains(target) || target.matches("[data-keys-first]"))) return;
  const wanted = ["[autofocus]", "[role=alert]", ".decide-title"].map((each) => form.querySelector(each)).find(Boolean);
  wanted?.focus();
  form.scrollIntoView({ block: "nearest" });
  tellClaim(form);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-decide-close]")) return;
  place()?.replaceChildren();
  document.querySelector(".decide-deeds a")?.focus();
});
