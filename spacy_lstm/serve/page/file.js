/** How many texts go in a request, and how large it may be: others are to have their turn too. */
const MOST_TEXTS = 32;
const MOST_BYTES = 500000;
const MOST_FILE_BYTES = 50 * 1024 * 1024;
const TRIES = 30;

/** The rows of the file: objects, with other fields beside the text. */
let rows = [];
let stopped = false;

$("file").addEventListener("change", async () => {
  showError("file-error", null);
  $("file-result").hidden = true;
  $("start").disabled = true;
  $("column-choice").hidden = true;
  $("file-status").textContent = "";
  const [file] = $("file").files;
  if (!file) return;
  try {
    rows = await readFile(file);
    $("start").disabled = !rows.length;
    $("file-status").textContent = `${rows.length.toLocaleString("en")} texts in ${file.name}.`;
  } catch (error) {
    showError("file-error", error);
  }
});

async function readFile(file) {
  if (file.size > MOST_FILE_BYTES) {
    throw new Error(`${file.name} has more than ${MOST_FILE_BYTES >> 20} MB. Send it to /v1/stream, line by line.`);
  }
  const content = (await file.text()).replace(/^\ufeff/, "");
  const kind = file.name.toLowerCase().split(".").pop();
  if (kind === "csv" || kind === "tsv") return readTable(content, kind === "csv" ? "," : "\t");
  offerColumns(["text"]);
  const lines = content.split("\n").map((line, i) => [line.replace(/\r$/, ""), i + 1]).filter(([line]) => line.trim());
  if (kind === "jsonl" || kind === "ndjson") return lines.map(readJSON);
  return lines.map(([text]) => ({ text }));
}

function readJSON([line, number]) {
  let row;
  try {
    row = JSON.parse(line);
  } catch {
    throw new Error(`Line ${number} is no JSON.`);
  }
  if (typeof row === "string") row = { text: row };
  if (typeof row?.text !== "string") throw new Error(`Line ${number} has no field “text” with a string.`);
  return row;
}

function readTable(content, delimiter) {
  const [names = [], ...cells] = splitTable(content, delimiter);
  offerColumns(names);
  return cells.map((row, i) => {
    if (row.length > names.length) {
      throw new Error(`Row ${i + 2} has ${row.length} cells, and there are ${names.length} columns.`);
    }
    return Object.fromEntries(names.map((name, j) => [name, row[j] ?? ""]));
  });
}

function offerColumns(names) {
  $("column").replaceChildren(...names.map((name) => make("option", { value: name }, name)));
  $("column").value = names.includes("text") ? "text" : names[0];
  $("column-choice").hidden = names.length < 2;
}

/** Rows of a table that is quoted as spreadsheets do it. */
function splitTable(content, delimiter) {
  const found = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < content.length; i++) {
    const one = content[i];
    if (quoted) {
      if (one !== '"') cell += one;
      else if (content[i + 1] === '"') cell += content[++i];
      else quoted = false;
    } else if (one === '"' && !cell) quoted = true;
    else if (one === delimiter) { row.push(cell); cell = ""; }
    else if (one === "\n" || one === "\r") {
      if (one === "\r" && content[i + 1] === "\n") i++;
      row.push(cell);
      if (row.length > 1 || cell) found.push(row);
      row = []; cell = "";
    } else cell += one;
  }
  if (quoted) throw new Error("A quotation mark is never closed.");
  row.push(cell);
  if (row.length > 1 || cell) found.push(row);
  return found;
}

$("annotate").addEventListener("submit", async (event) => {
  event.preventDefault();
  await modelKnown;
  const field = $("column").value;
  const [file] = $("file").files;
  stopped = false;
  showError("file-error", null);
  $("file-result").hidden = true;
  setRunning(true);
  try {
    const lines = await annotate(field);
    const failed = lines.filter((line) => line.error).length;
    offer(lines, file.name);
    $("file-status").textContent = `${stopped ? "Stopped" : "Done"}: ${lines.length.toLocaleString("en")} of `
      + `${rows.length.toLocaleString("en")} texts annotated${failed ? `, ${failed} of them with an error` : ""}.`;
  } catch (error) {
    $("file-status").textContent = "";
    showError("file-error", error);
  } finally {
    setRunning(false);
  }
});

$("stop").addEventListener("click", () => { stopped = true; });

function setRunning(running) {
  $("start").disabled = running;
  $("file").disabled = running;
  $("stop").hidden = $("progress").hidden = !running;
  if (running) $("file-status").textContent = "Annotating …";
}

async function annotate(field) {
  const lines = [];
  for (let first = 0; first < rows.length && !stopped;) {
    const batch = nextBatch(first, field);
    const texts = batch.map((row) => row[field]);
    // One that is too long is alone.
    const { results } = await askPatiently(texts).catch((error) => {
      if (texts.length > 1 || error.status !== 413) throw error;
      return { results: [{ error: { message: error.message } }] };
    });
    results.forEach((result, i) => lines.push({ ...batch[i], ...result }));
    first += batch.length;
    $("progress").value = first / rows.length;
  }
  return lines;
}

function nextBatch(first, field) {
  let size = 0, end = first;
  while (end < rows.length && end - first < Math.min(MOST_TEXTS, model.limits.texts)) {
    const text = rows[end][field];
    const isLong = Array.from(text).length > model.limits.text_length;
    size += new TextEncoder().encode(JSON.stringify(text)).length;
    if (end > first && (isLong || size > Math.min(MOST_BYTES, model.limits.body_bytes / 2))) break;
    end++;
    if (isLong) break;
  }
  return rows.slice(first, end);
}

/** Ask again where the service is busy. */
async function askPatiently(texts) {
  for (let i = 1; ; i++) {
    try {
      return await ask("v1/predict", { texts });
    } catch (error) {
      if (error.status !== 503 || i === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function offer(lines, name) {
  const link = $("download");
  if (link.href) URL.revokeObjectURL(link.href);
  const content = lines.map((line) => JSON.stringify(line) + "\n");
  link.href = URL.createObjectURL(new Blob(content, { type: "application/x-ndjson" }));
  link.download = name.replace(/\.[^.]*$/, "") + ".annotated.jsonl";
  link.textContent = `Download ${link.download}`;
  $("file-result").hidden = false;
}
