"use strict";
for (const changes of document.querySelectorAll("section.changes")) {
  const form = changes.querySelector("form.filters");
  if (!form) continue;
  const groups = Array.from(changes.querySelectorAll(".group"), (group) => ({
    node: group,
    id: group.dataset.group,
    count: group.querySelector(".count"),
    entries: Array.from(group.querySelectorAll(".entry"), (node) => ({
      node,
      severities: node.dataset.severity.split(" "),
      text: null,
    })),
  }));
  const text = (entry) => (entry.text ??= entry.node.textContent.toLowerCase());
  const filter = () => {
    const data = new FormData(form);
    const words = data.get("search").toLowerCase().split(/\s+/).filter(Boolean);
    const section = data.get("section");
    const severities = new Set(data.getAll("severity"));
    let all = 0;
    for (const group of groups) {
      let shown = 0;
      for (const entry of group.entries) {
        const fits =
          (!section || section === group.id) &&
          entry.severities.some((severity) => severities.has(severity)) &&
          words.every((word) => text(entry).includes(word));
        entry.node.hidden = !fits;
        shown += fits;
      }
      group.node.hidden = shown === 0;
      group.count.textContent = shown;
      all += shown;
    }
    form.querySelector(".number").textContent = all;
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const all = event.target.dataset.all;
    if (!all) return;
    for (const item of changes.querySelectorAll("details.item:not([hidden])")) item.open = all === "open";
  });
  // A browser keeps what was typed when a page is loaded again.
  filter();
}
let opened = [];
addEventListener("beforeprint", () => {
  opened = Array.from(document.querySelectorAll("details:not([open]):not([hidden])"));
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
