package scenarios

import (
	"cmp"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var update = flag.Bool("update", false, "write the keys and defaults in README.md anew")

// The table of keys in README.md stands between these.
const (
	referenceBegins = "<!-- keys: go test ./scenarios -update -->\n"
	referenceEnds   = "<!-- end of keys -->\n"
)

// TestReference keeps the table of keys in README.md equal to the types: every key in its order, with its default. The
// meanings are written by hand.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), referenceBegins)
	table, after, ends := strings.Cut(rest, referenceEnds)
	if !begins || !ends {
		t.Fatal("README.md has no table of keys")
	}
	meanings := meaningsOf(table)
	defaults := defaultsOf(t)
	want := "| key | default | meaning |\n|---|---|---|\n"
	for _, key := range allKeys() {
		meaning := meanings[key]
		if meaning == "" {
			t.Errorf("README.md does not say what the key %s means", key)
		}
		want += "| `" + key + "` | " + defaults[key] + " | " + meaning + " |\n"
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(before+referenceBegins+want+referenceEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of keys in README.md is not that of the types: go test ./scenarios -update\nwant\n%s", want)
	}
}

// allKeys returns the keys of a scenario with those above them, such as storm.calls. Those of a setting are axes, which
// have a table of their own.
func allKeys() (keys []string) {
	for _, l := range levels() {
		for _, key := range l.keys {
			switch l.name {
			case "settings", "matrix":
			case "":
				keys = append(keys, key)
			default:
				keys = append(keys, l.name+"."+key)
			}
		}
	}
	return keys
}

// meaningsOf reads the last column by the first.
func meaningsOf(table string) map[string]string {
	meanings := map[string]string{}
	for row := range strings.Lines(table) {
		cells := strings.SplitN(strings.Trim(row, "| \n"), " | ", 3)
		if len(cells) == 3 {
			meanings[strings.Trim(cells[0], "`")] = cells[2]
		}
	}
	return meanings
}

// defaultsOf returns what a key has that a file leaves out, as a file writes it.
func defaultsOf(t *testing.T) map[string]string {
	t.Helper()
	text, err := yaml.Marshal(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	addDefaults(all, "", tree)
	return all
}

func addDefaults(all map[string]string, above string, tree map[string]any) {
	for key, value := range tree {
		name := strings.TrimPrefix(above+"."+key, ".")
		if below, ok := value.(map[string]any); ok {
			addDefaults(all, name, below)
			continue
		}
		if v := reflect.ValueOf(value); !v.IsValid() || v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
			continue
		}
		text, err := yaml.Marshal(value)
		all[name] = "`" + cmp.Or(strings.TrimSpace(string(text)), "?") + "`"
		if err != nil || strings.Contains(strings.TrimSpace(string(text)), "\n") {
			all[name] = "a short session"
		}
	}
}
