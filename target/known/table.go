package known

import (
	"fmt"
	"strings"
)

// Table returns the servers as a Markdown table.
func Table() string {
	var b strings.Builder
	b.WriteString("| server | by itself | setting | where | takes effect |\n|---|---|---|---|---|\n")
	for i := range Servers {
		s := &Servers[i]
		setting := "`" + s.Setting + "`"
		if s.Setting == "" {
			setting = s.Instead
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |\n", s.Name, s.Default, setting, s.File, s.Live)
		b.WriteString(strings.ReplaceAll(row, Number, "N"))
	}
	return b.String()
}
