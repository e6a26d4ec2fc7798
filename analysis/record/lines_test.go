package record

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scanned reads a text in spans of about so many bytes.
func scanned[T any](text string, most int64) ([]T, error) {
	return scanLines[T](io.NewSectionReader(strings.NewReader(text), 0, int64(len(text))), most)
}

// However a file is cut, each line is read once, in its place.
func TestLinesOfAnySpan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var text strings.Builder
		var want []int
		for range r.IntN(30) {
			n := r.IntN(1 << (1 + r.IntN(30)))
			want = append(want, n)
			fmt.Fprintln(&text, n)
		}
		whole := text.String()
		for _, text := range []string{whole, strings.TrimSuffix(whole, "\n"), strings.ReplaceAll(whole, "\n", "\r\n")} {
			most := int64(1 + r.IntN(40))
			if got, err := scanned[int](text, most); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%q in spans of %d: %v, %v", text, most, got, err)
			}
		}
	}
}

func TestBrokenLineOfAnySpan(t *testing.T) {
	const lines = "1\n22\n333\nx\n4\ny\n"
	for most := range int64(len(lines) + 1) {
		got, err := scanned[int](lines, most+1)
		if err == nil || !strings.HasPrefix(err.Error(), "line 4: ") || !slices.Equal(got, []int{1, 22, 333}) {
			t.Errorf("in spans of %d: %v, %v; want three numbers, and line 4 named", most+1, got, err)
		}
	}
}

// A line that is too long is named like any other, and cutting the file stops at it.
func TestLongLine(t *testing.T) {
	for _, text := range []string{"1\n" + strings.Repeat("2", 3*maxLine) + "\n3\n",
		"1\n" + strings.Repeat("\x00", 5*maxLine)} {
		for _, most := range []int64{maxLine / 2, maxLine, spanSize} {
			got, err := scanned[int](text, most)
			if err == nil || !strings.HasPrefix(err.Error(), "line 2: it is longer than 1048576 bytes") ||
				!slices.Equal(got, []int{1}) {
				t.Errorf("%v, %v; want line 2 named", got, err)
			}
		}
	}
}

// An empty line is broken, and ends the count: a file of nothing else asks for room for one value.
func TestEmptyLines(t *testing.T) {
	for text, want := range map[string]int{"1\n2\n\n\n\n4\n": 3, "\n\n\n": 1, "1\n2\n3": 3, "1\n2\n3\n": 3, "": 0} {
		if spans := cut(strings.NewReader(text), spanSize); len(spans) != 1 || spans[0].lines != want {
			t.Errorf("%q: %+v, want %d lines", text, spans, want)
		}
	}
	for _, most := range []int64{1, 4, spanSize} {
		if got, err := scanned[int]("1\n2\n\n4\n", most); err == nil ||
			!strings.HasPrefix(err.Error(), "line 3: ") ||
			!slices.Equal(got, []int{1, 2}) {
			t.Errorf("in spans of %d: %v, %v; want line 3 named", most, got, err)
		}
	}
}

// What is no plain file is refused, and not read: a device may have no end.
func TestNoFile(t *testing.T) {
	for _, file := range []string{attemptsFile, stormFile, targetFile} {
		for what, c := range map[string]struct {
			put  func(path string) error
			want string
		}{
			"a folder": {func(path string) error { return os.Mkdir(path, 0o755) }, ": it is a folder, want a file"},
			"a device": {func(path string) error { return os.Symlink(os.DevNull, path) }, ": it is no plain file"},
		} {
			dir, repeat := write(t, sample())
			if err := os.Remove(repeat.file(file)); err != nil {
				t.Fatal(err)
			}
			if err := c.put(repeat.file(file)); err != nil {
				t.Skip(err) // no links on this system
			}
			_, err := dir.Repeat("cell", 1)
			if err == nil || !strings.Contains(err.Error(), filepath.Base(file)+c.want) {
				t.Errorf("%s in place of %s: %v, want %q", what, file, err, c.want)
			}
		}
	}
}

// FuzzLines feeds a .jsonl reader with anything: it never panics, and what it returns came before the error.
// How the file is cut makes no difference.
func FuzzLines(f *testing.F) {
	f.Add("{\"at_ns\":1,\"depth\":2,\"limit\":3}\n")
	f.Add("{\n")
	f.Add("null\n\n7")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := scanned[QueueSample](text, spanSize)
		if lines := strings.Count(text, "\n") + 1; len(values) > lines {
			t.Errorf("%d values from %d lines", len(values), lines)
		}
		if err == nil && strings.HasPrefix(text, "{\n") {
			t.Error("a broken first line passed")
		}
		again, err2 := scanned[QueueSample](text, 3)
		if fmt.Sprint(err) != fmt.Sprint(err2) || len(again) != len(values) {
			t.Errorf("%d values, %v; in small spans %d, %v", len(values), err, len(again), err2)
		}
	})
}
