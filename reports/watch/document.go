package watch

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"agistorm/analysis/record"
	"agistorm/analysis/watch"
	"agistorm/reports"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

// What a table has room for; the JSON has all.
const (
	mostListeners  = 50
	mostAdvice     = 6
	mostEpisodes   = 20
	mostEvents     = 30
	mostNamespaces = 20
)

// listenDrops is what a namespace has dropped.
const listenDrops = "ListenDrops"

type blocks = []document.Block

// report is a watch with the words for it.
type report struct {
	words.Watch
}

// Document is what the report says, in this order in every form.
func Document(r *watch.Report, figures []plots.Figure) *document.Document {
	w := report{words.NewWatch(r)}
	class, status := w.Status()
	return &document.Document{
		Title: words.TitleWatch, Class: class, Status: status, Lead: w.Lead(), Rest: w.Rest(), Version: r.Version,
		Meta: []string{words.TimeSpan(w.Length()), words.UTC(r.From) + " to " + words.UTC(r.To),
			words.Amount(len(r.Listeners), "listener", "listeners")},
		Sections: []document.Section{
			w.toSet(),
			section("listeners", words.TitleWatched, "Listeners", w.listeners()),
			figuresOf(figures),
			section("overflows", words.TitleOverflows, "Overflows", w.overflows()),
			section("waiting", words.TitleWaiting, "Waiting", w.waiting()),
			section("events", words.TitleEvents, "Events", w.events()),
			section("namespaces", words.TitleCounters, "Counters", w.namespaces()),
			section("sure", words.TitleSure, "How sure", blocks{document.List{Items: document.Texts(w.Sure()...)}}),
			section("reasons", words.TitleReasons, words.TitleReasons, reasons(r.Reasons)),
		},
	}
}

func section(id, title, nav string, all blocks) document.Section {
	return document.Section{ID: id, Title: title, Nav: nav, Blocks: all}
}

// withLegends is a table with what explains it; nothing without rows.
func withLegends(t document.Table, legends ...string) blocks {
	if len(t.Rows()) == 0 {
		return nil
	}
	return append(blocks{t}, document.Legends(lists.NonEmpty(legends...)...)...)
}

// toSet says what to change for the listeners at which something happened; of the others it is behind a fold, unless
// there are no such.
func (w report) toSet() document.Section {
	all, first := append(w.ToSet(), w.ToSetLater()...), len(w.ToSet())
	if first == 0 {
		first = len(all)
	}
	first = min(first, mostAdvice)
	s := section("set", words.TitleToSet, words.TitleToSet, blocks{
		document.List{Items: document.MarkedTexts(all[:first]), Ordered: true},
	})
	s.Class = "advice"
	fold := func(title string, texts []words.Prose) {
		if len(texts) == 0 {
			return
		}
		shown := texts[:min(len(texts), mostListeners)]
		inside := append(blocks{document.List{Items: document.MarkedTexts(shown)}},
			document.Legends(lists.NonEmpty(words.LeftOutRows(len(texts)-len(shown), "text", "texts"))...)...)
		s.Blocks = append(s.Blocks, document.Fold{Title: title, Blocks: inside})
	}
	fold(words.MoreAdvice(len(all)-first), all[first:])
	fold(words.TitleWhyShort, w.Why())
	return s
}

func figuresOf(figures []plots.Figure) document.Section {
	return document.Section{
		ID: "figures", Title: words.TitleWatchPlots, Nav: "Figures", Class: "pairs", Depth: document.Full,
		Blocks: lists.Map(figures, func(f plots.Figure) document.Block { return reports.FigureBlock(f) }),
	}
}

// listeners leaves out those that were idle and have no fault, unless there are no others.
func (w report) listeners() blocks {
	t := document.Table{Label: words.TitleWatched, Class: "cells why", Columns: document.Columns(1,
		"listener", "dropped", "overflows", "peak", "mean", "99 %", "waited", "state")}
	t.Columns[0].Wrap, t.Columns[7].Left, t.Columns[7].Wrap = true, true, true
	shown := slices.DeleteFunc(slices.Clone(w.Worst), w.idle)
	if len(shown) == 0 {
		shown = w.Worst
	}
	for _, l := range shown[:min(len(shown), mostListeners)] {
		t.Add(w.row(l))
	}
	rest := words.LeftOutRows(len(shown)-len(t.Rows()), "listener", "listeners")
	quiet := words.LeftOutIdle(len(w.Worst) - len(shown))
	return withLegends(t, words.WatchedLegend, rest, quiet)
}

// idle reports whether nothing was seen of a listener, and nothing is wrong with it.
func (w report) idle(l *watch.Listener) bool { return unused(l) && !w.NeedsAttention(l) }

// unused reports whether no connection was seen in the queue of a listener.
func unused(l *watch.Listener) bool { return l.Peak.Depth == 0 && l.KnownDrops() == 0 }

func (w report) row(l *watch.Listener) document.Row {
	row := document.Cells(l.Label(), words.Unknown, words.Count(l.OverflowCount),
		words.PeakOf(l.Peak)+" of "+words.Count(l.Holds()), words.Tenths(l.Depths.Mean), words.Count(l.Depths.P99),
		words.Unknown, w.States(l))
	if l.DropsSeen != nil {
		row[1].Text = words.Count(*l.DropsSeen)
	}
	if l.KnownDrops() > 0 {
		row[1].Mark = "bad"
	}
	if l.OverflowTime > 0 {
		row[2].Range = words.TimeSpan(l.OverflowTime)
	}
	if l.Peak.Depth > 0 {
		row[3].Range = w.Clock(l.Peak.At)
	}
	if l.Peak.Full {
		row[3].Mark = "bad"
	}
	if l.Waiting != nil {
		row[6].Text = words.Timeout(l.Waiting.Mean)
	}
	return row
}

// episode is an overflow of a listener.
type episode struct {
	listener *watch.Listener
	watch.Overflow
}

// overflows has the episodes with the most drops, of the worst listener first.
func (w report) overflows() blocks {
	var all []episode
	kept, total := 0, 0
	for _, l := range w.Worst {
		total += l.OverflowCount
		for _, o := range l.Overflows {
			all = append(all, episode{l, o})
		}
	}
	least := uint64(0)
	if len(all) > mostEpisodes {
		drops := lists.Map(all, func(e episode) uint64 { return e.Drops })
		slices.Sort(drops)
		least = drops[len(drops)-mostEpisodes]
	}
	t := document.Table{Label: words.TitleOverflows, Columns: document.Columns(2,
		"listener", "from (UTC)", "for", "dropped", "before", "peak", "full at")}
	for _, e := range all {
		if e.Drops < least || kept == mostEpisodes {
			continue
		}
		kept++
		t.Add(document.Cells(e.listener.Label(), w.Short(e.From), words.TimeSpan(e.To.Sub(e.From)),
			words.Count(e.Drops), words.Count(e.Before), words.Count(e.Peak), words.Count(e.Limit+1)))
	}
	return withLegends(t, words.OverflowsLegend, words.LeftOutRows(total-kept, "overflow", "overflows"))
}

// waiting has the listeners of which a waiting time is known, the longest first.
func (w report) waiting() blocks {
	known := slices.DeleteFunc(slices.Clone(w.Worst), func(l *watch.Listener) bool { return l.Waiting == nil })
	slices.SortStableFunc(known, func(a, b *watch.Listener) int {
		return cmp.Compare(b.Waiting.Mean, a.Waiting.Mean)
	})
	t := document.Table{Label: words.TitleWaiting, Class: "why", Columns: document.Columns(1,
		"listener", "mean", "longest", "connections", "how it is known")}
	t.Columns[4].Left = true
	for _, l := range known[:min(len(known), mostListeners)] {
		longest := words.Unknown
		if l.Waiting.Longest != nil {
			longest = words.Timeout(*l.Waiting.Longest)
		}
		t.Add(document.Cells(l.Label(), words.Timeout(l.Waiting.Mean), longest, words.Count(l.Waiting.Connections),
			words.WaitingSource(l.Waiting.Source)))
	}
	ages := ""
	if slices.ContainsFunc(known, func(l *watch.Listener) bool { return l.Waiting.Source == watch.SourceAges }) {
		ages = words.AgesLegend
	}
	return withLegends(t, ages, words.LeftOutRows(len(known)-len(t.Rows()), "listener", "listeners"))
}

func (w report) events() blocks {
	t := document.Table{
		Label: words.TitleEvents, Class: "why", Columns: document.Columns(2, "time (UTC)", "what happened"),
	}
	t.Columns[1].Wrap = true
	for _, e := range w.gravest() {
		t.Add(document.Cells(w.Short(e.At), words.WatchEvent(e)))
	}
	return withLegends(t, words.LeftOutRows(len(w.Events)-len(t.Rows())+w.EventsLeftOut, "event", "events"))
}

// gravest are the events that a table has room for, in the order of time.
func (w report) gravest() []watch.Event {
	all := slices.Clone(w.Events)
	for _, common := range []watch.Happening{watch.Appeared, watch.NamespaceGone, watch.Vanished} {
		if len(all) > mostEvents {
			all = slices.DeleteFunc(all, func(e watch.Event) bool { return e.Kind == common })
		}
	}
	slices.SortStableFunc(all, func(a, b watch.Event) int { return a.At.Compare(b.At) })
	return all[:min(len(all), mostEvents)]
}

// namespaces has what the counters grew by, where most was dropped first; those that grew nowhere are named below.
func (w report) namespaces() blocks {
	head := "network namespace"
	t := document.Table{
		Label: words.TitleCounters, Columns: document.Columns(1, append([]string{head}, watch.Counters...)...),
	}
	grew := map[string]bool{}
	counted := slices.DeleteFunc(slices.Clone(w.Namespaces), func(n watch.Namespace) bool {
		return len(n.Grown) == 0 || n.Gone && n.Grown[listenDrops] == 0
	})
	slices.SortStableFunc(counted, func(a, b watch.Namespace) int {
		return cmp.Compare(b.Grown[listenDrops], a.Grown[listenDrops])
	})
	for i := range counted[:min(len(counted), mostNamespaces)] {
		row := []string{namespace(&counted[i])}
		for _, name := range watch.Counters {
			n, known := counted[i].Grown[name]
			text := words.Unknown
			if known {
				text = words.Count(n)
			}
			grew[name] = grew[name] || n > 0
			row = append(row, text)
		}
		t.Add(document.Cells(row...))
	}
	none := slices.DeleteFunc(slices.Clone(watch.Counters), func(name string) bool { return grew[name] })
	legends := []string{words.CountersLegend, words.AllZero(none),
		words.LeftOutRows(len(counted)-len(t.Rows()), "namespace", "namespaces")}
	if len(counted) > 0 && len(none) == len(watch.Counters) {
		return document.Legends(lists.NonEmpty(legends[1])...)
	}
	return withLegends(t.Without(none...), legends...)
}

func namespace(n *watch.Namespace) string {
	name := n.Netns
	if n.Container != nil {
		name = n.Container.Short()
	}
	if n.Gone {
		name += " (gone)"
	}
	return name
}

// reasons are in the order of their number.
func reasons(r *record.DropReasons) blocks {
	if r == nil {
		return nil
	}
	t := document.Table{Label: words.TitleReasons, Columns: document.Columns(1, "reason", "packets")}
	names := slices.SortedFunc(maps.Keys(r.By), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.By[b], r.By[a]), strings.Compare(a, b))
	})
	for _, name := range names {
		t.Add(document.Cells(name, words.Count(r.By[name])))
	}
	return append(blocks{
		document.Paragraph{Text: document.Plain(words.ReasonsLead(r))},
		document.Paragraph{Text: document.Plain(words.ReasonsLegend)},
	}, withLegends(t)...)
}
