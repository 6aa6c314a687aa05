/* A network that can be looked at and followed, drawn by cytoscape beside the list that says the same.
 *
 * A template writes the list, and the network as JSON:
 *
 *   <section data-network>
 *     <div data-network-drawing aria-hidden="true"></div>     (empty; the script opens it)
 *     <ul> <li data-node="GB-T-43507-2023"><a href="/doc/standard/GB-T-43507-2023">GB/T 43507—2023</a> ...</li> </ul>
 *     <script type="application/json">        (`{{ network|island }}` writes it)
 *       {"layout": "concentric",                              or breadthfirst, cose, circle, grid
 *        "kinds": {"standard": "标准", "item": "事项"},       the legend, in this order: shape, colour, word
 *        "nodes": [{"id": "GB-T-43507-2023", "label": "GB/T 43507", "kind": "standard",
 *                   "href": "/doc/standard/GB-T-43507-2023", "weight": 3, "centre": true}],
 *        "edges": [{"source": "...", "target": "...", "label": "引用"}]}
 *     </script>
 *   </section>
 *   {% block scripts %}{{ parts.network_scripts() }}{% endblock %}
 *
 * `href`, `weight` (any positive number: a larger node), `centre` and the `label` of an edge may be left out. An
 * element of the list with `data-node` lights up its node while the pointer or the focus is on it, and the other
 * way round; a click on a node follows its `href`. The drawing is for the eye only: everything in it is in the
 * list, which is what assistive technology reads. Without script the list alone is there.
 */
(() => {
  "use strict";
  const vendor = new URL("../vendor/", document.currentScript.src);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  /* Told apart by shape too; colours of Okabe and Ito (Color Universal Design). */
  const LOOKS = [
    ["ellipse", "#0072B2", "●"],
    ["rectangle", "#E69F00", "■"],
    ["diamond", "#009E73", "◆"],
    ["triangle", "#CC79A7", "▲"],
    ["hexagon", "#D55E00", "⬢"],
    ["star", "#56B4E9", "★"],
    ["vee", "#8a8a8a", "▼"],
  ];
  let engine;

  function cytoscapeLoaded() {
    engine ??= new Promise((resolve, reject) => {
      // cytoscape would write a style element here, which the policy of the page refuses; the rule is in the stylesheet.
      if (!document.getElementById("__________cytoscape_stylesheet")) {
        document.head.append(Object.assign(document.createElement("meta"), { id: "__________cytoscape_stylesheet" }));
      }
      const element = document.createElement("script");
      element.src = new URL("cytoscape.min.js", vendor);
      element.onload = resolve;
      element.onerror = () => reject(new Error("cytoscape could not be loaded"));
      document.head.append(element);
    });
    return engine;
  }

  function style(section, kinds) {
    const { color, fontFamily, backgroundColor } = getComputedStyle(section);
    const ground = backgroundColor === "rgba(0, 0, 0, 0)" ? getComputedStyle(document.body).backgroundColor : backgroundColor;
    return [
      {
        selector: "node",
        style: {
          label: "data(label)",
          color,
          "font-family": fontFamily,
          "font-size": 12,
          "text-wrap": "wrap",
          "text-max-width": 130,
          "text-overflow-wrap": "anywhere",
          "text-valign": "bottom",
          "text-margin-y": 4,
          "text-background-color": ground,
          "text-background-opacity": 0.8,
          "text-background-padding": 2,
          width: "data(size)",
          height: "data(size)",
          "border-width": 1,
          "border-color": color,
        },
      },
      ...kinds.map((kind, place) => {
        const [shape, colour] = LOOKS[place % LOOKS.length];
        return { selector: `node[kind = ${JSON.stringify(kind)}]`, style: { shape, "background-color": colour } };
      }),
      {
        selector: "edge",
        style: {
          width: 1.5,
          opacity: 0.55,
          "line-color": color,
          "target-arrow-color": color,
          "target-arrow-shape": "triangle",
          "curve-style": "bezier",
          "font-size": 10,
          "font-family": fontFamily,
          color,
          "text-background-color": ground,
          "text-background-opacity": 0.9,
        },
      },
      { selector: "node[?centre]", style: { "border-width": 4, "font-weight": "bold" } },
      { selector: ".faded", style: { opacity: 0.15 } },
      { selector: "node.lit", style: { "border-width": 4 } },
      { selector: "edge.lit", style: { opacity: 1, width: 2.5, label: "data(label)" } },
    ];
  }

  function layout(name, nodes) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || nodes > 150;
    const common = { name, animate: !still && name === "cose", padding: 30, nodeDimensionsIncludeLabels: true };
    if (name === "concentric") {
      return { ...common, concentric: (node) => (node.data("centre") ? 1000 : node.degree()), levelWidth: () => 3, minNodeSpacing: 36 };
    }
    // The places of `cose` begin where they are; without a beginning of chance two visits see one picture.
    if (name === "cose") return { ...common, randomize: false, nodeRepulsion: () => 12000, idealEdgeLength: () => 90 };
    if (name === "breadthfirst") return { ...common, directed: true, spacingFactor: 1.2 };
    return common;
  }

  function elements(network) {
    const weights = network.nodes.map((node) => node.weight ?? 1);
    const most = Math.max(1, ...weights);
    return [
      ...network.nodes.map((node) => ({
        group: "nodes",
        data: { ...node, id: String(node.id), size: 18 + 26 * Math.sqrt((node.weight ?? 1) / most) },
      })),
      ...network.edges.map((edge, place) => ({
        group: "edges",
        data: { ...edge, label: edge.label ?? "", id: `edge-${place}`, source: String(edge.source), target: String(edge.target) },
      })),
    ];
  }

  function legend(network, place) {
    const present = Object.entries(network.kinds ?? {});
    if (!present.length) return;
    const list = document.createElement("ul");
    list.className = "network-legend";
    present.forEach(([, word], number) => {
      const entry = document.createElement("li");
      const sign = document.createElement("span");
      sign.textContent = LOOKS[number % LOOKS.length][2];
      sign.style.color = LOOKS[number % LOOKS.length][1];
      entry.append(sign, ` ${word}`);
      list.append(entry);
    });
    place.before(list);
    list.setAttribute("aria-hidden", "true");
  }

  async function draw(section) {
    const island = section.querySelector('script[type="application/json"]');
    const place = section.querySelector("[data-network-drawing]");
    const network = JSON.parse(island.textContent);
    if (!network.nodes.length) return;
    try {
      await cytoscapeLoaded();
    } catch (error) {
      console.warn("The list alone is shown:", error.message);
      return;
    }
    const kinds = Object.keys(network.kinds ?? {});
    place.classList.add("network-drawing");
    legend(network, place);
    const view = cytoscape({
      container: place,
      elements: elements(network),
      style: style(section, kinds),
      layout: layout(network.layout ?? "cose", network.nodes.length),
      // The wheel scrolls the page; two fingers and the buttons of a map are for looking closer.
      userZoomingEnabled: false,
      minZoom: 0.2,
      maxZoom: 3,
      autoungrabify: false,
      boxSelectionEnabled: false,
    });
    const entries = new Map([...section.querySelectorAll("[data-node]")].map((entry) => [entry.dataset.node, entry]));
    const light = (id) => {
      const node = view.getElementById(id);
      view.elements().addClass("faded").removeClass("lit");
      node.closedNeighborhood().removeClass("faded").addClass("lit");
      entries.get(id)?.classList.add("lit");
    };
    const plain = () => {
      view.elements().removeClass("faded lit");
      entries.forEach((entry) => entry.classList.remove("lit"));
    };
    view.on("mouseover", "node", (event) => {
      light(event.target.id());
      place.style.cursor = event.target.data("href") ? "pointer" : "default";
    });
    view.on("mouseout", "node", () => {
      plain();
      place.style.cursor = "default";
    });
    view.on("tap", "node", (event) => {
      const href = event.target.data("href");
      if (href && new URL(href, document.baseURI).origin === location.origin) location.assign(href);
    });
    entries.forEach((entry, id) => {
      for (const name of ["mouseenter", "focusin"]) entry.addEventListener(name, () => light(id));
      for (const name of ["mouseleave", "focusout"]) entry.addEventListener(name, plain);
    });
    const again = () => view.style(style(section, kinds));
    dark.addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    section.dataset.networkState = "live";
  }

  const seen = new IntersectionObserver(
    (found) => {
      for (const { isIntersecting, target } of found) {
        if (isIntersecting) {
          seen.unobserve(target);
          draw(target);
        }
      }
    },
    { rootMargin: "200px" },
  );
  document.querySelectorAll("[data-network]").forEach((section) => seen.observe(section));
})();
