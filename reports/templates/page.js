// What every page can do: copy what is to be typed, and say what a term means. Without this script a term is a link to
// the glossary.

function element(tag, className, text) {
	const e = document.createElement(tag);
	if (className) e.className = className;
	if (text) e.textContent = text;
	return e;
}

// spoken is read aloud, and not shown.
const spoken = element("p", "unseen");
spoken.setAttribute("role", "status");
document.querySelector("main").append(spoken);

// copied puts a text on the clipboard. An older browser, and one that keeps the clipboard from files, has a command.
async function copied(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = element("textarea");
		area.value = text;
		document.body.append(area);
		area.select();
		const done = document.execCommand("copy");
		area.remove();
		return done;
	}
}

for (const code of document.querySelectorAll("[data-copy]")) {
	const b = element("button", "copy", "Copy"), text = code.textContent, block = code.closest("pre");
	b.type = "button";
	b.setAttribute("aria-label", "Copy " + code.dataset.copy);
	b.addEventListener("click", async () => {
		const done = await copied(text);
		b.focus();
		b.textContent = spoken.textContent = done ? "Copied" : "Not copied: select the text";
		setTimeout(() => { b.textContent = "Copy"; spoken.textContent = ""; }, 3000);
	});
	b.classList.toggle("over", block !== null);
	if (block) block.before(b); else code.after(" ", b);
}

// The meaning of a term stands beside it while the pointer or the focus is on it, or after a tap.
const meaning = element("div", "meaning");
meaning.id = "meaning";
meaning.setAttribute("role", "tooltip");
meaning.hidden = true;
document.querySelector("main").append(meaning);
let explained = null;

function explain(term) {
	const entry = document.getElementById(term.hash.slice(1));
	if (!entry) return;
	forget();
	explained = term;
	meaning.replaceChildren(element("strong", "", entry.textContent), " ", entry.nextElementSibling.textContent);
	meaning.hidden = false;
	const at = term.getBoundingClientRect(), {offsetWidth: width, offsetHeight: height} = meaning;
	const below = at.bottom + height + 8 <= innerHeight || at.top < height + 8;
	meaning.style.left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8)) + scrollX + "px";
	meaning.style.top = (below ? at.bottom + 4 : at.top - height - 4) + scrollY + "px";
	term.setAttribute("aria-describedby", meaning.id);
}

function forget() {
	if (explained) explained.removeAttribute("aria-describedby");
	explained = null;
	meaning.hidden = true;
}

for (const term of document.querySelectorAll("a.term")) {
	term.addEventListener("mouseenter", () => explain(term));
	term.addEventListener("focus", () => explain(term));
	term.addEventListener("blur", forget);
	term.addEventListener("click", e => { e.preventDefault(); explain(term); });
	// The pointer may go on to the meaning, to read or to select it.
	term.addEventListener("mouseleave", e => { if (e.relatedTarget !== meaning && document.activeElement !== term) forget(); });
}
meaning.addEventListener("mouseleave", () => { if (document.activeElement !== explained) forget(); });
document.addEventListener("click", e => { if (!e.target.closest("a.term, .meaning")) forget(); });
document.addEventListener("keydown", e => { if (e.key === "Escape") forget(); });

// What is folded is printed too.
let opened = [];
addEventListener("beforeprint", () => {
	forget();
	opened = [...document.querySelectorAll("details:not([open])")];
	for (const d of opened) d.open = true;
});
addEventListener("afterprint", () => { for (const d of opened) d.open = false; });

