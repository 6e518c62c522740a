package apparmor

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// eval decides an expression. Both sides of and and or are always looked at, so that every error is found; ok is false when
// there was one.
func (r *resolver) eval(e syntax.Expr, from *Origin) (value, ok bool) {
	value, err := r.vars.eval(e)
	if err == nil {
		return value, true
	}
	var list []error
	if u, multi := err.(interface{ Unwrap() []error }); multi {
		list = u.Unwrap()
	} else {
		list = []error{err}
	}
	for _, x := range list {
		pos := e.Position()
		var at *exprError
		if errors.As(x, &at) {
			pos = at.pos
		}
		r.fail(pos, from, x.Error(), "")
	}
	return false, false
}

type exprError struct {
	pos syntax.Pos
	msg string
}

func (e *exprError) Error() string { return e.msg }

func failExpr(e syntax.Expr, format string, args ...any) error {
	return &exprError{e.Position(), fmt.Sprintf(format, args...)}
}

func (v *symbols) eval(e syntax.Expr) (bool, error) {
	switch e := e.(type) {
	case *syntax.BinaryExpr:
		x, errX := v.eval(e.X)
		y, errY := v.eval(e.Y)
		if errX != nil && errY != nil {
			return false, errors.Join(errX, errY)
		}
		if errX != nil || errY != nil {
			return false, cmpErr(errX, errY)
		}
		if e.Or {
			return x || y, nil
		}
		return x && y, nil
	case *syntax.NotExpr:
		x, err := v.eval(e.X)
		return !x, err
	case *syntax.ParenExpr:
		return v.eval(e.X)
	case *syntax.DefinedExpr:
		s := v.m[e.Name]
		return s != nil && s.boolean == e.Bool, nil
	case *syntax.BoolExpr:
		s := v.m[e.Name]
		if s == nil || !s.boolean {
			return false, failExpr(e, "boolean variable $%s is not set", e.Name)
		}
		return s.value, nil
	case *syntax.ValueExpr:
		switch strings.ToLower(e.Value) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return false, failExpr(e, "%q is neither true nor false", e.Value)
	case *syntax.CompareExpr:
		return v.compare(e)
	}
	return false, errors.New("no expression")
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// operand returns the set one side of a comparison stands for.
func (v *symbols) operand(e syntax.Expr, s string) ([]string, error) {
	name, ok := strings.CutPrefix(s, "@")
	if !ok {
		return []string{s}, nil
	}
	if inner, braces := strings.CutPrefix(name, "{"); braces {
		if inner, ok = strings.CutSuffix(inner, "}"); !ok {
			return []string{s}, nil
		}
		name = inner
	}
	if name == "" || checkVar(name) != varOK {
		return []string{s}, nil
	}
	values, err := v.expandSet(name)
	if err != nil {
		return nil, failExpr(e, "%v", err)
	}
	return values, nil
}

func (v *symbols) compare(e *syntax.CompareExpr) (bool, error) {
	x, err := v.operand(e, e.X)
	if err != nil {
		return false, err
	}
	y, err := v.operand(e, e.Y)
	if err != nil {
		return false, err
	}
	switch e.Op {
	case syntax.CompareEq:
		return slices.Equal(x, y), nil
	case syntax.CompareNe:
		return !slices.Equal(x, y), nil
	case syntax.CompareIn:
		for _, s := range x {
			if _, found := slices.BinarySearch(y, s); !found {
				return false, nil
			}
		}
		return true, nil
	}
	order := slices.Compare(x, y)
	nx, okX, errX := number(x)
	ny, okY, errY := number(y)
	switch {
	case errX != nil || errY != nil:
		return false, failExpr(e, "number out of range")
	case okX != okY:
		return false, failExpr(e, "a number can only be compared with a number")
	case okX && nx < ny:
		order = -1
	case okX && nx > ny:
		order = 1
	case okX:
		order = 0
	}
	switch e.Op {
	case syntax.CompareLt:
		return order < 0, nil
	case syntax.CompareLe:
		return order <= 0, nil
	case syntax.CompareGt:
		return order > 0, nil
	}
	return order >= 0, nil
}

// number returns the value of a set of one number, decimal, octal (0...) or hexadecimal (0x...).
func number(set []string) (n int64, ok bool, err error) {
	if len(set) != 1 || set[0] == "" || strings.Contains(set[0], "_") {
		return 0, false, nil
	}
	s := strings.TrimLeft(set[0], " \t\n\v\f\r")
	if len(s) > 1 && strings.ContainsAny(s[1:2], "oObB") {
		return 0, false, nil // Go's notations, not C's
	}
	n, err = strconv.ParseInt(s, 0, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, true, err
	}
	return n, err == nil, nil
}
