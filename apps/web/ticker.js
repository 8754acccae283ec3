// A worker: told a period in milliseconds, it says so each time one has passed, without drift.
onmessage = ({ data: period }) => {
  let next = performance.now();
  const tick = () => {
    postMessage(null);
    next = Math.max(next + period, performance.now() - 5 * period);
    setTimeout(tick, next - performance.now());
  };
  tick();
};
