package strict

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	all, err := Parse("# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds What\\n\\\"it\\\" is.\n" +
		"a_seconds_total{x=\"1\\\\2\\n\\\"3\\\"\",y=\"z,}\"} 1.5\na_seconds_total 2\n" +
		"# TYPE b info\nb_info{version=\"1\"} 1\n# TYPE c summary\nc_sum 1\nc_count 2\n# EOF\n")
	if err != nil || len(all) != 5 {
		t.Fatalf("%v, %v", all, err)
	}
	if s := &all[0]; s.Label("x") != "1\\2\n\"3\"" || s.Label("y") != "z,}" || s.Label("z") != "" || s.Value != 1.5 {
		t.Errorf("%+v", s)
	}
}

// TestRefused: what is wrong is not read, whatever stands around it.
func TestRefused(t *testing.T) {
	for what, body := range map[string]string{
		"a counter without _total": "# TYPE a counter\na 1\n", "a line of nothing": "# TYPE a gauge\n\n",
		"a negative counter": "# TYPE a counter\na_total -1\n", "no type": "a 1\n",
		"a family that comes again": "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na 2\n",
		"metadata after a sample":   "# TYPE a gauge\na 1\n# HELP a it\n", "another type": "# TYPE a gauges\na 1\n",
		"the same labels": "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n", "a number": "# TYPE a gauge\na x\n",
		"a label twice": "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n", "an escape": "# TYPE a gauge\na{x=\"\\t\"} 1\n",
		"an open value": "# TYPE a gauge\na{x=\"1} 1\n", "no comma": "# TYPE a gauge\na{x=\"1\"y=\"2\"} 1\n",
		"half a count": "# TYPE a summary\na_count 0.5\n", "an info of 2": "# TYPE a info\na_info 2\n",
		"a unit": "# TYPE a gauge\n# UNIT a seconds\na 1\n", "no UTF-8": "# TYPE a gauge\na{x=\"\xff\"} 1\n",
		"a remark": "# a\n", "a reserved label": "# TYPE a gauge\na{__x=\"1\"} 1\n",
		"a name": "# TYPE 1a gauge\n1a 1\n",
	} {
		if _, err := Parse(body + end); err == nil {
			t.Errorf("%s is taken:\n%s", what, body)
		}
	}
	for _, text := range []string{"", "# TYPE a gauge\na 1\n", strings.TrimSuffix(end, "\n"), "a 1" + end} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
