// The page is complete without this: it only adds the filter.
const filter = document.getElementById("filter");
const status = document.getElementById("filter-status");
const entries = [...document.querySelectorAll("main .entry")].map((entry) => ({
  entry,
  text: entry.textContent.toLowerCase(),
  link: document.querySelector(`nav a[href="#${entry.id}"]`)?.closest("li"),
}));

function apply() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { entry, text, link } of entries) {
    const hit = words.every((word) => text.includes(word));
    entry.hidden = !hit;
    if (link) link.hidden = !hit;
    if (hit) shown++;
  }
  status.textContent = words.length ? `${shown} of ${entries.length} entries` : "";
}

document.getElementById("search").hidden = false;
filter.addEventListener("input", apply);
// A link may lead to an entry that the filter hides.
document.addEventListener("click", (event) => {
  const target = event.target.closest?.('a[href^="#"]')?.hash.slice(1);
  if (target && document.getElementById(target)?.closest("[hidden]")) {
    filter.value = "";
    apply();
  }
});
// "/" goes to the filter, as elsewhere; not while something is being written.
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== filter) {
    event.preventDefault();
    filter.focus();
  }
});
