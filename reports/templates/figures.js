// What the figures over time show, and how it is drawn; page.js precedes and report.js follows, in the same
// function (see pagescript.go).
const data = JSON.parse(document.getElementById("plot-data").textContent);
const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const axisWidth = 64, axisHeight = 22, axisLabel = 18; // CSS pixels
const reach = 40; // how far from the pointer a dot may be, in CSS pixels
const leastSpan = 50; // the closest zoom, in microseconds
// wholeSteps lie between the ticks of an axis.
const wholeSteps = Array.from({length: 30}, (_, i) => [1, 2, 5][i % 3] * 10 ** Math.floor(i / 3));

// Words, as everywhere in the page.

function count(n) { return Math.round(n).toLocaleString("en-US"); }

function threeDigits(v) { return v.toFixed(v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2); }

function duration(us) {
	if (us < 0) return "-" + duration(-us);
	if (us === 0) return "0 s";
	if (us < 999.5) return threeDigits(us) + " µs";
	if (us < 999500) return threeDigits(us / 1e3) + " ms";
	if (us < 600e6) return threeDigits(us / 1e6) + " s";
	return count(us / 60e6) + " min";
}

function amount(n, one, many) { return count(n) + " " + (n === 1 ? one : many); }

// seconds labels a time axis with as many decimals as its steps need.
function seconds(step) {
	const decimals = Math.max(0, Math.ceil(-Math.log10(step / 1e6) - 1e-9));
	return us => (us / 1e6).toFixed(decimals);
}

// lastUpTo is the position of the last of ascending values that is not greater than v, -1 without one.
function lastUpTo(values, v) {
	let low = 0, high = values.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (values[middle] <= v) low = middle + 1; else high = middle;
	}
	return low - 1;
}

// colours of the page and of the figures, anew for each drawing: they follow the system's light or dark.
function colours() {
	const style = getComputedStyle(document.documentElement);
	const of = name => style.getPropertyValue("--" + name).trim();
	const drawn = Object.entries(data.palette).map(([name, tone]) => [name, shown(tone).hex]);
	return {ink: of("ink"), soft: of("soft"), rule: of("rule"), card: of("card"), ...Object.fromEntries(drawn)};
}

// shown is how a colour is drawn on the page's ground: its "hex", and whether it is "faint" there.
function shown(tone) { return darkScheme.matches ? tone.dark : tone.light; }

// What a figure's panels show. Each kind of figure has
//   height    of a panel in CSS pixels
//   values(p, plot) what uPlot gets, with the positions on the time axis first
//   series(c) and y(p, plot) how uPlot draws them
//   draw      what is drawn over it
//   splits(plot), label, lines  where the upright axis has its labels, what they say, and whether there are lines
//   read(p, u, left, top, plot) what stands at a place: its words and, if it is a dot, which; null for nothing

// nothing is a series that uPlot itself does not draw.
const nothing = {paths: () => null, points: {show: false}};

const queue = {
	height: 110,
	values: p => [p.at, p.depth],
	series: c => [
		{stroke: c.ink, width: 1.3, fill: c.shade, paths: uPlot.paths.stepped({align: 1}), points: {show: false}},
	],
	y: p => ({range: [0, p.top]}),
	draw: (u, p, c) => {
		const ctx = u.ctx, {left, top, width} = u.bbox, dot = devicePixelRatio;
		if (p.others) {
			for (const storm of p.others) stairs(u, storm, c.outline, 1);
			stairs(u, p, c.ink, 1.3); // over the others
		}
		ctx.strokeStyle = ctx.fillStyle = c.alarm;
		for (const at of p.overflows || []) {
			const x = u.valToPos(at, "x", true);
			if (x >= left && x <= left + width) ctx.fillRect(x - dot / 2, top, dot, 6 * dot);
		}
		if (!p.near) return;
		const y = u.valToPos(p.full, "y", true);
		ctx.lineWidth = 1.2 * dot;
		ctx.setLineDash([5 * dot, 4 * dot]);
		ctx.beginPath();
		ctx.moveTo(left, y);
		ctx.lineTo(left + width, y);
		ctx.stroke();
	},
	read: (p, u, left) => {
		const us = u.posToVal(left, "x"), i = lastUpTo(p.at, us);
		const depth = i < 0 ? 0 : p.depth[i];
		const room = p.full < 2 ** 31 ? " of " + count(p.full) : "";
		return {words: `at +${duration(us)}: ${count(depth)}${room} queued${depth >= p.full ? ", full" : ""}`};
	},
};

// stairs draws a queue over time: each depth holds until the next.
function stairs(u, storm, colour, width) {
	const {ctx} = u;
	ctx.strokeStyle = colour;
	ctx.lineWidth = width * devicePixelRatio;
	ctx.beginPath();
	let y = 0;
	storm.at.forEach((us, i) => {
		const x = u.valToPos(us, "x", true);
		if (i > 0) ctx.lineTo(x, y);
		y = u.valToPos(storm.depth[i], "y", true);
		if (i > 0) ctx.lineTo(x, y); else ctx.moveTo(x, y);
	});
	ctx.stroke();
}

const flow = {
	height: 120, // of all lanes; the first one is at the top
	values: (p, plot) => [p.counts[0].map((_, i) => i * plot.width), p.counts[0]],
	series: () => [nothing],
	y: (p, plot) => ({range: [0, plot.lanes.length]}),
	splits: plot => plot.lanes.map((_, row) => row + 0.35),
	label: (row, plot) => plot.lanes[plot.lanes.length - 1 - Math.floor(row)].name,
	lines: false,
	draw: (u, p, c, plot) => plot.lanes.forEach((lane, i) =>
		drawBars(u, p.counts[i], plot.width, plot.lanes.length - 1 - i, lane.most, shown(plot.keys[i]).hex, c)),
	read: (p, u, left, top, plot) => {
		const i = Math.min(Math.max(Math.floor(u.posToVal(left, "x") / plot.width), 0), p.counts[0].length - 1);
		const said = (name, counts) => counts ? [amount(counts[i], name.slice(0, -1), name)] : [];
		const parts = plot.lanes.flatMap(({name}, lane) => said(name, p.counts[lane]));
		return {words: `+${duration(i * plot.width)} to +${duration((i + 1) * plot.width)}: ${parts.join(", ")}`};
	},
};

// drawBars draws a row of bars, or says that it was not counted.
function drawBars(u, counts, width, row, top, colour, c) {
	const {ctx, bbox} = u, y = u.valToPos(row, "y", true), room = y - u.valToPos(row + 0.85, "y", true);
	ctx.fillStyle = c.soft;
	ctx.fillRect(bbox.left, y - 1, bbox.width, 1);
	if (!counts) {
		ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
		ctx.textAlign = "left"; // the axes leave it at the right
		ctx.fillText("not counted", bbox.left + 6 * devicePixelRatio, y - room / 3);
		return;
	}
	ctx.fillStyle = colour;
	counts.forEach((n, i) => {
		if (n === 0) return;
		const left = u.valToPos(i * width, "x", true), right = u.valToPos((i + 1) * width, "x", true);
		const h = Math.max(n / top * room, devicePixelRatio);
		ctx.fillRect(left, y - h, Math.max(right - left, 1), h);
	});
}

const dots = {
	height: 150,
	values: p => [p.x || p.at, p.took],
	series: () => [nothing],
	y: (p, plot) => ({distr: 3, range: plot.range}),
	splits: plot => powers(...plot.range),
	label: us => us < 1e3 ? us + " µs" : us < 1e6 ? us / 1e3 + " ms" : us / 1e6 + " s",
	draw: (u, p, c, plot) => {
		p.at.forEach((_, i) => drawDot(u, p, i, c, plot.keys[p.kind[i]]));
		// Rings are emptied after all are drawn: where many overlap, their common edge is left.
		p.at.forEach((_, i) => drawDot(u, p, i, c, plot.keys[p.kind[i]], true));
	},
	read: (p, u, left, top, plot) => {
		const i = nearest(p, u, left, top);
		if (i < 0) return null;
		const key = plot.keys[p.kind[i]];
		return {dot: i, words: `a call at +${duration(p.at[i])}: ${key.took} ${duration(p.took[i])}, ${key.text}`};
	},
};

const figures = {queue, flow, dots};

// instants are the starts in sight, as positions on the axis, so many CSS pixels apart.
function instants(u, plot, from, to, space) {
	const seen = plot.starts.map((_, k) => k * plot.room).filter(x => x >= from && x <= to);
	const stride = Math.ceil(seen.length * space / u.width) || 1;
	return seen.filter((_, i) => i % stride === 0);
}

// powers of ten that lie on a scale.
function powers(low, high) {
	const all = [];
	for (let v = 1; v <= high; v *= 10) if (v >= low) all.push(v);
	return all;
}

// lift of lost calls, in CSS pixels: given up at the same time they would hide those that were served late.
const lift = 7;

// place of a dot in a panel, in CSS pixels or, for drawing, in those of the canvas.
function place(u, p, i, canvas) {
	const above = p.keys[p.kind[i]].form === "cross" ? lift * (canvas ? devicePixelRatio : 1) : 0;
	return [u.valToPos((p.x || p.at)[i], "x", canvas), u.valToPos(Math.max(p.took[i], 1), "y", canvas) - above];
}

const dotSize = 2; // radius in CSS pixels

// drawDot draws a dot as its key says, or only what is inside a ring.
function drawDot(u, p, i, c, key, inside) {
	const {ctx, bbox} = u, [x, y] = place(u, p, i, true);
	if (x < bbox.left || x > bbox.left + bbox.width) return;
	const r = dotSize * devicePixelRatio, {hex, faint} = shown(key);
	if (!inside) mark(ctx, key.form, x, y, r, hex, faint ? c.soft : "");
	else if (key.form === "ring") mark(ctx, "disc", x, y, r * 0.7, c.card);
}

// mark draws a disc, a ring or a cross, over its edge where it needs one.
function mark(ctx, form, x, y, r, colour, edge) {
	if (edge) outline(ctx, form, x, y, r * 1.3, r * 1.3, edge);
	outline(ctx, form, x, y, r, r * 0.6, colour);
}

function outline(ctx, form, x, y, r, width, colour) {
	ctx.strokeStyle = ctx.fillStyle = colour;
	ctx.lineWidth = width;
	ctx.beginPath();
	if (form === "cross") {
		ctx.moveTo(x - r, y - r);
		ctx.lineTo(x + r, y + r);
		ctx.moveTo(x - r, y + r);
		ctx.lineTo(x + r, y - r);
	} else {
		ctx.arc(x, y, r, 0, 2 * Math.PI);
	}
	if (form === "disc") ctx.fill(); else ctx.stroke();
}

// nearest dot to a place, -1 where none is near. Without a height (keyboard) it is the nearest in time.
function nearest(p, u, left, top) {
	let best = -1, least = top === null ? Infinity : reach * reach;
	for (let i = 0; i < p.at.length; i++) {
		const [x, y] = place(u, p, i, false), dx = x - left, dy = top === null ? 0 : y - top;
		const d = dx * dx + dy * dy;
		if (d < least) { best = i; least = d; }
	}
	return best;
}

// sample is a small picture of a key's form.
function sample({form, ...tone}, soft) {
	const {hex: colour, faint} = shown(tone), edge = faint ? soft : "";
	const canvas = document.createElement("canvas"), dot = devicePixelRatio, ctx = canvas.getContext("2d");
	canvas.width = 22 * dot;
	canvas.height = 12 * dot;
	canvas.setAttribute("aria-hidden", "true");
	if (form === "disc" || form === "ring" || form === "cross") {
		mark(ctx, form, 11 * dot, 6 * dot, 3.5 * dot, colour, edge);
		return canvas;
	}
	ctx.strokeStyle = ctx.fillStyle = colour;
	if (form === "swatch") ctx.fillRect(0, 0, canvas.width, canvas.height);
	ctx.lineWidth = 2 * dot;
	if (form === "dash") ctx.setLineDash([5 * dot, 3 * dot]);
	ctx.beginPath();
	if (form === "tick") {
		ctx.moveTo(11 * dot, 2 * dot);
		ctx.lineTo(11 * dot, 10 * dot);
	} else {
		ctx.moveTo(0, 6 * dot);
		ctx.lineTo(22 * dot, 6 * dot);
	}
	ctx.stroke();
	return canvas;
}
