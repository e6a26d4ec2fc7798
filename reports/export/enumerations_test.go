package export

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The schema knows every value that the source gives a name: one that it lacks would make a summary that does not meet it.
func TestEnumerationsAreWhole(t *testing.T) {
	for of, listed := range enumerations {
		folder := "../../" + strings.TrimPrefix(of.PkgPath(), "agistorm/")
		named := constantsOf(t, folder, of.Name())
		slices.Sort(named)
		want := slices.Sorted(slices.Values(listed))
		if !slices.Equal(named, want) {
			t.Errorf("%v: the schema has %q, and %s has %q", of, want, path.Base(folder), named)
		}
	}
}

// constantsOf are the values of the string constants of a type.
func constantsOf(t *testing.T, folder, name string) (values []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	for _, source := range files {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			literal, isLiteral := spec.Values[0].(*ast.BasicLit)
			if of, named := spec.Type.(*ast.Ident); named && of.Name == name && isLiteral {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, value)
			}
			return true
		})
	}
	return values
}
