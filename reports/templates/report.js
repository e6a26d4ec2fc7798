// Puts plots that can be zoomed and read off in the place of the pictures over time. Without this script, and in print,
// the pictures stay. The data are in the page (#plot-data, see the Go type Plot): times in microseconds from the storm's
// start.
// It follows page.js and figures.js, in the same function.

// Plot is one figure: a panel for each setting, all with the same time axis and the same cursor.
class Plot {
	constructor(figure, plot) {
		this.figure = figure;
		this.plot = plot;
		this.kind = figures[plot.figure];
		this.full = [0, plot.starts ? plot.end : Math.max(plot.end * 1.02, 10)];
		this.view = this.full;
		this.box = element("div", "plot");
		this.said = element("p", "unseen");
		this.said.setAttribute("role", "status");
		this.bar();
		this.key = element("p", "key");
		this.box.append(this.key, this.said);
		this.panels = plot.panels.map(p => this.panel(p));
		figure.insertBefore(this.box, figure.querySelector(".paper"));
		this.draw();
		figure.classList.add("drawn");
		for (const name of ["tabindex", "role", "aria-label"]) figure.querySelector(".paper").removeAttribute(name);
		new ResizeObserver(() => this.resize()).observe(this.box);
		darkScheme.addEventListener("change", () => this.draw());
	}

	// bar has a button for everything that the pointer can do.
	bar() {
		const bar = element("div", "bar");
		bar.setAttribute("role", "group");
		bar.setAttribute("aria-label", "Time axis of " + titleOf(this.figure));
		const button = (text, press) => {
			const b = element("button", "", text);
			b.type = "button";
			b.addEventListener("click", press);
			bar.append(b);
			return b;
		};
		button("Zoom in", () => this.zoom(0.5));
		this.out = button("Zoom out", () => this.zoom(2));
		this.back = button("Earlier", () => this.pan(-0.5));
		this.on = button("Later", () => this.pan(0.5));
		this.all = button("Reset", () => this.show(this.full));
		this.range = element("span", "range");
		bar.append(this.range);
		this.box.append(bar);
	}

	panel(p) {
		p.keys = this.plot.keys;
		const box = element("div", "panel"), head = element("p", "head"), canvas = element("div", "canvas");
		const panel = {p, box, canvas, read: element("span", "read"), spot: element("span", "spot"), u: null};
		head.append(element("strong", "", p.label), element("span", "storm", p.storm), panel.read);
		canvas.setAttribute("aria-hidden", "true");
		box.tabIndex = 0;
		box.setAttribute("role", "group");
		box.setAttribute("aria-label", `${p.label}${p.storm ? ", " + p.storm : ""}. Left and Right read off, plus and minus zoom, Escape resets.`);
		box.addEventListener("keydown", e => this.press(panel, e));
		box.append(head, canvas);
		this.box.append(box);
		return panel;
	}

	// draw draws everything anew.
	draw() {
		const c = colours();
		this.colours = c;
		this.drawKey(c);
		for (const panel of this.panels) {
			if (panel.u) panel.u.destroy();
			panel.u = new uPlot(this.options(panel, c), this.kind.values(panel.p, this.plot), panel.canvas);
			panel.u.over.append(panel.spot);
		}
		this.show(this.view);
	}

	options(panel, c) {
		const {p} = panel, [x, y] = this.axes(p, c);
		return {
			width: panel.canvas.clientWidth, height: this.kind.height + x.size + (x.labelSize || 0),
			padding: [4, 18, 0, 0], legend: {show: false},
			scales: {x: {time: false, range: () => this.view}, y: this.kind.y(p, this.plot)},
			axes: [x, y], series: [{}, ...this.kind.series(c)],
			cursor: {
				y: false, points: {show: false}, drag: {x: true, y: false, setScale: false, dist: 5},
				bind: {dblclick: () => () => this.show(this.full)},
			},
			hooks: {
				draw: [u => this.over(u, panel)],
				setCursor: [u => this.hover(u, panel)],
				setSelect: [u => this.selected(u)],
			},
		};
	}

	// axes of a panel; only the last one says what the time axis shows.
	axes(p, c) {
		const last = p === this.plot.panels[this.plot.panels.length - 1], font = "12px system-ui, sans-serif";
		const axis = {stroke: c.soft, font, grid: {stroke: c.rule, width: 1}, ticks: {show: false}, gap: 5, incrs: wholeSteps};
		const x = {...axis, space: 70, size: last ? axisHeight : 6, values: (u, splits, i, space, step) => splits.map(last ? this.times(step) : () => "")};
		if (last) Object.assign(x, {label: this.plot.title, labelSize: axisLabel, labelFont: font});
		if (this.bursts()) {
			x.splits = (u, i, from, to) => instants(u, this.plot, from, to, x.space);
			x.values = (u, splits) => splits.map(at => last ? this.startAt(at) / 1e6 + " s" : "");
		}
		const {splits, label, lines} = this.kind;
		const y = {...axis, space: 22, size: axisWidth, values: (u, all) => all.map(v => (label || count)(v, this.plot))};
		if (splits) Object.assign(y, {splits: () => splits(this.plot), filter: (u, all) => all});
		if (lines === false) y.grid = {show: false};
		return [x, y];
	}

	// bursts are several instants at which many calls were to start.
	bursts() { return this.plot.starts && this.plot.starts.length > 1; }

	startAt(x) { return this.plot.starts[Math.min(Math.floor(x / this.plot.room), this.plot.starts.length - 1)]; }

	// span says what is in sight.
	span(from, to) {
		if (!this.plot.starts) return `${duration(from)} to ${duration(to)}`;
		if (this.bursts()) return `calls of +${duration(this.startAt(from))} to +${duration(this.startAt(Math.ceil(to) - 1))}`;
		return `calls ${count(Math.floor(from) + 1)} to ${count(Math.ceil(to))}`;
	}

	times(step) { return this.plot.starts ? count : seconds(step); }

	// over draws what is not a series, in the panel only.
	over(u, panel) {
		if (!this.kind.draw) return;
		const {ctx, bbox} = u;
		ctx.save();
		ctx.beginPath();
		ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
		ctx.clip();
		this.kind.draw(u, panel.p, this.colours, this.plot);
		ctx.restore();
	}

	// hover follows the pointer in one panel, in all of them.
	hover(u, panel) {
		if (this.busy) return;
		this.busy = true;
		const {left, top} = u.cursor;
		for (const each of this.panels) {
			if (each.u && each !== panel) each.u.setCursor({left, top: left < 0 ? -10 : 0}, false);
			if (each.u) this.read(each, left, this.kind === dots && each !== panel ? null : top);
		}
		this.busy = false;
	}

	read(panel, left, top) {
		const found = left === undefined || left < 0 ? null : this.kind.read(panel.p, panel.u, left, top, this.plot);
		panel.read.textContent = found ? found.words : "";
		const dot = found && found.dot !== undefined;
		panel.spot.hidden = !dot;
		if (dot) {
			const [x, y] = place(panel.u, panel.p, found.dot, false);
			panel.spot.style.transform = `translate(${x}px, ${y}px)`;
		}
		return found;
	}

	selected(u) {
		const {left, width} = u.select;
		if (width < 2) return;
		const view = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
		u.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
		this.show(view);
	}

	zoom(factor, centre) {
		const [from, to] = this.view, at = centre === undefined ? (from + to) / 2 : centre;
		this.show([at - (at - from) * factor, at + (to - at) * factor]);
	}

	pan(part) {
		const [from, to] = this.view, by = (to - from) * part;
		this.show([from + by, to + by]);
	}

	// show shows a span of time, within that of the storms.
	show([from, to]) {
		const [first, last] = this.full, span = Math.min(Math.max(to - from, this.plot.starts ? 5 : leastSpan), last - first);
		from = Math.min(Math.max(from, first), last - span);
		this.view = [from, from + span];
		for (const {u} of this.panels) if (u) u.setScale("x", {min: this.view[0], max: this.view[1]});
		const whole = span >= last - first;
		for (const b of [this.out, this.all]) b.disabled = whole;
		this.back.disabled = from <= first;
		this.on.disabled = from + span >= last;
		this.range.textContent = this.span(from, from + span);
	}

	resize() {
		for (const {u, canvas} of this.panels) {
			if (canvas.clientWidth && canvas.clientWidth !== u.width) u.setSize({width: canvas.clientWidth, height: u.height});
		}
	}

	// press lets the keyboard do what the pointer does.
	press(panel, e) {
		const {u} = panel, step = {ArrowLeft: -1, ArrowRight: 1}[e.key];
		const left = u.cursor.left >= 0 ? u.cursor.left : u.over.clientWidth / 2;
		if (step) this.step(panel, left, step * (e.shiftKey ? 10 : 1));
		else if (e.key === "+" || e.key === "-") this.zoom(e.key === "+" ? 0.5 : 2, u.posToVal(left, "x"));
		else return;
		e.preventDefault();
	}

	// step moves the cursor by so many hundredths of the panel, and says what is there.
	step(panel, left, by) {
		const {u} = panel, width = u.over.clientWidth;
		left = Math.min(Math.max(left + by * width / 100, 0), width);
		u.setCursor({left, top: 0}, false);
		this.hover(u, panel);
		const found = this.read(panel, left, null);
		this.said.textContent = found ? `${panel.p.label}, ${found.words}` : "nothing there";
	}

	drawKey(c) {
		this.key.replaceChildren(...this.plot.keys.flatMap(key => {
			const entry = element("span", "", key.text);
			entry.prepend(sample(key, c.soft));
			return [entry, " "];
		}));
	}
}

const drawn = [];
for (const plot of data.plots) {
	const figure = document.getElementById("figure-" + plot.figure);
	try {
		drawn.push(new Plot(figure, plot));
	} catch (e) {
		figure.querySelector(".plot")?.remove(); // the picture is still there
		console.error("figure", plot.figure, "could not be plotted:", e);
	}
}
document.addEventListener("keydown", e => {
	if (e.key === "Escape") for (const plot of drawn) plot.show(plot.full);
});

// titleOf a figure distinguishes its controls from those of others.
function titleOf(figure) { return figure.querySelector("h3").textContent; }
