// The contrast between each visible text and what is behind it (WCAG 2.2, 1.4.3).
() => {
  const parse = (color) => (color.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const light = (rgb) => rgb.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => node ? over(parse(getComputedStyle(node).backgroundColor), ground(node.parentElement))
    : [255, 255, 255];
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility() || node.disabled || ["SCRIPT", "NOSCRIPT"].includes(node.tagName)) continue;
    const [one, other] = [over(parse(getComputedStyle(node).color), ground(node)), ground(node)].map(light);
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    found.push([ratio, node.tagName + "." + node.className, node.textContent.slice(0, 20)]);
  }
  return found;
}
