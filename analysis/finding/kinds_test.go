package finding

import (
	"encoding/json"
	"errors"
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

// TestKindsAreRead takes every kind through JSON and back.
func TestKindsAreRead(t *testing.T) {
	for _, k := range Kinds() {
		was := Finding{Settings: []string{"a"}, Fact: k.Fact, Words: "w"}
		data, err := json.Marshal(was)
		var is Finding
		if err = errors.Join(err, json.Unmarshal(data, &is)); err != nil || !reflect.DeepEqual(was, is) {
			t.Errorf("%s: %+v (%v)", data, is, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"code":"no-such-code"}`), new(Finding)); err == nil {
		t.Error("a code that is not known is read")
	}
}
