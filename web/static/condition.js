// A scanner ends each code with Enter: in the box's field that means "now the seals".

const item = document.querySelector("input[name=item]");
const seals = document.querySelector("textarea[name=seals]");

item?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  seals.focus();
});
item?.addEventListener("focus", () => item.select());
