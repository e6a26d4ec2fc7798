package lab

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/scenarios"
)

func builtin(t *testing.T) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(scenarios.Default)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestInterleave(t *testing.T) {
	cells := []record.Cell{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}}
	steps := interleave(cells, 0, 5, 1)
	if len(steps) != 20 {
		t.Fatalf("%d storms, want 20", len(steps))
	}
	orders := map[string]bool{}
	for round := range 5 {
		var ids []string
		order := ""
		for _, s := range steps[4*round : 4*round+4] {
			if s.repeat != round+1 {
				t.Errorf("repeat %d in round %d", s.repeat, round+1)
			}
			ids = append(ids, s.cell.ID)
			order += s.cell.ID
		}
		orders[order] = true
		if slices.Sort(ids); !slices.Equal(ids, []string{"a", "b", "c", "d"}) {
			t.Errorf("round %d storms %v, want every cell once", round+1, ids)
		}
	}
	if len(orders) == 1 {
		t.Errorf("every round has the order %v: drift would fall on the same cells", orders)
	}
	same := func(x, y step) bool { return x.cell.ID == y.cell.ID && x.repeat == y.repeat }
	if !slices.EqualFunc(steps, interleave(cells, 0, 5, 1), same) {
		t.Error("the same seed gave another order")
	}
	if slices.EqualFunc(steps, interleave(cells, 0, 5, 2), same) {
		t.Error("another seed gave the same order")
	}
}

func TestCells(t *testing.T) {
	cells, _, err := cellsOf(builtin(t))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID                   string
		Somaxconn, Effective int
	}
	var got []row
	for _, c := range cells {
		got = append(got, row{c.ID, c.Somaxconn, c.Effective})
	}
	want := []row{
		{"somaxconn-128_backlog-max", 128, 128},
		{"somaxconn-512_backlog-max", 512, 512},
		{"somaxconn-1024_backlog-max", 1024, 1024},
		{"somaxconn-4096_backlog-max", 4096, 4096},
		{"somaxconn-max_backlog-max", 2147483647, 2147483647},
		{"somaxconn-4096_backlog-128", 4096, 128},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

// TestCellsOfAxes: each cell has a scenario of its own, and its number of calls where they differ.
func TestCellsOfAxes(t *testing.T) {
	s, err := scenarios.Parse("axes.yaml", []byte("name: axes\nstorm: {arrival: burst}\n"+
		"matrix: {somaxconn: [64], backlog: [5], calls: [10, 20], handlers: [4], sysctls: {net.ipv4.tcp_syncookies: [0]}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	cells, plans, err := cellsOf(s)
	if err != nil {
		t.Fatal(err)
	}
	if most := mostCalls(cells); most != 20 {
		t.Errorf("the most calls are %d", most)
	}
	want := record.Cell{
		ID: "somaxconn-64_backlog-5_tcp_syncookies-0_handlers-4_calls-10", Backlog: "5", Somaxconn: 64, Effective: 5,
		Calls:  10,
		Values: map[string]string{"handlers": "4", "calls": "10"}, Sysctls: map[string]string{"net.ipv4.tcp_syncookies": "0"},
	}
	if diff := cmp.Diff(want, cells[0]); diff != "" {
		t.Errorf("cell (-want +got):\n%s", diff)
	}
	if plan := plans[cells[1].ID]; plan.Target.Behaviour != "pool:4" || plan.Storm.Calls != 20 {
		t.Errorf("the second cell is %+v", plan)
	}
	run := &record.Run{Cells: cells, Scenario: record.Scenario{Calls: 20}}
	if got := run.CallsOf(&cells[0]); got != 10 {
		t.Errorf("the first cell offers %d", got)
	}
	same := cells[1:]
	if mostCalls(same); same[0].Calls != 0 || run.CallsOf(&same[0]) != 20 {
		t.Errorf("cells that do not differ have calls of their own: %+v", same)
	}
}

// TestOnHost: a host's namespace shows each effective backlog once, up to its somaxconn.
func TestOnHost(t *testing.T) {
	cells, _, err := cellsOf(builtin(t))
	if err != nil {
		t.Fatal(err)
	}
	host := map[string]string{}
	for name, value := range cells[0].Sysctls {
		host[name] = value
	}
	kept, asked := onHost(cells, 1024, host)
	var got []int
	for _, c := range kept {
		got = append(got, c.Effective)
		if c.Somaxconn != 1024 || c.Backlog == record.BacklogMax {
			t.Errorf("%+v: want a fixed backlog under the host's 1024", c)
		}
	}
	if want := []int{128, 512, 1024}; !slices.Equal(got, want) {
		t.Errorf("effective backlogs %v, want %v", got, want)
	}
	var shown []string
	for i, a := range asked {
		if diff := cmp.Diff(cells[i], a.Cell); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
		lacks := ""
		for _, n := range a.Lacks {
			lacks += n.Name + " " + n.Here + " " + n.Want
		}
		shown = append(shown, a.ShownBy+"|"+lacks)
	}
	if diff := cmp.Diff([]string{
		"host_backlog-128|", "host_backlog-512|", "host_backlog-1024|", "|net.core.somaxconn 1024 4096",
		"|net.core.somaxconn 1024 max", "host_backlog-128|",
	}, shown); diff != "" {
		t.Errorf("shown by (-want +got):\n%s", diff)
	}
	if kept, asked := onHost(cells, 100, host); len(kept) != 0 || len(asked) != len(cells) {
		t.Errorf("a host with 100 keeps %v", kept)
	}
}

// TestOnHostKeepsAxes: clients stay apart on a host too, and a swept sysctl that the host has otherwise is left out
// by its name.
func TestOnHostKeepsAxes(t *testing.T) {
	axes, err := scenarios.Parse("axes.yaml", []byte(`
name: axes
storm: {calls: 1}
sysctls: {net.ipv4.tcp_fin_timeout: 17}
matrix:
  somaxconn: [64]
  backlog: [max]
  client: [asterisk, single-write]
  sysctls: {net.ipv4.tcp_syncookies: [0, 1]}
`))
	if err != nil {
		t.Fatal(err)
	}
	cells, _, err := cellsOf(axes)
	if err != nil {
		t.Fatal(err)
	}
	kept, asked := onHost(cells, 1024, map[string]string{"net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_fin_timeout": "60"})
	want := []record.Cell{
		{ID: "host_backlog-64_asterisk", Backlog: "64", Somaxconn: 1024, Effective: 64,
			Values: map[string]string{"client": "asterisk"}, Calls: 1},
		{ID: "host_backlog-64_single-write", Backlog: "64", Somaxconn: 1024, Effective: 64,
			Values: map[string]string{"client": "single-write"}, Calls: 1},
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	left := record.Isolation{Asked: asked}.LeftOut()
	other := record.Notes{{Code: record.NoteSysctlDiffers, Name: "net.ipv4.tcp_syncookies", Here: "1", Want: "0"}}
	if len(left) != 2 || !slices.Equal(left[0].Lacks, other) || !slices.Equal(left[1].Lacks, other) {
		t.Errorf("left out: %+v, want two for %+v", left, other)
	}
	// What all cells have alike is no reason to leave one out, but it was not set.
	fin := record.Note{Code: record.NoteSysctlDiffers, Name: "net.ipv4.tcp_fin_timeout", Here: "60", Want: "17"}
	i := slices.IndexFunc(asked, func(a record.Asked) bool { return a.ShownBy != "" })
	if !slices.Equal(asked[i].Lacks, record.Notes{fin}) {
		t.Errorf("%+v", asked[i])
	}
}

// TestCellSysctls: a cell has the host's values, over them the scenario's, over them its own limit.
func TestCellSysctls(t *testing.T) {
	host := map[string]string{
		"net.core.somaxconn": "4096", "net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_fin_timeout": "30",
		"net.core.netdev_max_backlog":     "1000", // the host's only: no namespace has it
		"net.ipv4.tcp_migrate_req":        "1",
		"net.ipv4.tcp_congestion_control": "bbr", // inherited: a namespace may be refused it
	}
	got := cellSysctls(host, map[string]string{"net.ipv4.tcp_syncookies": "0", "net.ipv4.tcp_ecn": "2"}, "128")
	want := map[string]string{
		"net.core.somaxconn": "128", "net.ipv4.tcp_syncookies": "0", "net.ipv4.tcp_fin_timeout": "30",
		"net.ipv4.tcp_ecn":         "2",
		"net.ipv4.tcp_migrate_req": "1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sysctls (-want +got):\n%s", diff)
	}
}

// cellsOf returns the cells of all settings, and their scenarios.
func cellsOf(s *scenarios.Scenario) (cells []record.Cell, plans map[string]*scenarios.Scenario, err error) {
	e := &sandbox{options: Options{Scenario: s}, plans: map[string]*scenarios.Scenario{}}
	for _, setting := range s.Settings {
		cell, err := e.cell(setting)
		if err != nil {
			return nil, nil, err
		}
		cells = append(cells, cell)
	}
	return cells, e.plans, nil
}

// TestCheckNumbers: a word where the host has a number is bad input; a word where it has one is not.
func TestCheckNumbers(t *testing.T) {
	host := map[string]string{"net.ipv4.a": "1", "net.ipv4.b": "4096 131072 9", "net.ipv4.c": "cubic"}
	for sysctl, ok := range map[[2]string]bool{
		{"net.ipv4.a", "5"}: true, {"net.ipv4.a", "abc"}: false, {"net.ipv4.b", "1 2 3"}: true,
		{"net.ipv4.b", "1 x 3"}: false, {"net.ipv4.c", "reno"}: true, {"net.ipv4.d", "x"}: true,
		{"net.ipv4.a", "-1"}: true,
	} {
		err := checkNumbers([]record.Cell{{Sysctls: map[string]string{sysctl[0]: sysctl[1]}}}, host)
		if errors.As(err, new(InputError)) == ok {
			t.Errorf("%s: %v", sysctl, err)
		}
	}
}
