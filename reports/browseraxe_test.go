//go:build unix

package reports

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// axeVersion is the one that CI installs (npm package axe-core).
const axeVersion = "4.14.1"

// axeSource is axe-core's script, from the folder in AXE_CORE, which holds the npm package.
func axeSource(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("AXE_CORE")
	if folder == "" {
		t.Skipf("AXE_CORE does not name axe-core's folder: npm install axe-core@%s, AXE_CORE=node_modules/axe-core",
			axeVersion)
	}
	var about struct{ Version string }
	data, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &about); err != nil || about.Version != axeVersion {
		t.Fatalf("%s holds axe-core %q (%v), want %s", folder, about.Version, err, axeVersion)
	}
	source, err := os.ReadFile(filepath.Join(folder, "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// TestAccessible: axe-core finds no violation in any page, light or dark, wide or narrow, all of it unfolded.
func TestAccessible(t *testing.T) {
	source := axeSource(t)
	b := openBrowser(t)
	comparison := filepath.Join(t.TempDir(), "comparison.html")
	if err := os.WriteFile(comparison, []byte(renderSide(t, SideHTML, sideSample())), 0o644); err != nil {
		t.Fatal(err)
	}
	report, plan := recordedPage(t), planPage(t, answered())
	for _, c := range []struct {
		name, path string
		width      int
		scheme     string
	}{
		{"report", report, 1280, "light"}, {"report", report, 1280, "dark"},
		{"report", report, 420, "light"}, {"report", report, 420, "dark"},
		{"plan", plan, 1280, "dark"}, {"plan", plan, 420, "light"},
		{"comparison", comparison, 1280, "dark"}, {"comparison", comparison, 420, "light"},
	} {
		b.window(c.width, 900, c.scheme)
		b.open(c.path)
		b.eval(`for (const d of document.querySelectorAll("details")) d.open = true`, nil)
		b.eval(source, nil)
		var found []struct {
			ID, Help string
			Nodes    []struct{ HTML, FailureSummary string }
		}
		b.eval("axe.run().then(r => r.violations)", &found)
		for _, v := range found {
			t.Errorf("%s at %d px, %s: %s (%s), %d times: %.300s %.300s", c.name, c.width, c.scheme, v.ID, v.Help,
				len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
		}
	}
}
