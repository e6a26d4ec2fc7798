// Command statements counts the statements of Go files, by the directory below which they are: a measure of
// how much code there is that neither formatting nor comments change. Tests and generated files are left out.
//
//	go run ./scripts/statements [DIRECTORY]
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"agistorm/scripts/internal/program"
)

func main() { program.Main("statements", run) }

func run(args []string, stdout io.Writer) (misses []string, err error) {
	counts, err := count(filepath.Join(append(args, ".")...))
	total := 0
	for _, dir := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(stdout, "%6d %s\n", counts[dir], dir)
		total += counts[dir]
	}
	fmt.Fprintf(stdout, "%6d in all\n", total)
	return nil, err
}

// count returns the number of statements by directory, of all Go files below root that are not tests, not
// generated and not in testdata or a hidden directory.
func count(root string) (map[string]int, error) {
	counts := map[string]int{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (name == "testdata" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(file) {
			dir, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			counts[dir] += statements(file)
		}
		return nil
	})
	return counts, err
}

// statements counts every statement of a file, also those inside others. Blocks are not counted: their
// contents are.
func statements(file *ast.File) (n int) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch node.(type) {
		case *ast.BlockStmt, *ast.EmptyStmt:
		case ast.Stmt:
			n++
		}
		return true
	})
	return n
}
