/* Draws a plotly figure, alone or framed with its words, as one SVG. The picture service runs this in Chrome, and
   a page that was exported as HTML runs it in the reader's browser: one picture, whoever makes it.

   ententeDraw.picture(spec) returns an <svg> element, ententePage(spec, faces) fills an exported page. spec:
     figure     {data, layout} of plotly
     width, height, background (a colour, "" is transparent), lang, alt
     frame      null, or {title, subtitle, key, remarks, cut, notes, source, brand, watermark, sizes, tones, fonts, native}
   ententeDraw.fonts() lists {family, weight, ranges, url}: the faces that an SVG must carry with it. */
"use strict";
const ententeDraw = (() => {
  const NS = "http://www.w3.org/2000/svg";
  const UNBROKEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
  const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}]/u;
  const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;
  const pen = document.createElement("canvas").getContext("2d");
  let faces = [];

  function element(name, attributes, parent) {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    if (parent) parent.appendChild(made);
    return made;
  }

  function width(text, style) {
    pen.font = `${style.weight || 400} ${style.size}px ${style.family}`;
    return pen.measureText(text).width;
  }

  const graphemes = (text) => Array.from(new Intl.Segmenter().segment(text), (part) => part.segment);

  /* Where a line may break: after spaces, between characters of scripts without spaces, anywhere in what is too long. */
  function pieces(text, style, room) {
    const found = [];
    for (const word of text.split(/(?<=\s)/u)) {
      const small = UNBROKEN.test(word) || width(word.trimEnd(), style) > room;
      for (const piece of small ? graphemes(word) : [word]) {
        if (small && found.length && CLOSING.test(piece)) found[found.length - 1] += piece;
        else found.push(piece);
      }
    }
    return found;
  }

  function wrap(text, style, room) {
    const lines = [];
    let line = "";
    for (const piece of pieces(text.trim(), style, room)) {
      if (line && width((line + piece).trimEnd(), style) > room) {
        lines.push(line.trimEnd());
        line = piece;
      } else line += piece;
    }
    if (line.trim()) lines.push(line.trimEnd());
    return lines;
  }

  /* The first lines, the last of them cut with …. */
  function shortened(lines, most, style, room) {
    const kept = lines.slice(0, most);
    const last = graphemes(kept[most - 1]);
    while (last.length && width(last.join("").trimEnd() + "…", style) > room) last.pop();
    kept[most - 1] = last.join("").trimEnd() + "…";
    return kept;
  }

  /* Two lines at most; a longer title is set smaller on three, and cut with … where even that is too little. */
  function fit(text, style, room, most) {
    let lines = wrap(text, style, room);
    if (lines.length <= most) return [lines, style];
    const smaller = { ...style, size: Math.round(style.size * 0.74) };
    lines = wrap(text, smaller, room);
    return [lines.length > most + 1 ? shortened(lines, most + 1, smaller, room) : lines, smaller];
  }

  function write(parent, text, x, y, style, more) {
    const first = /[\p{L}]/u.exec(text);
    const backwards = first && RIGHT_TO_LEFT.test(first[0]);
    const anchor = (more && more["text-anchor"]) || "start";
    const turned = { start: "end", end: "start", middle: "middle" }[anchor];
    const made = element("text", {
      x, y, fill: style.fill, "font-family": style.family, "font-size": style.size,
      "font-weight": style.weight || 400, "xml:space": "preserve", ...more,
      ...(backwards ? { direction: "rtl", "text-anchor": turned } : { "text-anchor": anchor }),
    }, parent);
    made.textContent = text;
    return made;
  }

  /* The marks of a key, drawn rather than written: fonts differ in their circles. `s` is the size of the letters. */
  function mark(parent, item, x, y, s) {
    const r = s * 0.3, cy = y - s * 0.35, cx = x + s * 0.45, c = item.colour;
    const line = s * 0.1;
    const open = { fill: "none", stroke: c, "stroke-width": line };
    const square = { x: cx - r, y: cy - r, width: 2 * r, height: 2 * r };
    const rhombus = `M${cx} ${cy - r * 1.3}l${r * 1.3} ${r * 1.3}l${-r * 1.3} ${r * 1.3}l${-r * 1.3} ${-r * 1.3}z`;
    const arc = (at, thick) => element("path", {
      d: `M${at} ${y}q${s * 0.7} ${-s * 1.2} ${s * 1.4} 0`, fill: "none", stroke: c, "stroke-width": thick, "stroke-linecap": "round",
    }, parent);
    switch (item.mark) {
      case "circle": case "dot": element("circle", { cx, cy, r, fill: c }, parent); return s * 0.9;
      case "ring": case "few": element("circle", { cx, cy, r, ...open }, parent); return s * 0.9;
      case "round": element("circle", { cx, cy, r: s * 0.42, ...open }, parent); return s * 0.9;
      case "disc": element("circle", { cx, cy, r: s * 0.42, ...open, fill: c, "fill-opacity": 0.28 }, parent); return s * 0.9;
      case "diamond": element("path", { d: rhombus, fill: c }, parent); return s * 0.9;
      case "lozenge": element("path", { d: rhombus, ...open }, parent); return s * 0.9;
      case "seat": element("rect", { ...square, ...open }, parent); return s * 0.9;
      case "land": element("rect", { x, y: cy - s * 0.36, width: s * 1.2, height: s * 0.72, rx: 2, fill: c, stroke: item.edge }, parent); return s * 1.2;
      case "line": element("rect", { x, y: cy - s * 0.12, width: s * 1.2, height: s * 0.24, rx: s * 0.1, fill: c }, parent); return s * 1.2;
      case "rule": element("path", { d: `M${cx} ${cy - s * 0.5}v${s}`, ...open }, parent); return s * 0.9;
      case "dotted": element("path", { d: `M${cx} ${cy - s * 0.5}v${s}`, ...open, "stroke-dasharray": `${line} ${line * 1.6}` }, parent); return s * 0.9;
      case "arcs": arc(x + 2, s * 0.09); arc(x + s * 2, s * 0.28); return s * 3.6;
      default: return 0;
    }
  }

  /* The scale of a fill: boxes with the edges of their steps below; returns its width. */
  function scale(parent, item, x, y, style) {
    const w = item.colours.length > 5 ? style.size * 2.5 : style.size * 3.6;
    const between = item.edges.length > item.colours.length;
    const left = between ? width(item.edges[0], style) / 2 : 0; // the first edge's name begins where the title does
    item.colours.forEach((colour, i) => element("rect", {
      x: x + left + i * w, y: y - style.size * 0.8, width: w + 0.5, height: style.size * 0.75, fill: colour,
    }, parent));
    item.edges.forEach((edge, i) => write(parent, edge, x + i * w + (between ? left : w / 2), y + style.size * 1.05, style, { "text-anchor": "middle" }));
    return item.colours.length * w + 2 * left;
  }

  /* Draws the key from (x, y) on; returns the height that it took. */
  function key(parent, items, x, y, room, style) {
    if (!items.length) return 0;
    const space = style.size * 0.4, gap = style.size * 1.4;
    let right = x, low = y + style.size, tall = 0;
    for (const item of items) {
      if (item.mark === "scale") {
        right += scale(parent, item, right, low, style) + gap;
        tall = style.size * 1.35;
        continue;
      }
      const text = width(item.text, style);
      const ahead = item.mark ? style.size * (item.mark === "arcs" ? 3.6 : 1.2) + space : 0;
      if (right > x && right + ahead + text > x + room) {
        right = x;
        low += style.size * 1.5 + tall;
        tall = 0;
      }
      if (item.mark) right += mark(parent, item, right, low, style.size) + space;
      write(parent, item.text, right, low, style);
      right += text + gap;
    }
    return low - y + tall + style.size * 0.4;
  }

  /* The analysts' notes whose letters stand in the figure: in two columns where there is room, each on as many lines as
     leave the figure three quarters of the height, and cut with … beyond; the whole text is the line's title. */
  function remarks(parent, frame, x, room, most, style) {
    const items = frame.remarks;
    if (!items.length && !frame.cut) return { height: 0, draw() {} };
    const columns = items.length > 1 && room > style.size * 70 ? 2 : 1;
    const gap = style.size * 2, wide = (room - gap * (columns - 1)) / columns, step = style.size * 1.42;
    const each = Math.ceil(items.length / columns);
    const lines = Math.max(1, Math.floor((most / step - 1) / each));
    const bold = { ...style, weight: 600 };
    const indent = Math.max(0, ...items.map((item) => width(item.mark, bold))) + style.size * 0.6;
    const set = items.map((item) => {
      const whole = wrap(item.text, style, wide - indent);
      return { ...item, lines: whole.length > lines ? shortened(whole, lines, style, wide - indent) : whole };
    });
    const stacks = Array.from({ length: columns }, (_, at) => set.slice(at * each, (at + 1) * each));
    const tall = Math.max(...stacks.map((stack) => stack.reduce((sum, item) => sum + item.lines.length, 0)));
    const draw = (top) => {
      write(parent, "Analysts’ notes" + (frame.cut ? `. ${frame.cut}` : ""), x, top + style.size, bold);
      stacks.forEach((stack, column) => {
        const left = x + column * (wide + gap);
        let base = top + style.size + step;
        for (const item of stack) {
          write(parent, item.mark, left, base, bold);
          for (const line of item.lines) {
            const made = write(parent, line, left + indent, base, style);
            element("title", {}, made).textContent = item.text;
            base += step;
          }
        }
      });
    };
    return { height: (tall + 1) * step + style.size * 0.6, draw };
  }

  /* Lends plotly.js our borders: it looks for them here before it would fetch any. */
  function lend(layout) {
    if (!window.ententeWorld) return;
    const near = Object.entries(layout).some(([name, geo]) => name.startsWith("geo") && geo.projection && geo.projection.scale > 1.5);
    const world = near ? window.ententeWorld : window.ententeWorldFar || window.ententeWorld;
    window.PlotlyGeoAssets = { topojson: { world_50m: world, world_110m: world } };
  }

  async function plot(figure, w, h) {
    lend(figure.layout);
    const layout = { ...figure.layout, width: w, height: h, autosize: false };
    const text = await Plotly.toImage(
      { data: figure.data, layout, config: { staticPlot: true } },
      { format: "svg", width: w, height: h, imageDataOnly: true },
    );
    const drawn = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
    drawn.querySelectorAll(".layer.countries > path, .layer.coastlines > path").forEach(part);
    return drawn;
  }

  /* Parts the one line of all borders: Chrome draws in tiles, and would go through all of it for each of them. */
  function part(path) {
    const group = element("g", { style: path.getAttribute("style") });
    const rings = path.getAttribute("d").split(/(?=M)/);
    for (let i = 0; i < rings.length; i += 8) element("path", { d: rings.slice(i, i + 8).join("") }, group);
    path.replaceWith(group);
  }

  /* Draws everything but the figure; returns the SVG and where the figure stands: its size, its corner, its scale. */
  function surround(spec) {
    const { width: W, height: H, frame } = spec;
    const svg = element("svg", {
      xmlns: NS, width: W, height: H, viewBox: `0 0 ${W} ${H}`, role: "img", "xml:lang": "en",
    });
    if (frame || spec.alt) {
      element("title", {}, svg).textContent = frame ? frame.title : spec.alt;
      if (spec.alt) element("desc", {}, svg).textContent = spec.alt;
    }
    if (spec.background) element("rect", { width: W, height: H, fill: spec.background }, svg);
    if (!frame) return { svg, w: W, h: H, x: 0, y: 0, k: 1 };
    const { sizes, tones, fonts, native } = frame;
    const room = W - 2 * sizes.margin, x = sizes.margin;
    let y = sizes.top;
    const stamp = { size: sizes.source, family: fonts.sans, weight: 600, fill: tones.muted };
    const stamped = frame.stamp ? width(frame.stamp, stamp) + stamp.size * 1.4 : 0;
    if (stamped) {
      const tall = stamp.size * 1.9, left = W - x - stamped;
      element("rect", { x: left, y: y + sizes.title * 0.6 - tall / 2, width: stamped, height: tall, rx: 5, fill: "none", stroke: tones.muted, "stroke-width": 1.2 }, svg);
      write(svg, frame.stamp, left + stamped / 2, y + sizes.title * 0.6 + stamp.size * 0.36, stamp, { "text-anchor": "middle" });
    }
    const style = { size: sizes.title, family: fonts.serif, weight: 600, fill: tones.text };
    const [titles, head] = fit(frame.title, style, room - (stamped ? stamped + 24 : 0), 2);
    for (const line of titles) {
      write(svg, line, x, y + head.size * 0.92, head);
      y += head.size * 1.2;
    }
    const [below, sub] = fit(frame.subtitle || "", { size: sizes.subtitle, family: fonts.sans, fill: tones.muted }, room, 2);
    if (below.length) y += sizes.subtitle * 0.25;
    for (const line of below) {
      write(svg, line, x, y + sub.size, sub);
      y += sub.size * 1.35;
    }
    const small = { size: sizes.source, family: fonts.sans, fill: tones.muted };
    if (frame.key.length) {
      y += sizes.source * 0.6;
      y += key(svg, frame.key, x, y, room, { ...small, size: sizes.key });
    }
    const foot = { ...small, fill: tones.faint };
    const brand = { size: sizes.label, family: fonts.sans, weight: 600, fill: tones.text };
    const aside = frame.brand ? width(frame.brand, brand) + 24 : 0;
    const lines = [frame.notes, frame.source].filter(Boolean).flatMap((text) => wrap(text, foot, room - aside));
    const step = foot.size * 1.42;
    let base = H - sizes.bottom - (lines.length - 1) * step;
    const rule = base - foot.size - sizes.source * 0.95;
    element("rect", { x, y: rule, width: room, height: 1, fill: tones.line }, svg);
    for (const line of lines) {
      write(svg, line, x, base, foot);
      base += step;
    }
    const told = remarks(svg, frame, x, room, H * 0.25, small);
    told.draw(rule - told.height);
    if (frame.brand) write(svg, frame.brand, W - x, H - sizes.bottom, brand, { "text-anchor": "end" });

    const top = y + sizes.label * 0.9, high = rule - told.height - sizes.label * 0.8 - top;
    if (frame.watermark) {
      const size = Math.min(room / (0.9 * frame.watermark.length), high * 0.3);
      const cx = W / 2, cy = top + high / 2;
      write(svg, frame.watermark, cx, cy + size * 0.35, { size, family: fonts.sans, weight: 600, fill: tones.text }, {
        "text-anchor": "middle", "fill-opacity": 0.045, transform: `rotate(-12 ${cx} ${cy})`,
      });
    }
    let k = sizes.label / 12;
    // A chart whose rows are many is set closer rather than smaller.
    k = native.fixed ? Math.min(room / native.width, high / native.height) : Math.min(k, high / (native.height * 0.72));
    const w = native.fixed ? native.width : Math.round(room / k);
    const h = native.fixed ? native.height : Math.round(high / k);
    return { svg, w, h, x: x + (room - w * k) / 2, y: top + (high - h * k) / 2, k };
  }

  async function picture(spec) {
    const { svg, w, h, x, y, k } = surround(spec);
    const drawn = await plot(spec.figure, w, h);
    const place = { x, y, width: w * k, height: h * k, viewBox: `0 0 ${w} ${h}` };
    for (const [name, value] of Object.entries(place)) drawn.setAttribute(name, value);
    svg.appendChild(drawn);
    return svg;
  }

  /* The faces that the texts of an SVG in the page need, by family, weight and character. */
  function needed(svg) {
    const used = new Set();
    const walk = document.createTreeWalker(svg, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const style = getComputedStyle(walk.currentNode.parentElement);
      const weight = Number(style.fontWeight);
      for (const face of faces) {
        const [low, high] = face.weight.includes(" ") ? face.weight.split(" ").map(Number) : [Number(face.weight), Number(face.weight)];
        if (used.has(face) || !style.fontFamily.includes(face.family)) continue;
        if (low !== high ? weight < low || weight > high : (weight >= 550) !== (low >= 550)) continue;
        for (const letter of walk.currentNode.data) {
          const code = letter.codePointAt(0);
          if (face.ranges.some(([from, to]) => code >= from && code <= to)) {
            used.add(face);
            break;
          }
        }
      }
    }
    return [...used];
  }

  /* The letters of an SVG that no font here has: they all look like one that no font can have. */
  function missing(svg) {
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = 24;
    const ink = sheet.getContext("2d", { willReadFrequently: true });
    const look = (letter) => {
      ink.clearRect(0, 0, 24, 24);
      ink.font = "16px 'IBM Plex Sans', 'Noto Sans', sans-serif";
      ink.fillText(letter, 2, 18);
      return ink.getImageData(0, 0, 24, 24).data.join();
    };
    const blank = look("\u{10FFFD}");
    return [...new Set(svg.textContent.match(/[^\p{ASCII}\p{Mark}\p{Cf}\p{Z}]/gu) || [])]
      .filter((letter) => !faces.some((face) => face.ranges.some(([from, to]) => letter.codePointAt(0) >= from && letter.codePointAt(0) <= to)))
      .filter((letter) => look(letter) === blank);
  }

  const rule = (face) => `@font-face{font-family:"${face.family}";font-weight:${face.weight};src:url(${face.url}) format("woff2");unicode-range:${face.unicode}}`;

  /* Returns an SVG of the page as text, its fonts inside and its lines no finer than a hundredth of a pixel. */
  function text(svg) {
    const whole = svg.cloneNode(true);
    for (const path of whole.querySelectorAll("path[d]")) {
      const line = path.getAttribute("d");
      if (line.length > 2000) path.setAttribute("d", line.replace(/\d+\.\d{3,}/g, (n) => String(Math.round(n * 100) / 100)));
    }
    const style = element("style", { type: "text/css" });
    style.textContent = needed(svg).map(rule).join("");
    whole.insertBefore(style, whole.firstChild);
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(whole);
  }

  /* Makes the faces known to the page and waits for those that can be needed: what is measured too early is wrong. */
  async function ready(given) {
    faces = given.map((face) => ({
      ...face,
      ranges: face.unicode.split(",").map((part) => {
        const [from, to] = part.trim().slice(2).split("-").map((code) => parseInt(code, 16));
        return [from, to === undefined ? from : to];
      }),
    }));
    const style = document.createElement("style");
    style.textContent = faces.map(rule).join("");
    document.head.appendChild(style);
    await Promise.all(Array.from(document.fonts, (face) => face.load()));
    await document.fonts.ready;
  }

  return { lend, missing, picture, ready, surround, text };
})();

/* Fills an exported page: the frame as a picture, the figure on it as plotly draws it for the pointer. */
async function ententePage(spec, faces) {
  await ententeDraw.ready(faces);
  const view = document.getElementById("view");
  const { svg, w, h, x, y, k } = ententeDraw.surround(spec);
  const chart = document.createElement("div");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", spec.alt);
  chart.style.cssText = `position:absolute;left:0;top:0;width:${w}px;height:${h}px;transform-origin:0 0`;
  view.append(svg, chart);
  const fit = () => {
    const all = view.clientWidth / spec.width;
    chart.style.transform = `translate(${x * all}px,${y * all}px) scale(${k * all})`;
  };
  fit();
  addEventListener("resize", fit);
  const layout = { ...spec.figure.layout, width: w, height: h, autosize: false, dragmode: false };
  ententeDraw.lend(layout);
  await Plotly.newPlot(chart, spec.figure.data, layout, {
    displayModeBar: false, displaylogo: false, showSendToCloud: false, scrollZoom: false, responsive: false,
  });

  async function save(kind) {
    const whole = await ententeDraw.picture(spec);
    const hidden = document.createElement("div");
    hidden.style.cssText = "position:absolute;left:-99999px;top:0";
    document.body.append(hidden);
    hidden.append(whole);
    const text = ententeDraw.text(whole);
    hidden.remove();
    let made = new Blob([text], { type: "image/svg+xml" });
    if (kind === "png") {
      const image = new Image();
      image.src = URL.createObjectURL(made);
      await image.decode();
      const sheet = document.createElement("canvas");
      sheet.width = spec.width * 2;
      sheet.height = spec.height * 2;
      sheet.getContext("2d").drawImage(image, 0, 0, sheet.width, sheet.height);
      made = await new Promise((done) => sheet.toBlob(done, "image/png"));
      URL.revokeObjectURL(image.src);
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(made);
    link.download = `${document.title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60).replace(/^-|-$/g, "") || "chart"}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  for (const button of document.querySelectorAll("#save button")) {
    button.addEventListener("click", () => save(button.dataset.kind));
  }
}
