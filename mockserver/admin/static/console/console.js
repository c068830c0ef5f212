"use strict";
// What the console's pages need beside htmx: a question before a reset, and the form to try a call.

document.addEventListener("submit", (event) => {
  const question = event.submitter && event.submitter.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

const drop = document.getElementById("drop");

if (drop) {
  const input = document.getElementById("picture");
  const preview = document.getElementById("preview");
  const material = document.getElementById("material");
  const forget = (...names) => names.forEach((name) => document.getElementById(name).replaceChildren());

  input.addEventListener("change", () => {
    forget("user-dots");
    URL.revokeObjectURL(preview.src);
    preview.hidden = !input.files.length;
    if (input.files.length) preview.src = URL.createObjectURL(input.files[0]);
  });

  material.addEventListener("change", () => {
    forget("model-dots");
    document.getElementById("model").src = `${material.dataset.pictures}${material.value}/picture`;
  });

  const action = document.querySelector("[name=action]");
  const showOwn = () => {
    for (const field of document.querySelectorAll("[data-action]")) {
      field.hidden = field.dataset.action !== action.value;
    }
  };
  action.addEventListener("change", showOwn);
  showOwn(); // a browser may keep what was chosen when it loads the page again

  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
}
