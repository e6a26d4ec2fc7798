//go:build unix

package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"agistorm/reports/words"
)

// tab goes to the next place that the keyboard reaches, and names it.
func (b *browser) tab() (name string) {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.must("Input.dispatchKeyEvent",
			object{"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}, nil)
	}
	b.eval(`(() => { const e = document.activeElement, named = e.labels && e.labels.length ? e.labels[0] : e;
		if (e === document.body) return "";
		return e.getAttribute("aria-label") || named.textContent.trim().slice(0, 60); })()`, &name)
	return name
}

// enter presses what has the focus.
func (b *browser) enter() {
	b.t.Helper()
	b.must("Input.dispatchKeyEvent", object{"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r",
		"windowsVirtualKeyCode": 13}, nil)
	b.must("Input.dispatchKeyEvent", object{"type": "keyUp", "key": "Enter", "code": "Enter",
		"windowsVirtualKeyCode": 13}, nil)
}

// TestFirstScreen: headline, three numbers and the figure are above the fold of a small laptop.
func TestFirstScreen(t *testing.T) {
	b, path := openBrowser(t), recordedPage(t)
	b.window(1280, 800, "light")
	b.open(path)
	if got, want := b.text("h1"), words.Headline(recorded()); got != want {
		t.Errorf("the page begins %q, want %q", got, want)
	}
	var bottoms []float64
	b.eval(`["h1", ".keys > div:nth-child(3)", "#figure-lost img"].map(
		s => document.querySelector(s).getBoundingClientRect().bottom)`, &bottoms)
	for i, bottom := range bottoms {
		if bottom > 800 {
			t.Errorf("part %d of the first screen ends at %v px", i+1, bottom)
		}
	}
	var order []string
	b.eval(`[...document.querySelectorAll("main h2")].map(h => h.id || h.parentElement.id)`, &order)
	want := []string{"figure-lost", "warnings", "advice", "management", "settings", "figures", "why", "details",
		"generator", "run", "outcomes", "validity"}
	if !slices.Equal(order, want) {
		t.Errorf("the order is %q, want %q", order, want)
	}
}

// TestKeyboard: all that can be done is reached with the tabulator in the order of the page, shows its focus, and
// works.
func TestKeyboard(t *testing.T) {
	b, path := openBrowser(t), recordedPage(t)
	b.window(1280, 800, "light")
	b.open(path)
	b.must("Browser.grantPermissions",
		object{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}}, nil)
	b.must("Emulation.setEmulatedMedia", // so that what has the focus is in sight at once
		object{"features": []object{{"name": "prefers-reduced-motion", "value": "reduce"}}}, nil)
	var stops []string
	hidden := 0
	for range 400 {
		name := b.tab()
		if name == "" {
			break
		}
		stops = append(stops, name)
		var seen bool
		b.eval(`(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
			const marked = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
			return marked && r.bottom > 0 && r.top < innerHeight; })()`, &seen)
		if !seen {
			hidden++
			t.Logf("no sign of the focus: %s", name)
		}
		switch name {
		case "Copy net.core.somaxconn = 4096":
			copies(t, b)
		case "phantoms":
			explains(t, b)
		}
	}
	if hidden > 0 {
		t.Errorf("%d of %d places show no focus", hidden, len(stops))
	}
	at := -1
	for _, want := range []string{"Skip to what to set, the table and the figures", "What to set", "effective backlog",
		"Copy net.core.somaxconn = 4096", words.TitleFiles, "Table: " + words.TitleSettings, "phantoms", "Zoom in",
		"Print every section, not only the first two pages"} {
		next := slices.IndexFunc(stops[at+1:], func(s string) bool { return strings.HasPrefix(s, want) })
		if next < 0 {
			t.Fatalf("%q is not reached after %d places: %q", want, at+1, stops)
		}
		at += 1 + next
	}
}

// copies: the button with the focus puts the setting on the clipboard, and says so aloud.
func copies(t *testing.T, b *browser) {
	b.t = t
	b.enter()
	var got, said string
	b.eval(`new Promise(done => setTimeout(done, 50)).then(() => navigator.clipboard.readText())`, &got)
	b.eval(`document.querySelector("main > [role=status]").textContent`, &said)
	if got != "net.core.somaxconn = 4096" || said != "Copied" {
		t.Errorf("copied is %q, and it says %q", got, said)
	}
}

// explains: the term with the focus has its meaning beside it, Escape takes that away, and Enter brings it again.
func explains(t *testing.T, b *browser) {
	b.t = t
	meaning := func() (text string) {
		b.eval(`(() => { const m = document.getElementById(document.activeElement.getAttribute("aria-describedby"));
			return m && m.getBoundingClientRect().height ? m.textContent : ""; })()`, &text)
		return text
	}
	if got := meaning(); !strings.HasPrefix(got, "phantom The client saw a connection that the server never accepted") {
		t.Errorf("the meaning of a phantom is %q", got)
	}
	b.key("Escape")
	if got := meaning(); got != "" {
		t.Errorf("after Escape there is %q", got)
	}
	b.enter()
	if got := meaning(); got == "" {
		t.Error("Enter explains nothing")
	}
}

// TestTermsAreExplained: the pointer and a tap show what a term means, within the window, whatever scrolls around it.
func TestTermsAreExplained(t *testing.T) {
	b, path := openBrowser(t), recordedPage(t)
	b.window(420, 900, "light")
	b.open(path)
	for _, name := range []string{"lost", "late", "phantom", "effective-backlog", "accept-queue", "SYN"} {
		p := b.see(fmt.Sprintf(`a.term[href="#term-%s"]`, name))
		b.mouse("mouseMoved", p.Left+p.Width/2, p.Top+p.Height/2, nil)
		var at struct {
			Left, Right, Top, Bottom, Height float64
			Text                             string
		}
		b.eval(`(() => { const m = document.getElementById("meaning"), r = m.getBoundingClientRect();
			return {left: r.left, right: r.right, top: r.top, bottom: r.bottom, height: r.height,
				text: m.textContent}; })()`, &at)
		said := strings.ToLower(at.Text)
		if at.Left < 0 || at.Right > 420 || at.Top < 0 || at.Bottom > 900 || at.Height < 20 ||
			!strings.HasPrefix(said, strings.ToLower(strings.ReplaceAll(name, "-", " "))) {
			t.Errorf("%s: %+v", name, at)
		}
		b.mouse("mouseMoved", 1, 1, nil)
		var hidden bool
		if b.eval(`document.getElementById("meaning").hidden`, &hidden); !hidden {
			t.Errorf("%s: the meaning stays", name)
		}
	}
	p := b.see(`a.term[href="#term-late"]`)
	b.must("Input.dispatchTouchEvent", object{"type": "touchStart",
		"touchPoints": []object{{"x": p.Left + p.Width/2, "y": p.Top + p.Height/2}}}, nil)
	b.must("Input.dispatchTouchEvent", object{"type": "touchEnd", "touchPoints": []object{}}, nil)
	b.frame()
	if got := b.text("#meaning"); !strings.HasPrefix(got, "late ") {
		t.Errorf("a tap explains %q", got)
	}
	// Without a script a term leads to the glossary.
	var missing []string
	b.eval(`[...document.querySelectorAll("a.term")].map(a => a.hash).filter(
		hash => !document.getElementById(hash.slice(1)))`, &missing)
	if len(missing) > 0 {
		t.Errorf("the glossary has no %q", missing)
	}
}
