// Uploads a file in slices, and shows what happens in an import as it happens.

const KEY = "moxsite-import";
const TRIES = 8;

function csrf(form) {
  return form.querySelector("input[name=csrfmiddlewaretoken]").value;
}

function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes, unit = 0;
  while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${unit && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function timeText(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s left`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min left`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min left`;
}

// How fast something grows, over the last seconds.
class Rate {
  constructor() { this.points = []; }
  add(value) {
    const now = performance.now() / 1000;
    this.points.push([now, value]);
    while (this.points.length > 2 && now - this.points[0][0] > 8) this.points.shift();
  }
  get perSecond() {
    if (this.points.length < 2) return 0;
    const [first, last] = [this.points[0], this.points.at(-1)];
    return last[0] > first[0] ? (last[1] - first[1]) / (last[0] - first[0]) : 0;
  }
}

class Refused extends Error {}

class Upload {
  constructor(form) {
    this.form = form;
    this.part = (name) => form.querySelector(`[data-upload-${name}]`);
    this.stopped = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const file = form.querySelector("input[type=file]").files[0];
      if (file) this.run(file);
    });
    this.part("abort")?.addEventListener("click", () => this.abort());
    this.prepareDrop(form.querySelector("[data-drop]"));
  }

  prepareDrop(zone) {
    zone.querySelector("[data-drop-hint]").hidden = false;
    for (const name of ["dragover", "dragenter"]) {
      zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
    }
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (!event.dataTransfer.files.length) return;
      this.form.querySelector("input[type=file]").files = event.dataTransfer.files;
      this.form.requestSubmit();
    });
  }

  async run(file) {
    const { expectName, expectSize } = this.form.dataset;
    if (expectName && (file.name !== expectName || String(file.size) !== expectSize)) {
      this.fail(`This is another file. Choose ${expectName} (${sizeText(Number(expectSize))}).`);
      return;
    }
    this.part("error").hidden = true;
    this.part("progress").hidden = false;
    this.part("name").textContent = file.name;
    for (const button of this.form.querySelectorAll("button:not([type=button])")) button.disabled = true;
    try {
      await this.send(file);
    } catch (error) {
      if (!this.stopped) this.fail(error instanceof Refused ? error.message : `The upload broke off: ${error.message}. Choose the file again to go on.`);
      for (const button of this.form.querySelectorAll("button")) button.disabled = false;
    }
  }

  async send(file) {
    const body = new URLSearchParams({ name: file.name, size: file.size, preview: this.form.querySelector("input[name=preview]").value });
    const begun = await this.ask(this.form.action, body);
    this.token = begun.token;
    sessionStorage.setItem(KEY, this.token);
    const slice = Number(this.form.dataset.slice);
    const rate = new Rate();
    let offset = begun.received;
    this.show(file, offset, rate);
    while (offset < file.size && !this.stopped) {
      offset = await this.sendSlice(file, offset, slice);
      this.show(file, offset, rate);
    }
    if (!this.stopped) location.assign(`/import/${this.token}/`);
  }

  async sendSlice(file, offset, slice) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.ask(`/import/${this.token}/upload/?offset=${offset}`, file.slice(offset, offset + slice));
        return answer.received;
      } catch (error) {
        if (error instanceof Refused || attempt === TRIES || this.stopped) throw error;
        this.part("text").textContent = "The connection is lost; trying again …";
        await new Promise((resolve) => setTimeout(resolve, Math.min(1000 * 2 ** (attempt - 1), 15000)));
        const there = await fetch(`/import/${this.token}/upload/`).then((answer) => answer.json()).catch(() => null);
        if (there) offset = there.received;
        if (offset >= file.size) return offset;
      }
    }
  }

  async ask(address, body) {
    const headers = { "X-CSRFToken": csrf(this.form), Accept: "application/json" };
    if (body instanceof Blob) headers["Content-Type"] = "application/octet-stream";
    const answer = await fetch(address, { method: "POST", body, headers });
    const data = await answer.json().catch(() => ({}));
    if (answer.status === 409 && "received" in data) return data;
    if (answer.status >= 400 && answer.status < 500) throw new Refused(data.error || `The server refused it (${answer.status}). Load this page again.`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return data;
  }

  show(file, offset, rate) {
    rate.add(offset);
    const speed = rate.perSecond;
    const percent = Math.floor((offset * 100) / file.size);
    this.part("bar").value = percent;
    const parts = [`${percent} % of ${sizeText(file.size)}`];
    if (speed > 0) parts.push(`${sizeText(speed)}/s`, timeText((file.size - offset) / speed));
    this.part("text").textContent = parts.join(", ");
  }

  async abort() {
    this.stopped = true;
    if (this.token) {
      sessionStorage.removeItem(KEY);
      await fetch(`/import/${this.token}/abort`, { method: "POST", headers: { "X-CSRFToken": csrf(this.form), Accept: "application/json" } }).catch(() => null);
    }
    location.reload();
  }

  fail(text) {
    this.part("progress").hidden = true;
    const note = this.part("error");
    note.textContent = text;
    note.hidden = false;
  }
}

class Live {
  constructor(part) {
    this.part = part;
    this.find = (name) => part.querySelector(`[data-${name}]`);
    this.rows = new Map([...part.querySelectorAll("[data-mailbox]")].map((row) => [row.dataset.mailbox, row]));
    this.problems = new Set([...part.querySelectorAll("[data-problems] li")].map((item) => item.textContent));
    this.bytes = new Rate();
    this.messages = new Rate();
    this.spoken = 0;
    sessionStorage.setItem(KEY, part.dataset.token);
    this.open();
  }

  open() {
    const source = new EventSource(this.part.dataset.events);
    const on = (name, act) => source.addEventListener(name, (event) => {
      this.find("connection").hidden = true;
      act(JSON.parse(event.data));
    });
    source.addEventListener("open", () => { this.find("connection").hidden = true; });
    source.addEventListener("error", () => {
      this.find("connection").hidden = false;
      // The browser gives up when the answer is an error; it may be one that passes.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.open(), 5000);
    });
    on("count", (data) => this.count(data));
    on("step", (data) => this.step(data));
    on("problem", (data) => this.problem(data.message));
    for (const name of ["done", "aborted"]) {
      on(name, () => { source.close(); sessionStorage.removeItem(KEY); location.reload(); });
    }
    this.source = source;
  }

  step(data) {
    if (data.state === "ready") {
      if (this.part.dataset.state === "scanning") { this.source.close(); location.reload(); }
      return;
    }
    this.find("step").textContent = data.title;
    if ("messages" in data) this.figures(data);
  }

  count(data) {
    this.find("counts").hidden = false;
    let row = this.rows.get(data.mailbox);
    if (!row) {
      row = document.createElement("tr");
      row.innerHTML = '<th scope="row"></th><td class="number"></td>';
      row.firstChild.textContent = data.mailbox;
      this.find("counts").tBodies[0].append(row);
      this.rows.set(data.mailbox, row);
    }
    row.lastChild.textContent = data.count;
    this.figures(data);
  }

  figures(data) {
    const bar = this.find("bar");
    bar.max = data.size || 1;
    bar.value = data.position;
    this.bytes.add(data.position);
    this.messages.add(data.messages);
    const parts = [`${data.messages} messages`];
    if (this.messages.perSecond > 0) parts.push(`${Math.round(this.messages.perSecond)}/s`);
    if (this.bytes.perSecond > 0) parts.push(timeText((data.size - data.position) / this.bytes.perSecond));
    const now = performance.now();
    if (now - this.spoken < 1000) return;
    this.spoken = now;
    this.find("rate").textContent = parts.join(", ");
  }

  problem(text) {
    if (this.problems.has(text)) return;
    this.problems.add(text);
    this.find("problems-part").hidden = false;
    const item = document.createElement("li");
    item.textContent = text;
    this.find("problems").append(item);
  }
}

for (const form of document.querySelectorAll("[data-upload]")) new Upload(form);
for (const part of document.querySelectorAll("[data-events]")) new Live(part);

// Who reloads this page while an import is under way gets back to it.
const kept = sessionStorage.getItem(KEY);
if (kept && !document.querySelector("[data-events]")) {
  const link = document.querySelector(`[data-under-way] a[href$="/${CSS.escape(kept)}/"]`);
  const [how] = performance.getEntriesByType("navigation");
  if (link && how && how.type === "reload") location.replace(link.href);
}
