// Handing in a file: how much of it is sent, how far it is judged. Without script the form does the same.
"use strict";
const handIn = document.getElementById("hand-in");
if (handIn) {
  const bar = handIn.querySelector(".progress");
  const button = handIn.querySelector("button[type=submit]");
  handIn.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", handIn.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.querySelector("progress").value = total ? (100 * loaded) / total : 0;
    });
    request.addEventListener("load", () => {
      const address = new URL(request.responseURL);
      if (request.status < 400 || address.pathname !== "/validate") {
        location.assign(address);
        return;
      }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const words = answer.querySelector("main .notice");
      handIn.before(words ?? document.createTextNode(`HTTP ${request.status}`));
      button.disabled = false;
      bar.hidden = true;
    });
    request.addEventListener("error", () => handIn.submit());
    for (const old of document.querySelectorAll("main > .notice")) old.remove();
    button.disabled = true;
    bar.hidden = false;
    request.send(new FormData(handIn));
  });
}
const waiting = document.querySelector("[data-poll]");
if (waiting) {
  const bar = waiting.querySelector("progress");
  const words = waiting.querySelector("output");
  const look = async () => {
    const answer = await fetch(waiting.dataset.poll);
    const { done, documents, expected } = answer.ok ? await answer.json() : { done: true };
    if (done) {
      location.reload();
      return;
    }
    if (documents) bar.value = documents;
    words.textContent = `${documents} / ${expected}`;
    setTimeout(look, 600);
  };
  look();
}
