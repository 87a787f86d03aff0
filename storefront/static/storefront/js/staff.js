// Keys for hands that hold a scanner. Every one of them presses a button that is on the page.

const root = document.documentElement;
root.classList.add("has-keys");

const writes = (element) =>
  element instanceof HTMLTextAreaElement ||
  element instanceof HTMLSelectElement ||
  (element instanceof HTMLInputElement && !["radio", "checkbox"].includes(element.type));

/** The line that a grade key is for: the one in focus, else the first without a grade. */
function lineToGrade(target) {
  const focused = target instanceof Element ? target.closest("[data-grades]") : null;
  const all = [...document.querySelectorAll("[data-grades]")];
  return focused ?? all.find((line) => !line.querySelector(":checked")) ?? all.at(0);
}

function grade(event) {
  const line = lineToGrade(event.target);
  const choice = line?.querySelector(`[data-grade-key="${CSS.escape(event.key)}"]`);
  if (!choice) return false;
  choice.checked = true;
  const open = [...document.querySelectorAll("[data-grades]")].find(
    (other) => !other.querySelector(":checked"),
  );
  // The next line, and after the last the button: Enter then finishes.
  (open?.querySelector("input") ?? document.querySelector('[data-test="inspect-return"]'))?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const active = document.activeElement;
  if (event.key === "Escape" && writes(active)) {
    active.blur();
    return;
  }
  if (writes(active) || event.repeat) return;
  if (event.key === "/") {
    document.querySelector("#find")?.focus();
    event.preventDefault();
    return;
  }
  if (grade(event)) {
    event.preventDefault();
    return;
  }
  const key = event.key.toLowerCase();
  const button = document.querySelector(`button[data-key="${CSS.escape(key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});

// A second press while the first is on its way would only be answered with "already done".
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
