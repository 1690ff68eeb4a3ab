// The minute in which the second person signs; the station counts it too.

const left = document.getElementById("left");
if (left) {
  const end = performance.now() + Number(left.dataset.left) * 1000;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    left.textContent = seconds;
    document.getElementById("late").hidden = seconds > 0;
    document.getElementById("sign").disabled = seconds === 0;
  };
  setInterval(tick, 250);
}
