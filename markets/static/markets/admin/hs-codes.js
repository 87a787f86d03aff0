// Suggests HS codes while a merchant types words or the beginning of a code into an HS code field.
// Without it the field takes a code as ever, and the page "Find the HS code" does the same.

const script = document.currentScript;
const WAIT_MS = 200;

function suggest(input, list) {
  let timer = 0;
  let asked = "";
  input.addEventListener("input", () => {
    const words = input.value.trim();
    window.clearTimeout(timer);
    if (words.length < 2 || words === asked) return;
    timer = window.setTimeout(async () => {
      asked = words;
      const address = new URL(script.dataset.address, document.baseURI);
      address.searchParams.set("q", words);
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok || input.value.trim() !== words) return;
      const { results } = await answer.json();
      list.replaceChildren(
        ...results.map(({ code, description }) => {
          const option = document.createElement("option");
          option.value = code;
          // A browser shows those whose label has what was typed: so it is part of the label.
          option.label = `${description} (${words})`;
          return option;
        }),
      );
    }, WAIT_MS);
  });
}

function attach(input) {
  if (input.dataset.hsCodes) return;
  input.dataset.hsCodes = "yes";
  const list = document.createElement("datalist");
  list.id = `${input.id}-codes`;
  input.after(list);
  input.setAttribute("list", list.id);
  input.setAttribute("autocomplete", "off");
  input.removeAttribute("maxlength"); // Words are longer than codes; the form checks the code.
  suggest(input, list);
}

function attachAll() {
  document.querySelectorAll('input[name="hs_code"], input[name$="-hs_code"]').forEach(attach);
}

document.addEventListener("DOMContentLoaded", attachAll);
document.addEventListener("formset:added", attachAll);
