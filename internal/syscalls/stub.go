// Placeholder signatures until the generated tables land: delete this file when adding them.
package syscalls

type ABI uint8

const (
	AMD64 ABI = 1 + iota
	I386
	X32
	ARM64
	ARM
	RISCV64
	LOONG64
	S390X
	S390
	PPC64LE
	PPC64
	PPC
	MIPS
	MIPSEL
	MIPS64
	MIPSEL64
	MIPS64N32
	MIPSEL64N32
	M68K
	PARISC
	PARISC64
	SH
	SHEB
)
const X32Bit = 0x40000000

func (a ABI) Valid() bool                            { panic(0) }
func (a ABI) String() string                         { panic(0) }
func (a ABI) SCMP() string                           { panic(0) }
func ParseABI(s string) (ABI, bool)                  { panic(0) }
func (a ABI) AuditArch() uint32                      { panic(0) }
func (a ABI) BigEndian() bool                        { panic(0) }
func (a ABI) Bits() int                              { panic(0) }
func (a ABI) Primary() ABI                           { panic(0) }
func (a ABI) Siblings() []ABI                        { panic(0) }
func FromGOARCH(goarch string) (ABI, bool)           { panic(0) }
func Number(a ABI, name string) (nr uint32, ok bool) { panic(0) }
func Name(a ABI, nr uint32) (name string, ok bool)   { panic(0) }
func Known(name string) bool                         { panic(0) }

type ID uint16

func Lookup(name string) (ID, bool)                               { panic(0) }
func (id ID) String() string                                      { panic(0) }
func (id ID) Number(a ABI) (uint32, bool)                         { panic(0) }
func Max(a ABI) uint32                                            { panic(0) }
func Introduced(a ABI, name string) (major, minor uint8, ok bool) { panic(0) }

type Mux struct {
	Call string
	Sub  uint32
}

func Multiplexed(a ABI, name string) (Mux, bool) { panic(0) }
func Errno(a ABI, name string) (uint16, bool)    { panic(0) }
func ErrnoName(a ABI, n uint16) (string, bool)   { panic(0) }
