//go:build man

package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func init() { verbs = append(verbs, newMan) }

// newMan returns the verb that packagers call, by -tags man: what it needs is 0.6 MB of a binary.
func newMan(*env) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "write the man pages into a directory",
		Example: "  agistorm man man1",
		Hidden:  true,
		Args:    cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("missing directory. Example: agistorm man man1")
			}
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return err
			}
			return doc.GenManTree(c.Root(), &doc.GenManHeader{Section: "1", Source: "agistorm " + version}, args[0])
		},
	}
}
