const N_READINGS = 5;
const PALE = 0.2;
const STRONG = 0.8;
const prediction = new Latest();

/** The text that is shown, as characters: offsets count code points, and not UTF-16 units. */
let shown = [];

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  predict();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    predict();
  }
});

async function predict() {
  const text = $("text").value;
  const signal = prediction.begin();
  await modelKnown;
  showError("error", null);
  $("status").textContent = "Reading …";
  try {
    const { results: [found] } = await ask("v1/predict", { text, readings: N_READINGS }, signal);
    shown = Array.from(text);
    show(found);
    $("status").textContent = summary(found);
  } catch (error) {
    if (error.name === "AbortError") return;
    $("status").textContent = "";
    showError("error", error);
  }
}

function summary(found) {
  const [top] = Object.entries(found.cats).sort((one, other) => other[1] - one[1]);
  const parts = [];
  if (top) parts.push(`most probable category: ${top[0]}, ${percent(top[1])}`);
  if (found.ents.length || !top) {
    parts.push(found.ents.length === 1 ? "1 entity" : `${found.ents.length} entities`);
  }
  return `Found: ${parts.join("; ")}.`;
}

function show(found) {
  closeExplanation();
  showCategories(found.cats);
  showEntities(found.ents);
  showSpans(found.spans);
  showReadings(found.readings ?? {});
  $("results").hidden = false;
}

function showCategories(cats) {
  const scores = Object.entries(cats).sort((one, other) => other[1] - one[1]);
  let canExplain = false;
  $("cats").querySelector("ul").replaceChildren(...scores.map(([label, score]) => {
    const fill = make("span", { className: "fill" });
    fill.style.width = `${100 * Math.min(1, Math.max(0, score))}%`;
    const parts = [
      make("bdi", { className: "name" }, label),
      make("span", { className: "track", "aria-hidden": "true" }, fill),
      make("span", { className: "value" }, percent(score)),
    ];
    const component = explainer("doc.cats", label);
    if (!component) return make("li", {}, make("div", { className: "bar-row" }, ...parts));
    canExplain = true;
    return make("li", {}, choice({ className: "bar-row" }, parts, { component, label }));
  }));
  $("cats").querySelector(".explained").hidden = !canExplain;
  $("cats").hidden = !scores.length;
}

function showEntities(ents) {
  const parts = [];
  let end = 0;
  let canExplain = false;
  for (const ent of ents) {
    parts.push(shown.slice(end, ent.start).join(""));
    const component = explainer("doc.ents", ent.label);
    const properties = { className: "entity", shade: ent.confidence ?? 1 };
    const inside = [ent.text, " ", tag(ent.label, ent.confidence)];
    canExplain ||= Boolean(component);
    parts.push(component
      ? choice(properties, inside, { component, label: ent.label, span: { start: ent.start, end: ent.end } })
      : make("span", properties, ...inside));
    end = ent.end;
  }
  parts.push(shown.slice(end).join(""));
  const text = $("ents").querySelector(".text");
  text.dir = model?.direction ?? "auto";
  text.replaceChildren(...parts);
  $("ents").querySelector(".explained").hidden = !canExplain;
  $("ents").hidden = !model?.components.some((one) => one.assigns.includes("doc.ents")) && !ents.length;
}

function tag(label, sure) {
  return make("span", { className: "label" }, sure == null ? label : `${label} ${sure.toFixed(2)}`);
}

function showSpans(spans) {
  const groups = Object.entries(spans).filter(([, group]) => group.length);
  $("spans").querySelector(".groups").replaceChildren(...groups.flatMap(([key, group]) => [
    make("h3", {}, make("bdi", {}, key)),
    make("p", { className: "text" }, ...chips(group.map((span) => [span, span.score, span.score ?? PALE]))),
  ]));
  $("spans").hidden = !groups.length;
}

/** Spans, each with its score, or null, and how strong its colour is. */
function chips(spans) {
  if (!spans.length) return [make("span", { className: "none" }, "no entities")];
  return spans.flatMap(([span, score, share]) => {
    const shade = Math.min(1, Math.max(0, share));
    return [make("span", { className: "entity", shade }, span.text, " ", tag(span.label, score)), " "];
  });
}

const same = (one) => (other) => one.start === other.start && one.end === other.end && one.label === other.label;

function showReadings(readings) {
  const known = Object.entries(readings);
  $("readings").querySelector(".groups").replaceChildren(...known.flatMap(([name, list]) => [
    ...(known.length > 1 ? [make("h3", {}, make("bdi", {}, name))] : []),
    make("ol", { className: "readings" }, ...list.map(({ probability, ents }) => make("li", {},
      make("span", { className: "p" }, percent(probability)), " ",
      ...chips(ents.map((ent) => [ent, null, list[0].ents.some(same(ent)) ? PALE : STRONG]))))),
  ]));
  $("readings").hidden = !known.length;
}
