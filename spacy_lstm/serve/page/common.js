"use strict";

const $ = (id) => document.getElementById(id);

/** An element; nothing of a text ever becomes markup. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "className") element.className = value;
    else if (name === "shade") element.style.setProperty("--a", value.toFixed(3));
    else if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const nameOf = (method) => method.replace("_x_", " × ").replaceAll("_", " ");

/** What the service says where it can't do what it is asked. */
class ServiceError extends Error {
  constructor(status, body) {
    const error = body?.error ?? { code: null, message: `The service answers with the status ${status}.` };
    super(error.code ? `${error.message} (${error.code})` : error.message);
    this.status = status;
  }
}

async function ask(path, body, signal) {
  let response;
  try {
    response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The service doesn't answer. Is it still running?");
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ServiceError(response.status, answer);
  return answer;
}

function showError(id, error) {
  $(id).textContent = error ? error.message : "";
  $(id).hidden = !error;
}

/** A question that a newer one replaces: its client goes away, and the service drops it. */
class Latest {
  begin() {
    this.controller?.abort();
    this.controller = new AbortController();
    return this.controller.signal;
  }
}

let model = null;
const modelKnown = ask("v1/model").then((found) => {
  model = found;
  const heads = model.components.filter((one) => one.labels.length);
  const kinds = heads.map((one) => `${one.name} (${one.labels.length} label${one.labels.length > 1 ? "s" : ""})`);
  $("about").textContent = [`Version ${model.version}`, model.lang, kinds.join(", "), model.description]
    .filter(Boolean).join(" · ");
  $("hint").textContent = `or Ctrl + Enter; ${model.limits.text_length.toLocaleString("en")} characters at most`;
}).catch((error) => showError("error", error));

/** The component that can tell why it gives a label, if there is one. */
function explainer(place, label) {
  return model?.components.findLast(
    (one) => one.explained && one.assigns.includes(place) && one.labels.includes(label));
}
