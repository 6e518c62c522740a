package syntax

// Expr is an expression of an if or of a boolean variable. The set is closed: *BinaryExpr, *NotExpr, *ParenExpr, *CompareExpr,
// *DefinedExpr, *BoolExpr and *ValueExpr.
type Expr interface {
	// Position returns where the expression begins.
	Position() Pos
	expr()
}

// ExprNode is what all expressions have.
type ExprNode struct{ Pos Pos }

// Position returns n.Pos.
func (n *ExprNode) Position() Pos { return n.Pos }

func (n *ExprNode) expr() {}

// BinaryExpr is "x and y", or "x or y". Both sides are always evaluated.
type BinaryExpr struct {
	ExprNode
	Or   bool
	X, Y Expr
}

// NotExpr is "not x".
type NotExpr struct {
	ExprNode
	X Expr
}

// ParenExpr is "(x)".
type ParenExpr struct {
	ExprNode
	X Expr
}

// DefinedExpr is "defined @{X}" or "defined $X".
type DefinedExpr struct {
	ExprNode
	Name string
	Bool bool // $X
}

// BoolExpr is "$X".
type BoolExpr struct {
	ExprNode
	Name string
}

// CompareOp is the operator of a comparison.
type CompareOp uint8

// The comparison operators.
const (
	CompareEq CompareOp = iota
	CompareNe
	CompareIn
	CompareLt
	CompareLe
	CompareGt
	CompareGe
)

// String returns the operator.
func (op CompareOp) String() string {
	names := [...]string{"==", "!=", "in", "<", "<=", ">", ">="}
	if int(op) < len(names) {
		return names[op]
	}
	return "invalid"
}

// CompareExpr is "x == y". Each side is a word, or a variable written "@{X}".
type CompareExpr struct {
	ExprNode
	Op   CompareOp
	X, Y string
}

// ValueExpr is a word alone; only true and false have a meaning.
type ValueExpr struct {
	ExprNode
	Value string
}
