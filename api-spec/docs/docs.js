// The page is complete without this: it adds the filter, makes tabs of samples, and folds the contents where there is little room.
const filter = document.getElementById("filter");
const status = document.getElementById("filter-status");
const contents = document.getElementById("contents");
const entries = [...document.querySelectorAll("main .entry")].map((entry) => ({
  entry,
  text: entry.textContent.toLowerCase().replace(/\s+/g, " "),
  link: document.querySelector(`nav a[href="#${entry.id}"]`)?.closest("li"),
}));
const sections = [...document.querySelectorAll("main section"), ...document.querySelectorAll("nav .group")];

// --- the filter

/** Opens the folded answers that have what is looked for, and folds them again afterwards. */
function unfold(entry, words) {
  for (const details of entry.querySelectorAll("details")) {
    const text = words.length ? details.textContent.toLowerCase() : "";
    const hit = words.some((word) => text.includes(word));
    if (hit && !details.open) {
      details.open = true;
      details.dataset.unfolded = "";
    } else if (!hit && "unfolded" in details.dataset) {
      details.open = false;
      delete details.dataset.unfolded;
    }
  }
}

function apply() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { entry, text, link } of entries) {
    const hit = words.every((word) => text.includes(word));
    entry.hidden = !hit;
    if (link) link.hidden = !hit;
    if (hit) shown++;
    unfold(entry, hit ? words : []);
  }
  for (const section of sections) {
    section.hidden = section.querySelector(".entry:not([hidden]), nav li:not([hidden])") === null;
  }
  status.textContent = words.length ? `${shown} of ${entries.length} entries` : "";
}

document.getElementById("search").hidden = false;
filter.addEventListener("input", apply);
// "/" goes to the filter, as elsewhere; not while something is being written.
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== filter) {
    event.preventDefault();
    filter.focus();
  }
});

// --- the contents

const wide = matchMedia("(min-width: 48.01rem)");
const fold = () => {
  contents.open = wide.matches;
};
wide.addEventListener("change", fold);
fold();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  const target = link?.hash.slice(1);
  // A link may lead to an entry that the filter hides.
  if (target && document.getElementById(target)?.closest("[hidden]")) {
    filter.value = "";
    apply();
  }
  if (link && contents.contains(link) && !wide.matches) contents.open = false;
});

// --- tabs: the pattern of the ARIA Authoring Practices. A language chosen is chosen everywhere.

const choices = [];

function choose(language) {
  for (const { tabs, panels } of choices) {
    // Not every group has every language.
    if (!panels.some((panel) => panel.dataset.language === language)) continue;
    for (const [i, panel] of panels.entries()) {
      const chosen = panel.dataset.language === language;
      panel.hidden = !chosen;
      tabs[i].setAttribute("aria-selected", String(chosen));
      tabs[i].tabIndex = chosen ? 0 : -1;
    }
  }
}

/** Chooses, and keeps the tab where it is on the screen while other groups grow and shrink. */
function chooseAt(tab) {
  const before = tab.getBoundingClientRect().top;
  choose(tab.textContent);
  scrollBy(0, tab.getBoundingClientRect().top - before);
  tab.focus({ preventScroll: true });
}

for (const [number, group] of document.querySelectorAll(".samples").entries()) {
  const panels = [...group.querySelectorAll(".sample")];
  if (panels.length < 2) continue;
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", "Language of the example");
  const tabs = panels.map((panel, i) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${number}-${i}`;
    tab.textContent = panel.dataset.language;
    tab.setAttribute("role", "tab");
    panel.id = `sample-${number}-${i}`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.querySelector(".language").hidden = true;
    tab.addEventListener("click", () => chooseAt(tab));
    return tab;
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    chooseAt(tabs.at(to % tabs.length));
  });
  list.append(...tabs);
  group.prepend(list);
  choices.push({ tabs, panels });
  // Groups without the first language still show one.
  choose(panels[0].dataset.language);
}
choose("curl");
