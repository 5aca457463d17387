// Lets handlers be dragged to their place. Without it the arrows do the same.
// The order in which rows stand in the form is the order that is sent.

const list = document.querySelector("ol.handlers");
let dragged = null;

function rowAt(y) {
  const rows = [...list.children].filter((row) => row !== dragged);
  return rows.find((row) => {
    const box = row.getBoundingClientRect();
    return y < box.top + box.height / 2;
  }) ?? null;
}

function grip(row) {
  const handle = document.createElement("span");
  handle.className = "grip";
  handle.textContent = "⠿";
  handle.title = "Drag to another place";
  handle.setAttribute("aria-hidden", "true");
  handle.draggable = true;
  handle.addEventListener("dragstart", (event) => {
    dragged = row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(row, 0, 0);
    row.classList.add("dragged");
  });
  handle.addEventListener("dragend", () => {
    row.classList.remove("dragged");
    dragged = null;
    [...list.children].forEach((each, place, all) => {
      const [up, down] = each.querySelectorAll(".move button");
      up.disabled = place === 0;
      down.disabled = place === all.length - 1;
    });
  });
  row.prepend(handle);
}

if (list !== null && list.children.length > 1) {
  for (const row of list.children) grip(row);
  list.addEventListener("dragover", (event) => {
    if (dragged === null) return;
    event.preventDefault();
    const before = rowAt(event.clientY);
    if (before !== dragged.nextElementSibling) list.insertBefore(dragged, before);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
}
