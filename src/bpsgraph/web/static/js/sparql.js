/* What the page of queries can do better with a script: long queries go by POST, Ctrl+Enter asks, and the
 * editor YASGUI is opened when asked for. It knows this endpoint alone, and asks no other server for anything.
 */
(() => {
  "use strict";
  const form = document.getElementById("ask");
  const field = document.getElementById("query");
  const settings = JSON.parse(document.getElementById("sparql-settings").textContent);
  const LONGEST_ADDRESS = 6000;

  form.addEventListener("submit", () => {
    form.method = encodeURIComponent(field.value).length > LONGEST_ADDRESS ? "post" : "get";
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  const section = document.getElementById("editor-section");
  const button = document.getElementById("open-editor");
  section.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    const script = document.createElement("script");
    script.src = button.dataset.script;
    script.onload = open;
    script.onerror = () => { button.disabled = false; };
    document.head.append(script);
  });

  // The endpoint knows the usual prefixes; the editor wants to read them.
  function declared(query) {
    const lines = Object.entries(settings.prefixes)
      .filter(([prefix]) => new RegExp(`(^|[^\\w-])${prefix}:`).test(query) && !new RegExp(`PREFIX\\s+${prefix}:`, "i").test(query))
      .map(([prefix, iri]) => `PREFIX ${prefix}: <${iri}>\n`);
    return lines.join("") + query;
  }

  function open() {
    const endpoint = new URL(settings.endpoint, location.href).href;
    // Nothing of an earlier visit, which may name another endpoint.
    for (const key of Object.keys(localStorage)) if (key.startsWith("yagui__") || key.startsWith("yasgui")) localStorage.removeItem(key);
    Yasgui.Yasqe.defaults.autocompleters = ["prefixes-local", "variables"];
    Yasgui.Yasqe.forkAutocompleter?.("prefixes", {
      name: "prefixes-local",
      persistenceId: null,
      get: () => Object.entries(settings.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`).sort(),
    });
    const yasgui = new Yasgui(document.getElementById("yasgui"), {
      requestConfig: { endpoint, method: "POST", headers: { "Accept-Language": document.documentElement.lang } },
      endpointCatalogueOptions: { getData: () => [{ endpoint }] },
      copyEndpointOnNewTab: true,
      persistenceId: null,
      yasqe: { value: declared(field.value), createShareableLink: null, persistenceId: null },
    });
    yasgui.getTab()?.setQuery(declared(field.value));
    button.hidden = true;
  }
})();
