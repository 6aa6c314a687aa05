"use strict";
(() => {
  const form = document.querySelector("form.filter");
  const articles = [...document.querySelectorAll("article")];
  if (articles.length === 0) return;
  const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
  const texts = new Map();
  const text = (article) => {
    if (!texts.has(article)) {
      texts.set(article, folded(article.closest(".item").querySelector("h4").textContent + " " + article.textContent));
    }
    return texts.get(article);
  };
  const output = form.querySelector("output");
  const show = () => {
    const chosen = new FormData(form);
    const severities = new Set(chosen.getAll("severity"));
    const words = chosen.get("search").split(/\s+/).map(folded).filter(Boolean);
    const rule = chosen.get("rule");
    const item = chosen.get("item");
    let number = 0;
    for (const section of document.querySelectorAll(".item")) {
      const here = !item || section.dataset.item === item;
      let any = false;
      for (const article of section.querySelectorAll("article")) {
        const seen = here && severities.has(article.dataset.severity) && (!rule || article.dataset.rule === rule)
          && words.every((word) => text(article).includes(word));
        article.hidden = !seen;
        any = any || seen;
        number += seen ? 1 : 0;
      }
      section.hidden = !any;
    }
    output.textContent = output.dataset.words.replace("{number}", number).replace("{total}", articles.length);
  };
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show, 0));
  form.hidden = false;
  show();
})();
