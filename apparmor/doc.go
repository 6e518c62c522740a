// Package apparmor is resolved AppArmor policy: what syntax trees mean once includes, variables, conditionals and aliases
// are applied, as plain typed rules that remember where they were written.
package apparmor
