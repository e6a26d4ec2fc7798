// Package prometheus tests the alerts and the dashboard against the metrics of agistorm watch.
package prometheus

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"agistorm/reports/watch"
)

// source is a data source as Grafana has it.
type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type target struct {
	RefID      string `json:"refId"`
	Expr       string `json:"expr"`
	Datasource source `json:"datasource"`
}

type panel struct {
	ID          int      `json:"id"`
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Datasource  source   `json:"datasource"`
	Targets     []target `json:"targets"`
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

type variable struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Definition string `json:"definition"`
}

// dashboard has what Grafana needs of a dashboard that is imported
// (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/).
type dashboard struct {
	UID           string  `json:"uid"`
	Title         string  `json:"title"`
	SchemaVersion int     `json:"schemaVersion"`
	Panels        []panel `json:"panels"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []struct {
			Expr string `json:"expr"`
		} `json:"list"`
	} `json:"annotations"`
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	if err := json.Unmarshal(read(t, "dashboard.json"), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

var metric = regexp.MustCompile(`\bagistorm_[a-z_]+`)

// known holds a query to the series that a watch writes; it must name one.
func known(t *testing.T, what, query string) {
	t.Helper()
	names := metric.FindAllString(query, -1)
	if len(names) == 0 {
		t.Errorf("%s asks for no metric of agistorm: %s", what, query)
	}
	for _, name := range names {
		if !slices.Contains(watch.MetricNames(), name) {
			t.Errorf("%s asks for %s, which a watch does not write", what, name)
		}
	}
}

// grid is how many columns a dashboard of Grafana has.
const grid = 24

func TestDashboard(t *testing.T) {
	d := readDashboard(t)
	if d.UID == "" || len(d.UID) > 40 || d.Title == "" || d.SchemaVersion < 36 || len(d.Panels) == 0 {
		t.Errorf("uid %q, title %q, schema %d, %d panels", d.UID, d.Title, d.SchemaVersion, len(d.Panels))
	}
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID == 0 || !slices.Contains([]string{"stat", "timeseries"}, p.Type) || p.Title == "" ||
			p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("the panel %d %q is not whole", p.ID, p.Title)
		}
		ids[p.ID] = true
		at := p.GridPos
		if at.W < 1 || at.H < 1 || at.X < 0 || at.X+at.W > grid {
			t.Errorf("%s lies outside", p.Title)
		}
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s lies over %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if refs[q.RefID] || q.RefID == "" || q.Datasource != p.Datasource || p.Datasource.UID != "${datasource}" {
				t.Errorf("%s: the query %q", p.Title, q.RefID)
			}
			refs[q.RefID] = true
			known(t, p.Title, q.Expr)
		}
	}
}

// TestVariables: every variable that a query names is there, and takes its values from a metric that is.
func TestVariables(t *testing.T) {
	d := readDashboard(t)
	names := map[string]bool{"__range": true, "__rate_interval": true, "__interval": true}
	for _, v := range d.Templating.List {
		names[v.Name] = true
		if v.Type == "query" {
			known(t, v.Name, v.Definition)
		}
	}
	for _, found := range regexp.MustCompile(`\$\{?(\w+)`).FindAllSubmatch(read(t, "dashboard.json"), -1) {
		if name := string(found[1]); !names[name] && name != "__all" {
			t.Errorf("there is no variable %s", name)
		}
	}
	for _, a := range d.Annotations.List {
		known(t, "an annotation", a.Expr)
	}
}

// TestRules: every alert asks for metrics that are there, and has its words and its test.
func TestRules(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	var played struct {
		Tests []struct {
			Input []struct{ Series string } `yaml:"input_series"`
			Tests []struct {
				Alert  string           `yaml:"alertname"`
				Firing []map[string]any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	if err := yaml.Unmarshal(read(t, "agistorm.rules.yml"), &rules); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(read(t, "agistorm_test.yml"), &played); err != nil {
		t.Fatal(err)
	}
	fires, rests := map[string]bool{}, map[string]bool{}
	for _, one := range played.Tests {
		for _, in := range one.Input {
			known(t, "the test of the alerts", in.Series)
		}
		for _, a := range one.Tests {
			fires[a.Alert] = fires[a.Alert] || len(a.Firing) > 0
			rests[a.Alert] = rests[a.Alert] || len(a.Firing) == 0
		}
	}
	if len(rules.Groups) != 1 || len(rules.Groups[0].Rules) == 0 {
		t.Fatalf("groups: %+v", rules.Groups)
	}
	for _, r := range rules.Groups[0].Rules {
		known(t, r.Alert, r.Expr)
		if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s is not whole", r.Alert)
		}
		if !fires[r.Alert] || !rests[r.Alert] {
			t.Errorf("%s is not tested both ways", r.Alert)
		}
	}
}
