// What every page needs: the focus goes where something was told, and a session lasts while somebody writes.

const EVERY = 5 * 60 * 1000; // milliseconds; sessions end after half an hour without a request

function tell(text) {
  const told = document.createElement("p");
  told.className = "notice bad";
  told.setAttribute("role", "alert");
  told.textContent = text;
  document.getElementById("notices").replaceChildren(told);
}

let asked = Date.now();

async function keepAlive() {
  if (Date.now() - asked < EVERY) return;
  asked = Date.now();
  const answer = await fetch("/alive", { redirect: "manual" }).catch(() => null); // null: the network is away
  if (answer && answer.status !== 204) tell(document.body.dataset.ended);
}

if (document.body.dataset.ended) {
  document.addEventListener("input", keepAlive);
  document.addEventListener("keydown", keepAlive);
}

document.addEventListener("htmx:afterSwap", (event) => {
  const told = event.detail.target.querySelector?.("[role=alert]");
  if (told) {
    told.tabIndex = -1;
    told.focus();
  }
});

// On a narrow page the places scroll sideways: the one that is open is shown.
document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
