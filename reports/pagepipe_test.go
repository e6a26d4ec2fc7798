//go:build unix

package reports

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// browsers are the names under which a Chromium may be installed.
var browsers = []string{
	"chromium",
	"chromium-browser",
	"google-chrome",
	"google-chrome-stable",
	"chrome",
	"headless_shell",
}

// browser is a Chromium without a window. Commands and answers of the DevTools protocol go through two pipes,
// each ended by a 0 byte.
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	session string
	last    int
	// events in their order.
	events []message
}

// message is what the browser says: an answer, which has an ID, or an event.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// object is the arguments of a command.
type object map[string]any

// openBrowser starts a browser with one empty page. The test is left out only where none of the names is installed.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := findBrowser(t)
	cmd := exec.Command(
		path,
		"--headless",
		"--no-sandbox",
		"--disable-gpu",
		"--no-first-run",
		"--hide-scrollbars",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-sync",
		"--disable-dev-shm-usage",
		"--force-color-profile=srgb",
		"--remote-debugging-pipe",
		"--user-data-dir="+t.TempDir(),
	)
	read, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{read, write} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read.Close()
	write.Close()
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		b.session = ""
		_, _ = b.try("Browser.close", nil)
		_ = cmd.Wait()
		to.Close()
		from.Close()
	})
	b.attach()
	return b
}

func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range browsers {
		path, err := exec.LookPath(name)
		if err == nil {
			return path
		}
		if !errors.Is(err, exec.ErrNotFound) {
			t.Fatal(err)
		}
	}
	t.Skipf("no browser is installed: there is none of %s", strings.Join(browsers, ", "))
	return ""
}

// attach makes the page to which all further commands go, and lets it report whatever goes wrong.
func (b *browser) attach() {
	var page struct{ TargetID string }
	b.must("Target.createTarget", object{"url": "about:blank"}, &page)
	var session struct{ SessionID string }
	b.must("Target.attachToTarget", object{"targetId": page.TargetID, "flatten": true}, &session)
	b.session = session.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Audits"} {
		b.must(domain+".enable", nil, nil)
	}
}

// try sends a command and waits for its answer; what happens meanwhile is kept.
func (b *browser) try(method string, params object) (json.RawMessage, error) {
	b.last++
	command := object{"id": b.last, "method": method, "params": params}
	if params == nil {
		command["params"] = object{}
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	text, err := json.Marshal(command)
	if err != nil {
		return nil, err
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		return nil, err
	}
	return b.answer(method, b.last)
}

func (b *browser) answer(method string, id int) (json.RawMessage, error) {
	for {
		m, err := b.next()
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", method, err)
		case m.ID == 0:
			b.events = append(b.events, m)
		case m.ID == id && m.Error != nil:
			return nil, fmt.Errorf("%s: %s", method, m.Error)
		case m.ID == id:
			return m.Result, nil
		}
	}
}

func (b *browser) next() (m message, err error) {
	text, err := b.from.ReadBytes(0)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text[:len(text)-1], &m)
}

// must sends a command and reads its answer into result, if that is not nil.
func (b *browser) must(method string, params object, result any) {
	b.t.Helper()
	answer, err := b.try(method, params)
	if err == nil && result != nil {
		err = json.Unmarshal(answer, result)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// open loads a file as the page, all of it.
func (b *browser) open(path string) {
	b.t.Helper()
	b.events = nil
	b.must("Page.navigate", object{"url": "file://" + path}, nil)
	for !slices.ContainsFunc(b.events, func(m message) bool { return m.Method == "Page.loadEventFired" }) {
		m, err := b.next()
		if err != nil {
			b.t.Fatal(err)
		}
		b.events = append(b.events, m)
	}
}

// frame waits until the page was laid out and drawn anew.
func (b *browser) frame() {
	b.t.Helper()
	b.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))", nil)
}

// eval is the value of an expression in the page, read into result.
func (b *browser) eval(expression string, result any) {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.must("Runtime.evaluate", object{"expression": expression, "returnByValue": true, "awaitPromise": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails)
	}
	if result != nil {
		if err := json.Unmarshal(answer.Result.Value, result); err != nil {
			b.t.Fatalf("%s: %v", expression, err)
		}
	}
}

// mouse does something at a place of the window, in CSS pixels.
func (b *browser) mouse(kind string, x, y float64, more object) {
	b.t.Helper()
	event := object{"type": kind, "x": x, "y": y}
	for name, value := range more {
		event[name] = value
	}
	b.must("Input.dispatchMouseEvent", event, nil)
}

// key presses a key and lets it go.
func (b *browser) key(name string) {
	b.t.Helper()
	b.must("Input.dispatchKeyEvent", object{"type": "keyDown", "key": name, "code": name}, nil)
	b.must("Input.dispatchKeyEvent", object{"type": "keyUp", "key": name, "code": name}, nil)
}

// window gives the page a size, and a scheme of colours ("light" or "dark").
func (b *browser) window(width, height int, scheme string) {
	b.t.Helper()
	b.must(
		"Emulation.setDeviceMetricsOverride",
		object{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false},
		nil,
	)
	b.must(
		"Emulation.setEmulatedMedia",
		object{"features": []object{{"name": "prefers-color-scheme", "value": scheme}}},
		nil,
	)
}

// picture is a PNG of the whole page, or PDF of what is printed.
func (b *browser) picture(method string, params object) []byte {
	b.t.Helper()
	var answer struct{ Data string }
	b.must(method, params, &answer)
	data, err := base64.StdEncoding.DecodeString(answer.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}
