// Small comforts. Everything here also works, in a longer way, without this file.

// A list that is chosen from sends its form at once.
document.addEventListener("change", (event) => {
  const control = event.target.closest("[data-submit]");
  if (control?.form) control.form.requestSubmit();
});

// A button that orders or pays is pressed once.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const button = event.target.querySelector("[data-once]");
  if (button) setTimeout(() => { button.disabled = true; });
});

// Back from the payment page the browser may show the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("[data-once]").forEach((button) => { button.disabled = false; });
});

// Menus close when one looks elsewhere, or with Escape.
const close = (except) => {
  document.querySelectorAll(".switch[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
};
document.addEventListener("click", (event) => close(event.target.closest(".switch")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector(".switch[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
