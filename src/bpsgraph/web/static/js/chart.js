/* Charts that answer to the pointer, in place of the pictures that the server drew.
 *
 * `parts.figure` writes the picture and beside it the specification (Vega-Lite), whose id `data-chart` names:
 *
 *   {{ parts.figure(figure, 'floors') }}                 a `pages.tables.Figure`; gives
 *   <figure data-chart="floors-spec"><div class="scroll">...picture...</div>
 *     <script type="application/json" id="floors-spec">...</script></figure>
 *   {% block scripts %}{{ parts.chart_scripts() }}{% endblock %}
 *
 * `data-chart` may also be the address of a specification of this site: `data-chart="/queries/...?format=vega-lite"`.
 * The table of the same figures stands beside it, for those who read rather than look. Without script, and
 * where anything fails, the picture of the server stays. Vega is fetched when the first chart comes into sight.
 * Colours follow the page: `color` and `font-family` of the figure, light or dark (`prefers-color-scheme`, or
 * the attribute `data-theme` of <html>). Expressions are interpreted, never compiled, so that the policy
 * `script-src 'self'` holds; data from other sites is refused.
 *
 * The event `chart:change` on the figure, with {detail: specification or address}, draws it anew.
 */
(() => {
  "use strict";
  const vendor = new URL("../vendor/", document.currentScript.src);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = new Map();
  let engine;

  function script(name) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = new URL(name, vendor);
      element.onload = resolve;
      element.onerror = () => reject(new Error(`${name} could not be loaded`));
      document.head.append(element);
    });
  }

  function vegaLoaded() {
    engine ??= script("vega.min.js").then(() =>
      Promise.all([script("vega-lite.min.js"), script("vega-interpreter.js")]),
    );
    return engine;
  }

  async function specificationOf(figure, change) {
    if (change && typeof change === "object") return change;
    const address = change || figure.dataset.chart;
    const island = address ? document.getElementById(address) : figure.querySelector('script[type="application/json"]');
    if (island) return JSON.parse(island.textContent);
    const url = new URL(address, document.baseURI);
    if (url.origin !== location.origin) throw new Error("a chart is read from this site only");
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.json();
  }

  const isDark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : dark.matches;
  };

  /* The colours that the server draws with (answers/charts.py), by what they are for. */
  const INK = "#1d2326";
  const SOFT = "#566067";

  function themed(specification, figure) {
    const style = getComputedStyle(figure);
    const ink = style.color;
    const soft = style.getPropertyValue("--soft").trim() || ink;
    const marks = { [INK]: ink, [SOFT]: soft };
    const text = { labelColor: ink, titleColor: soft, labelFont: style.fontFamily, titleFont: style.fontFamily };
    const line = { gridColor: ink, gridOpacity: 0.15, domainColor: ink, domainOpacity: 0.5, tickColor: ink, tickOpacity: 0.3 };
    const given = specification.config ?? {};
    const copy = recoloured(specification, "", isDark() ? marks : {});
    copy.config = {
      ...given,
      aria: false,
      background: "transparent",
      font: style.fontFamily,
      title: { ...given.title, color: ink, subtitleColor: soft },
      axis: { ...given.axis, ...text, ...line },
      legend: { ...given.legend, ...text },
      header: { ...given.header, ...text },
    };
    delete copy.background;
    if (typeof copy.width === "number" && !copy.facet && !copy.hconcat && !copy.vconcat && !copy.concat) {
      copy.width = Math.max(260, figure.clientWidth - 24);
      copy.autosize = { type: "fit-x", contains: "padding" };
    }
    return copy;
  }

  /* Only marks and the ranges of scales: what the data says is data. */
  function recoloured(part, key, marks) {
    if (Array.isArray(part)) {
      if (key === "range") return part.map((colour) => (marks[INK] && colour === "#000000" ? marks[INK] : colour));
      return part.map((each) => recoloured(each, key, marks));
    }
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, value]) => {
        if (name === "data" || name === "datasets" || name === "config" || name === "usermeta") return [name, value];
        if (key === "mark" && ["color", "fill", "stroke"].includes(name)) return [name, marks[value] ?? value];
        return [name, recoloured(value, name, marks)];
      }),
    );
  }

  /* The words of a row, in a box of the page's own style beside the pointer. */
  function tooltip(handler, event, item, value) {
    let box = document.getElementById("chart-tooltip");
    if (value === null || value === undefined || value === "") {
      box?.remove();
      return;
    }
    if (!box) {
      box = document.createElement("div");
      box.id = "chart-tooltip";
      box.className = "chart-tooltip";
      box.setAttribute("aria-hidden", "true");
      document.body.append(box);
    }
    const rows = typeof value === "object" ? Object.entries(value).map(([name, each]) => `${name}: ${each}`) : [String(value)];
    box.replaceChildren(...rows.map((row) => Object.assign(document.createElement("div"), { textContent: row })));
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - width - 4))}px`;
    box.style.top = `${Math.max(4, Math.min(event.clientY + 12, innerHeight - height - 4))}px`;
  }

  function loader() {
    const own = vega.loader();
    const sanitize = own.sanitize.bind(own);
    own.sanitize = async (uri, options) => {
      if (new URL(uri, document.baseURI).origin !== location.origin) throw new Error(`${uri} is not of this site`);
      return sanitize(uri, options);
    };
    return own;
  }

  async function draw(figure, change) {
    const chart = charts.get(figure);
    const turn = (chart.turn = (chart.turn ?? 0) + 1);
    try {
      const specification = change === undefined && chart.specification ? chart.specification : await specificationOf(figure, change);
      if (!specification) return;
      await vegaLoaded();
      const compiled = vegaLite.compile(themed(specification, figure), { logger: vega.logger(vega.Error) }).spec;
      const container = document.createElement("div");
      const view = new vega.View(vega.parse(compiled, {}, { ast: true }), {
        container,
        renderer: "svg",
        hover: true,
        loader: loader(),
        logLevel: vega.Error,
        expr: vegaInterpreter.expressionInterpreter,
        tooltip,
      });
      await view.runAsync();
      // A later change has overtaken this one.
      if (turn !== chart.turn) return view.finalize();
      chart.specification = specification;
      chart.view?.finalize();
      chart.view = view;
      container.className = "chart-drawing";
      const picture = container.querySelector("svg");
      const title = [specification.title?.text ?? specification.title ?? ""].flat().join(" ");
      // Its parts are no pictures of their own, whatever `aria: false` leaves.
      for (const part of picture.querySelectorAll("[role], [aria-roledescription]")) {
        for (const name of ["role", "aria-roledescription", "aria-label"]) part.removeAttribute(name);
      }
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", specification.description || title);
      const place = figure.querySelector(".scroll") ?? figure.insertBefore(document.createElement("div"), figure.firstChild);
      place.replaceChildren(container);
      figure.dataset.chartState = "live";
    } catch (error) {
      figure.dataset.chartState = "picture";
      // A picture that lies at an address of its own is only fetched where it is needed.
      const place = figure.querySelector(".scroll");
      if (figure.dataset.picture && place && !place.querySelector("img")) {
        place.append(Object.assign(document.createElement("img"), { src: figure.dataset.picture, alt: "" }));
      }
      console.warn("The picture of the server stays:", error.message);
    }
  }

  const again = () => charts.forEach((chart, figure) => chart.view && draw(figure));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) {
          seen.unobserve(target);
          draw(target);
        }
      }
    },
    { rootMargin: "200px" },
  );
  for (const figure of document.querySelectorAll("[data-chart]")) {
    charts.set(figure, {});
    seen.observe(figure);
    figure.addEventListener("chart:change", (event) => draw(figure, event.detail));
  }
  dark.addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
})();
