// A list of messages: pick all of the page at once, and use it with the keyboard alone.

import "./keys.js";

const form = document.querySelector("form[data-list]");
const boxes = form ? [...form.querySelectorAll("input[name=message]")] : [];

function addPickAll() {
  const head = form.querySelector("th.pick");
  if (!head) return;
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", "Pick all of this page");
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  head.replaceChildren(all);
  form.addEventListener("change", () => {
    all.checked = boxes.every((box) => box.checked);
    tell();
  });
}

function tell() {
  const count = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("input[name=all]")?.checked;
  form.querySelector(".bar").dataset.picked = all ? "all picked" : count ? `${count} picked` : "";
}

if (form) {
  form.classList.add("scripted"); // on a small screen, what can be done shows when something is picked
  addPickAll();
  tell();
}
