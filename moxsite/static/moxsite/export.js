// Whoever ticks a mailbox wants only those.

for (const box of document.querySelectorAll("form.export input[name=box]")) {
  box.addEventListener("change", () => {
    const some = document.querySelector("form.export input[name=box]:checked") !== null;
    document.querySelector(`form.export input[value=${some ? "mailboxes" : "all"}]`).checked = true;
  });
}
