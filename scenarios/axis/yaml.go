package axis

import (
	"reflect"
	"strings"
)

// sysctlsKey has the sysctls of a setting, by name.
const sysctlsKey = "sysctls"

// Form is a struct with a key for each axis, whose values are of type T: so YAML finds keys that there are
// not.
func Form[T any]() reflect.Type {
	fields := make([]reflect.StructField, 0, len(declared)+1)
	add := func(name string, t reflect.Type) {
		fields = append(fields, reflect.StructField{
			Name: strings.ToUpper(name[:1]) + name[1:], Type: t,
			Tag: reflect.StructTag(`yaml:"` + name + `,omitempty"`),
		})
	}
	for _, a := range declared {
		add(a.Name, reflect.TypeFor[T]())
	}
	add(sysctlsKey, reflect.TypeFor[map[string]T]())
	return reflect.StructOf(fields)
}

// read returns what a file has of the axes, by their names.
func read[T any](unmarshal func(any) error) (map[string]T, error) {
	form := reflect.New(Form[T]())
	if err := unmarshal(form.Interface()); err != nil {
		return nil, err
	}
	values := map[string]T{}
	for i, a := range declared {
		if field := form.Elem().Field(i); !field.IsZero() {
			values[a.Name] = field.Interface().(T)
		}
	}
	for name, value := range form.Elem().Field(len(declared)).Interface().(map[string]T) {
		if a := Named(name); !a.IsSysctl() {
			return nil, notOfNamespace(name)
		}
		values[name] = value
	}
	return values, nil
}

// WordError is what is wrong with a word of a file, by which its place can be found.
type WordError struct {
	Word string
	Err  error
}

func (e *WordError) Error() string { return e.Err.Error() }
func (e *WordError) Unwrap() error { return e.Err }

// UnmarshalYAML reads a setting.
func (v *Values) UnmarshalYAML(unmarshal func(any) error) (err error) {
	*v, err = read[string](unmarshal)
	return err
}

// MarshalYAML writes a setting as UnmarshalYAML reads it.
func (v Values) MarshalYAML() (any, error) {
	form := reflect.New(Form[string]()).Elem()
	sysctls := map[string]string{}
	for name, value := range v {
		if place := form.FieldByNameFunc(func(f string) bool { return strings.EqualFold(f, name) }); place.IsValid() {
			place.SetString(value)
		} else {
			sysctls[name] = value
		}
	}
	form.Field(len(declared)).Set(reflect.ValueOf(sysctls))
	return form.Interface(), nil
}

// Matrix has the values of each axis, by the axis' name.
type Matrix map[string][]string

// UnmarshalYAML reads a matrix.
func (m *Matrix) UnmarshalYAML(unmarshal func(any) error) (err error) {
	*m, err = read[[]string](unmarshal)
	return err
}
