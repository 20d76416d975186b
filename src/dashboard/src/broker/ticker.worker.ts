// Browsers slow the timers of a page that nobody looks at down to one a minute, and a broker takes a page that does not ping for dead. A worker's timers run on.
const timers = new Map<number, ReturnType<typeof setInterval>>();

addEventListener("message", (event: MessageEvent<{ id: number; every: number | null }>) => {
  const { id, every } = event.data;
  clearInterval(timers.get(id));
  timers.delete(id);
  if (every !== null) timers.set(id, setInterval(() => postMessage(id), every));
});
