const N_LISTED = 10;
const PANELS = {
  input: "input gate", forget: "forget gate", output: "output gate",
  candidate: "candidate", cell: "cell state", hidden: "hidden state",
};
const explanation = new Latest();

/** What is explained: a component, a label, and the span of an entity. */
let chosen = null;

/** A button that explains a prediction. */
function choice(properties, parts, what) {
  const button = make("button", { ...properties, type: "button", "aria-pressed": "false" }, ...parts);
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll("[aria-pressed=true]")) {
      other.setAttribute("aria-pressed", "false");
    }
    button.setAttribute("aria-pressed", "true");
    chosen = what;
    const methods = what.component.gradients
      ? ["integrated_gradients", "gradient_x_input", "occlusion"] : ["occlusion"];
    $("method").replaceChildren(...methods.map((name) => make("option", { value: name }, nameOf(name))));
    explain(true);
  });
  return button;
}

$("method").addEventListener("change", () => explain(false));

function closeExplanation() {
  explanation.begin();
  chosen = null;
  $("why").hidden = true;
  $("explanation").replaceChildren();
}

async function explain(goThere) {
  const { component, label, span } = chosen;
  const signal = explanation.begin();
  showError("error", null);
  $("status").textContent = "Looking for reasons …";
  try {
    const found = await ask("v1/explain", {
      text: shown.join(""), component: component.name, label, span,
      method: $("method").value, gates: component.gates,
    }, signal);
    const { attribution, gates, warnings } = found;
    $("explanation").replaceChildren(
      ...warnings.map((warning) => make("p", { className: "note" }, warning)),
      drawAttribution(attribution),
      drawTable(attribution),
      ...(gates ? drawGates(gates) : []),
    );
    $("why-title").replaceChildren("Why ", make("bdi", {}, what(attribution)), "?");
    $("why").hidden = false;
    $("status").textContent = `Below: which words speak for ${what(attribution)}.`;
    if (goThere) {
      $("why-title").focus({ preventScroll: true });
      $("why").scrollIntoView({ block: "nearest" });
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    $("status").textContent = "";
    showError("error", error);
  }
}

function what({ label, span, tokens }) {
  return span ? `${label} (${tokens.slice(...span).join(" ")})` : label;
}

function drawAttribution(found) {
  const largest = Math.max(...found.scores.map(Math.abs)) || 1;
  const [start, end] = found.span ?? [0, 0];
  const parts = found.tokens.flatMap((token, i) => {
    const score = found.scores[i];
    const side = score < 0 ? "against" : "for";
    const outlined = start <= i && i < end ? " span" : "";
    return [make("span", {
      className: `mark ${side}${outlined}`, shade: Math.abs(score) / largest, title: signed(score),
    }, token), found.whitespace[i]];
  });
  const sure = found.probability == null ? "" : `p = ${found.probability.toFixed(3)}; `;
  return make("figure", { className: "tokens" },
    make("figcaption", {},
      `${found.component}: ${sure}${found.target} ${signed(found.score)}, by ${nameOf(found.method)}`,
      make("br"),
      make("span", { className: "key for" }), "for ", make("bdi", {}, found.label),
      make("span", { className: "key against" }), "against ", make("bdi", {}, found.label)),
    make("div", { className: "text", dir: found.direction }, ...parts));
}

const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);

function drawTable(found) {
  const order = found.scores.map((score, i) => i)
    .sort((one, other) => Math.abs(found.scores[other]) - Math.abs(found.scores[one]))
    .slice(0, N_LISTED);
  return make("details", {},
    make("summary", {}, "The words that weigh most, in numbers"),
    make("div", { className: "table" }, make("table", {},
      make("thead", {}, make("tr", {},
        ...["word", "place", "score"].map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...order.map((i) => make("tr", {},
        make("td", {}, make("bdi", {}, visible(found.tokens[i]))),
        make("td", {}, String(i)),
        make("td", {}, signed(found.scores[i]))))))));
}

const visible = (token) => token.trim() || "␣";

/** A table for each direction of each layer: a screen reader reads its numbers. */
function drawGates({ component, tokens, parts }) {
  return [
    make("h3", {}, "Inside the LSTM"),
    make("p", { className: "note" },
      `Gates and states of ${component} at each word: means over all units, of the size of candidate, cell and `
      + "hidden state. The palest colour is the smallest of a row, the strongest the largest. The forget gate says "
      + "how much is kept of what was read before."),
    ...parts.map((part) => make("div", { className: "scroll", tabindex: "0", role: "region",
      "aria-label": `Layer ${part.layer}, ${part.direction}` }, drawPart(part, tokens))),
  ];
}

function drawPart(part, tokens) {
  return make("table", { className: "gates" },
    make("caption", {}, `Layer ${part.layer}, ${part.direction}`),
    make("thead", {}, make("tr", {}, make("td"), ...tokens.map((token) =>
      make("th", { scope: "col" }, make("span", {}, visible(token)))))),
    make("tbody", {}, ...Object.entries(PANELS).map(([name, title]) => {
      const least = Math.min(...part[name]);
      const range = Math.max(...part[name]) - least || 1;
      return make("tr", {}, make("th", { scope: "row" }, title), ...part[name].map((value) =>
        make("td", { shade: (value - least) / range }, value.toFixed(2).replace(/^0/, ""))));
    })));
}
