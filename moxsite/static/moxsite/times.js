// Shows moments in the reader's own zone and language. Without it they stand there in UTC.

const now = new Date();

function sameDay(one, other) {
  return one.toDateString() === other.toDateString();
}

function brief(moment) {
  if (sameDay(moment, now)) return { hour: "2-digit", minute: "2-digit" };
  const days = (now - moment) / 86_400_000;
  if (days > 0 && days < 6) return { weekday: "short", hour: "2-digit", minute: "2-digit" };
  if (moment.getFullYear() === now.getFullYear()) return { day: "numeric", month: "short" };
  return { day: "numeric", month: "short", year: "numeric" };
}

function exact(moment) {
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  if (sameDay(moment, now)) return time;
  const date = { day: "numeric", month: "short" };
  if (moment.getFullYear() !== now.getFullYear()) date.year = "numeric";
  return { ...date, ...time };
}

const full = { dateStyle: "full", timeStyle: "long" };

for (const element of document.querySelectorAll("time[data-moment]")) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const style = element.dataset.moment === "exact" ? exact(moment) : brief(moment);
  element.textContent = moment.toLocaleString(undefined, style);
  element.title = moment.toLocaleString(undefined, full);
}
