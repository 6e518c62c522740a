package syntax

// Binding strengths of expressions, weakest first.
const (
	bindOr = iota
	bindAnd
	bindNot
)

// expr writes an expression that must bind at least as strongly as min; weaker ones get parentheses.
func (c *canon) expr(e Expr, min int) {
	switch e := e.(type) {
	case *BinaryExpr:
		op, bind := "and", bindAnd
		if e.Or {
			op, bind = "or", bindOr
		}
		if bind < min {
			c.paren(e)
			return
		}
		c.expr(e.X, bind)
		c.word(op)
		c.expr(e.Y, bind+1)
	case *NotExpr:
		c.word("not")
		c.expr(e.X, bindNot)
	case *ParenExpr:
		c.paren(e.X)
	case *DefinedExpr:
		c.word("defined")
		if e.Bool {
			c.word(variable('$', e.Name))
		} else {
			c.word(variable('@', e.Name))
		}
	case *BoolExpr:
		c.word(variable('$', e.Name))
	case *CompareExpr:
		c.str(modeExpr, e.X)
		c.word(e.Op.String())
		c.str(modeExpr, e.Y)
	case *ValueExpr:
		c.str(modeExpr, e.Value)
	default:
		c.word(quote("")) // no expression at all: the text will not parse
	}
}

func (c *canon) paren(e Expr) {
	if !c.tight {
		c.b.WriteByte(' ')
	}
	c.open()
	c.expr(e, bindOr)
	c.close()
}
