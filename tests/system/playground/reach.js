// Text whose contrast is under 4.5 (WCAG 1.4.3) and targets under 24 pixels (WCAG 2.5.8), of what is visible now.
() => {
  const parse = (colour) => { const n = (colour.match(/[\d.]+/g) || []).map(Number); if (colour.startsWith("color(srgb")) { return [n[0]*255,n[1]*255,n[2]*255,n[3] ?? 1]; } return [n[0], n[1], n[2], n[3] ?? 1]; };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const grounds = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one), drawn = style.backgroundImage;
      if (drawn.includes("gradient")) return drawn.match(/rgba?\([^)]*\)/g).map(parse).map((end) => layers.reduceRight((under, top) => over(top, under), end));
      const colour = parse(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    const base = layers.at(-1)?.[3] === 1 ? layers.pop() : [255, 255, 255, 1];
    return [layers.reduceRight((under, top) => over(top, under), base)];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim());
    if (!words.length || !element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) || element.closest(".spoiler")) continue;
    const colour = parse(getComputedStyle(element).color);
    const least = Math.min(...grounds(element).map((ground) => ratio(over(colour, ground), ground)));
    if (least < 4.5) faint.push(`${element.tagName}.${element.className} ${least.toFixed(2)} “${words[0].textContent.trim().slice(0, 20)}”`);
  }
  const small = [];
  for (const element of document.querySelectorAll("button, a[href], select, input:not([type=file]), textarea")) {
    const box = (element.closest("label") || element).getBoundingClientRect();
    if (!box.width || element.closest(".text")) continue; // links in a sentence are as high as its lines
    if (box.width < 24 || box.height < 24) small.push(`${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 16)} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`);
  }
  return { faint: [...new Set(faint)], small: [...new Set(small)] };
}
