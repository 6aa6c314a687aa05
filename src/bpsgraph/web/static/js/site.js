// What every page can do better with a script: filter the rows of a table. Pages work without it.
"use strict";
for (const region of document.querySelectorAll("[data-filter]")) {
  const rows = [...region.querySelectorAll("tbody tr:not(.group)")];
  if (rows.length < 8) continue;
  const label = document.createElement("label");
  label.className = "filter";
  label.textContent = region.dataset.filter + " ";
  const field = document.createElement("input");
  field.type = "search";
  const count = document.createElement("output");
  label.append(field, " ", count);
  region.before(label);
  const say = (shown) => { count.textContent = shown === rows.length ? String(shown) : `${shown} / ${rows.length}`; };
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    say(shown);
  });
  say(rows.length);
}
