package syntax

// Limits on input, so that hostile text costs bounded memory and time.
const (
	// MaxFileSize is the most bytes Parse reads from one file.
	MaxFileSize = 16 << 20
	// MaxDepth is how deep blocks and parentheses may nest, and how many "else if" may follow one another.
	MaxDepth = 500
	// MaxErrors is how many errors Parse reports before it gives up on a file.
	MaxErrors = 50
)
