package finding

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
)

// TestKinds keeps codes unique and in kebab-case.
func TestKinds(t *testing.T) {
	seen, kebab := map[Code]bool{}, regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, k := range Kinds() {
		if code := k.Code; seen[code] || !kebab.MatchString(string(code)) {
			t.Errorf("%q is there twice, or not in kebab-case", code)
		}
		seen[k.Code] = true
	}
}

// TestEveryFactIsAKind: each exported struct is a kind of fact, unless it is a part of another.
func TestEveryFactIsAKind(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	structs, parts := map[string]bool{}, map[string]bool{"Kind": true, "Finding": true}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				_, isStruct := n.Type.(*ast.StructType)
				structs[n.Name.Name] = isStruct && n.Name.IsExported()
			case *ast.Field:
				ast.Inspect(n.Type, func(n ast.Node) bool {
					if of, isName := n.(*ast.Ident); isName {
						parts[of.Name] = true
					}
					return true
				})
			}
			return true
		})
	}
	for _, k := range Kinds() {
		delete(structs, reflect.TypeOf(k.Fact).Name())
	}
	for name, isFact := range structs {
		if isFact && !parts[name] {
			t.Errorf("%s is in no table of kinds", name)
		}
	}
}
