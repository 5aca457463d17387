// Single keys for lists of messages and for messages. "?" shows them; there they can be switched off.

const OFF = "moxsite-keys-off";

function isOn() {
  return localStorage.getItem(OFF) !== "1";
}

function isTyping(element) {
  return element.matches("input:not([type=checkbox]), select, textarea") || element.closest("dialog") !== null;
}

function rows() {
  return [...document.querySelectorAll("table.messages tbody tr")];
}

function currentRow() {
  return document.activeElement?.closest("table.messages tbody tr") ?? null;
}

function move(step) {
  const all = rows();
  const here = all.indexOf(currentRow());
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
  next?.querySelector("td.subject a").focus();
}

function click(key) {
  const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
  if (!target) return false;
  if (target.form?.matches("[data-list]") && !target.form.querySelector("input[name=message]:checked, input[name=all]:checked")) {
    const box = currentRow()?.querySelector("input[name=message]");
    if (!box) return false;
    box.checked = true;
  }
  target.click();
  return true;
}

function pressed(key) {
  const row = currentRow();
  if (key === "?") return document.querySelector("#keys")?.showModal();
  if (key === "/") return document.querySelector("#q")?.focus();
  if (rows().length && key === "j") return move(1);
  if (rows().length && key === "k") return move(-1);
  if (row && key === "x") return row.querySelector("input[name=message]").click();
  if (row && key === "s") return row.querySelector("td.star button").click();
  return click(key) ? undefined : false;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key !== "?" && !isOn()) return;
  if (pressed(event.key) !== false) event.preventDefault();
});

const choice = document.querySelector("#keys-on");
if (choice) {
  choice.checked = isOn();
  choice.addEventListener("change", () => localStorage.setItem(OFF, choice.checked ? "0" : "1"));
}
