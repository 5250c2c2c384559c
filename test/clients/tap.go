// TAP for the Go programs of this folder.
package main

import (
	"errors"
	"fmt"
	"os"
)

var count, failed int

func check(name string, good bool, said ...any) {
	count++
	if good {
		fmt.Printf("ok %d - %s\n", count, name)
		return
	}
	failed++
	fmt.Printf("not ok %d - %s\n", count, name)
	for _, line := range said {
		fmt.Printf("# %v\n", line)
	}
}

// No error.
func done(name string, err error) {
	check(name, err == nil, err)
}

// The error that the SDK has a type for.
func isError[T error](name string, err error) {
	var wanted T
	check(name, errors.As(err, &wanted), err)
}

func end() {
	fmt.Printf("1..%d\n", count)
	if failed > 0 {
		os.Exit(1)
	}
}
