// Draws the inlined data on three canvases that share one time axis. No library; opens offline.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const COLOURS = ['#2da44e', '#d4a72c', '#8250df'];
  const BANDS = ['#cf222e', '#0969da', '#bf3989', '#953800', '#1b7c83'];
  const LEFT = 64;
  const evidence = new Set(data.evidence);
  const kinds = [...new Set(data.bands.map((band) => band.kind))];
  const operations = data.operations.slice().sort((a, b) => a[2] - b[2]);
  const longest = operations.reduce((most, row) => Math.max(most, row[3] - row[2]), 1);
  let view = { from: data.focus.from, to: data.focus.to };

  const timeline = document.getElementById('timeline');
  const rowHeight = Math.max(3, Math.min(16, 640 / Math.max(1, data.threads)));
  const nodesHeight = data.nodes.length * 18 + 22;
  timeline.style.height = `${nodesHeight + data.threads * rowHeight + 24}px`;
  document.getElementById('rate').style.height = '160px';
  document.getElementById('latency').style.height = '200px';

  function surface(id) {
    const canvas = document.getElementById(id);
    const scale = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    const pen = canvas.getContext('2d');
    pen.scale(scale, scale);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    pen.font = '11px system-ui';
    return { pen, width: canvas.clientWidth, height: canvas.clientHeight };
  }
  const x = (micros, width) =>
    LEFT + ((micros - view.from) / (view.to - view.from)) * (width - LEFT);

  /** First row that can reach into the view: rows are sorted by their beginning. */
  function firstVisible() {
    let low = 0;
    let high = operations.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (operations[middle][2] < view.from - longest) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function axis({ pen, width, height }) {
    const span = view.to - view.from;
    const step = 10 ** Math.floor(Math.log10(span / 4));
    const every = span / step > 20 ? step * 5 : step;
    pen.fillStyle = '#59636e';
    pen.strokeStyle = '#eaeef2';
    for (let at = Math.ceil(view.from / every) * every; at <= view.to; at += every) {
      const px = x(at, width);
      pen.beginPath();
      pen.moveTo(px, 0);
      pen.lineTo(px, height - 16);
      pen.stroke();
      pen.fillText(`${+(at / 1e6).toFixed(6)} s`, px + 2, height - 4);
    }
  }

  function bands({ pen, width, height }, labelled) {
    data.bands.forEach((band, index) => {
      const from = Math.max(LEFT, x(band.from, width));
      const to = Math.min(width, x(band.to, width));
      if (to <= from) return;
      pen.fillStyle = `${BANDS[kinds.indexOf(band.kind) % BANDS.length]}22`;
      pen.fillRect(from, 0, Math.max(1, to - from), height - 16);
      if (!labelled) return;
      pen.fillStyle = BANDS[kinds.indexOf(band.kind) % BANDS.length];
      pen.fillText(`${band.id} ${band.nodes.join(' ')}`, from + 2, 10 + (index % 2) * 10);
    });
  }

  function nodes({ pen, width }) {
    data.nodes.forEach((node, row) => {
      const y = 22 + row * 18;
      pen.fillStyle = '#1c2128';
      pen.fillText(node, 4, y + 10);
      let since = 0;
      let state = 'up';
      const bar = (until) => {
        const from = Math.max(LEFT, x(since, width));
        const to = Math.min(width, x(until, width));
        pen.fillStyle = { up: '#aceebb', down: '#ffcecb', paused: '#fae17d' }[state];
        if (to > from) pen.fillRect(from, y, to - from, 12);
      };
      const marks = data.marks.filter((mark) => mark.node === node);
      for (const mark of marks) {
        if (!['up', 'down', 'paused'].includes(mark.kind)) continue;
        bar(mark.at);
        since = mark.at;
        state = mark.kind;
      }
      bar(data.end);
      for (const [of, at, warning] of data.lines) {
        const px = x(at, width);
        if (of !== node || px < LEFT || px > width) continue;
        pen.fillStyle = warning ? '#cf222e' : '#8c959f';
        pen.fillRect(px, y + (warning ? 6 : 9), 1, warning ? 8 : 5);
      }
      for (const mark of marks) {
        if (mark.kind !== 'leader' && mark.kind !== 'log') continue;
        const px = x(mark.at, width);
        if (px < LEFT) continue;
        pen.fillStyle = mark.kind === 'leader' ? '#0969da' : '#cf222e';
        pen.fillRect(px, y - 2, 2, 16);
        if (mark.kind === 'leader') pen.fillText('leads', px + 3, y + 10);
      }
    });
  }

  function drawTimeline() {
    const area = surface('timeline');
    axis(area);
    bands(area, true);
    nodes(area);
    const { pen, width } = area;
    const seen = new Set();
    for (let i = firstVisible(); i < operations.length && operations[i][2] <= view.to; i++) {
      const [thread, , begin, end, outcome, index] = operations[i];
      if (end < view.from) continue;
      const from = Math.max(LEFT, x(begin, width));
      const length = Math.max(1, Math.min(width, x(end, width)) - from);
      const proof = evidence.has(index) || evidence.has(index + 1);
      // Many operations fall on one pixel of a wide view; one of each kind is enough.
      const key = `${thread} ${from | 0} ${outcome}`;
      if (length <= 1 && !proof && seen.has(key)) continue;
      seen.add(key);
      const y = nodesHeight + thread * rowHeight;
      pen.fillStyle = COLOURS[outcome];
      pen.fillRect(from, y, length, Math.max(2, rowHeight - 2));
      if (proof) {
        pen.strokeStyle = '#cf222e';
        pen.lineWidth = 2;
        pen.strokeRect(from - 1, y - 1, length + 2, rowHeight);
        pen.lineWidth = 1;
      }
    }
    pen.fillStyle = '#59636e';
    for (let thread = 0; thread < data.threads; thread += Math.ceil(12 / rowHeight)) {
      pen.fillText(`thread ${thread}`, 4, nodesHeight + thread * rowHeight + 10);
    }
  }

  function drawRate() {
    const area = surface('rate');
    axis(area);
    bands(area, false);
    const { pen, width, height } = area;
    const buckets = Math.max(1, Math.floor((width - LEFT) / 8));
    const counts = COLOURS.map(() => new Float64Array(buckets));
    const span = (view.to - view.from) / buckets;
    for (const row of operations) {
      const bucket = Math.floor((row[3] - view.from) / span);
      if (bucket >= 0 && bucket < buckets) counts[row[4]][bucket] += 1e6 / span;
    }
    const most = Math.max(1, ...counts.map((list) => Math.max(...list)));
    counts.forEach((list, outcome) => {
      pen.strokeStyle = COLOURS[outcome];
      pen.beginPath();
      list.forEach((rate, bucket) => {
        const px = LEFT + (bucket + 0.5) * ((width - LEFT) / buckets);
        const py = (height - 20) * (1 - rate / most) + 2;
        if (bucket === 0) pen.moveTo(px, py);
        else pen.lineTo(px, py);
      });
      pen.stroke();
    });
    pen.fillStyle = '#59636e';
    pen.fillText(`${Math.round(most)}/s`, 4, 12);
    data.outcomes.forEach((name, outcome) => {
      pen.fillStyle = COLOURS[outcome];
      pen.fillText(name, 4, 30 + outcome * 14);
    });
  }

  function drawLatency() {
    const area = surface('latency');
    axis(area);
    bands(area, false);
    const { pen, width, height } = area;
    const decade = (micros) => Math.log10(Math.max(10, micros)) - 1;
    const top = Math.max(4, decade(longest));
    const seen = new Set();
    for (let i = firstVisible(); i < operations.length && operations[i][2] <= view.to; i++) {
      const [, , begin, end, outcome] = operations[i];
      const px = x(end, width) | 0;
      const py = ((height - 20) * (1 - decade(end - begin) / top)) | 0;
      const key = (px << 12) | (py << 2) | outcome;
      if (px < LEFT || px > width || seen.has(key)) continue;
      seen.add(key);
      pen.fillStyle = COLOURS[outcome];
      pen.fillRect(px, py, 2, 2);
    }
    pen.fillStyle = '#59636e';
    for (let power = 0; power <= top; power++) {
      pen.fillText(
        `${10 ** (power + 1) >= 1000 ? `${10 ** (power - 2)} ms` : `${10 ** (power + 1)} µs`}`,
        4,
        (height - 20) * (1 - power / top) + 4,
      );
    }
  }

  let asked = false;
  function draw() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      drawTimeline();
      drawRate();
      drawLatency();
    });
  }
  function show(from, to) {
    view = { from, to: Math.max(from + 10, to) };
    draw();
  }

  const tip = document.getElementById('tip');
  function rowAt(event) {
    const box = timeline.getBoundingClientRect();
    const at =
      view.from + ((event.clientX - box.left - LEFT) / (box.width - LEFT)) * (view.to - view.from);
    const thread = Math.floor((event.clientY - box.top - nodesHeight) / rowHeight);
    const slack = (view.to - view.from) / 400;
    for (let i = firstVisible(); i < operations.length && operations[i][2] <= at + slack; i++) {
      const row = operations[i];
      if (row[0] === thread && row[3] >= at - slack) return row;
    }
    return null;
  }
  timeline.addEventListener('mousemove', (event) => {
    const row = rowAt(event);
    tip.style.display = row ? 'block' : 'none';
    if (!row) return;
    tip.textContent = `#${row[5]} ${row[6]} (${((row[3] - row[2]) / 1000).toFixed(3)} ms at ${(row[2] / 1e6).toFixed(6)} s)`;
    tip.style.left = `${Math.min(event.clientX + 12, window.innerWidth - 500)}px`;
    tip.style.top = `${event.clientY + 12}px`;
  });
  timeline.addEventListener('mouseleave', () => (tip.style.display = 'none'));
  timeline.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const box = timeline.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / (box.width - LEFT);
      const at = view.from + share * (view.to - view.from);
      const factor = event.deltaY > 0 ? 1.25 : 0.8;
      show(at - (at - view.from) * factor, at + (view.to - at) * factor);
    },
    { passive: false },
  );
  timeline.addEventListener('mousedown', (down) => {
    const start = { ...view };
    const perPixel = (view.to - view.from) / (timeline.clientWidth - LEFT);
    const move = (event) => {
      const shift = (down.clientX - event.clientX) * perPixel;
      show(start.from + shift, start.to + shift);
    };
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', () => window.removeEventListener('mousemove', move), {
      once: true,
    });
  });
  document.getElementById('whole').addEventListener('click', () => show(0, data.end));
  document
    .getElementById('failure')
    .addEventListener('click', () => show(data.focus.from, data.focus.to));
  for (const link of document.querySelectorAll('[data-at]')) {
    link.addEventListener('click', () =>
      show(+link.dataset.at - 500000, +link.dataset.at + 500000),
    );
  }
  window.addEventListener('resize', draw);
  draw();
})();
