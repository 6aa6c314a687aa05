/* Suggestions while one types, after the pattern of a combobox with a list (WAI-ARIA Authoring Practices).
 *
 *   <input type="search" name="q" data-suggest="/suggest">
 *
 * The address answers as OpenSearch Suggestions 1.0: [typed, [names], [what they are], [addresses]]. The arrows
 * move through the list, Enter opens what is marked, Escape closes it; without a mark the form is sent as it is.
 */
(() => {
  "use strict";
  const WAIT = 120;
  let number = 0;

  for (const field of document.querySelectorAll("input[data-suggest]")) {
    const list = document.createElement("ul");
    list.className = "suggestions";
    list.id = `suggestions-${(number += 1)}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? "");
    list.hidden = true;
    field.after(list);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-controls", list.id);
    let marked = -1;
    let timer;
    let asking;

    const close = () => {
      list.hidden = true;
      marked = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };

    const mark = (place) => {
      const options = [...list.children];
      marked = place;
      options.forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
      if (place < 0) {
        field.removeAttribute("aria-activedescendant");
      } else {
        field.setAttribute("aria-activedescendant", options[place].id);
        options[place].scrollIntoView({ block: "nearest" });
      }
    };

    const show = ([, names, words, addresses]) => {
      list.replaceChildren(
        ...names.map((name, place) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${place}`;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.dataset.href = addresses[place];
          option.append(name, Object.assign(document.createElement("small"), { textContent: words[place] }));
          return option;
        }),
      );
      marked = -1;
      field.removeAttribute("aria-activedescendant");
      list.hidden = !names.length;
      field.setAttribute("aria-expanded", String(!list.hidden));
    };

    const ask = async () => {
      asking?.abort();
      const typed = field.value.trim();
      if (!typed) return close();
      asking = new AbortController();
      const url = new URL(field.dataset.suggest, document.baseURI);
      url.searchParams.set("q", typed);
      url.searchParams.set("lang", document.documentElement.lang.startsWith("en") ? "en" : "zh");
      try {
        const answer = await fetch(url, { signal: asking.signal });
        if (answer.ok && document.activeElement === field) show(await answer.json());
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    };

    field.addEventListener("input", (event) => {
      // What an input method is still composing is not yet what one means.
      if (event.isComposing) return;
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    field.addEventListener("compositionend", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const last = list.children.length - 1;
      if (event.key === "Escape" && !list.hidden) {
        close();
      } else if (event.key === "ArrowDown" && last >= 0) {
        if (list.hidden) {
          list.hidden = false;
          field.setAttribute("aria-expanded", "true");
        }
        mark(marked === last ? 0 : marked + 1);
      } else if (event.key === "ArrowUp" && !list.hidden) {
        mark(marked <= 0 ? last : marked - 1);
      } else if (event.key === "Enter" && !list.hidden && marked >= 0) {
        location.assign(list.children[marked].dataset.href);
      } else {
        return;
      }
      event.preventDefault();
    });
    // Before the field loses the focus, and the list with it.
    list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      event.preventDefault();
      location.assign(option.dataset.href);
    });
    field.addEventListener("blur", () => {
      clearTimeout(timer);
      close();
    });
  }
})();
