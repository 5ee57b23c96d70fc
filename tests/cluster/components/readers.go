// Reads answers with gzip as programs written in Go do, and prints their texts one behind the other.
//
//	readers compress/gzip FILE…     each of them one member, with nothing behind it
//	readers klauspost FILE…         all of them with one reader, which Prometheus keeps for a target
//	readers prometheus ACCEPT URL…  asked for and read as Prometheus does
//	readers net/http ACCEPT URL…    by a client that leaves gzip to the library
package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"

	klauspost "github.com/klauspost/compress/gzip"
)

func main() {
	how, arguments := os.Args[1], os.Args[2:]
	read := map[string]func([]string) error{
		"compress/gzip": standard,
		"klauspost":     reused,
		"prometheus":    prometheus,
		"net/http":      transparent,
	}[how]
	if err := read(arguments); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func standard(paths []string) error {
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		packed := bufio.NewReader(file)
		member, err := gzip.NewReader(packed)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		member.Multistream(false)
		if _, err := io.Copy(os.Stdout, member); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if _, err := packed.ReadByte(); err != io.EOF {
			return fmt.Errorf("%s: something is behind the first member (%v)", path, err)
		}
		file.Close()
	}
	return nil
}

// target is what Prometheus keeps from one scrape to the next.
type target struct {
	reader *klauspost.Reader
	buffer *bufio.Reader
}

func (t *target) read(from string, packed io.Reader) error {
	var err error
	if t.reader == nil {
		t.buffer = bufio.NewReader(packed)
		t.reader, err = klauspost.NewReader(t.buffer)
	} else {
		t.buffer.Reset(packed)
		err = t.reader.Reset(t.buffer)
	}
	if err == nil {
		_, err = io.Copy(os.Stdout, t.reader)
		t.reader.Close()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return nil
}

func reused(paths []string) error {
	var target target
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := target.read(path, file); err != nil {
			return err
		}
		file.Close()
	}
	return nil
}

func prometheus(arguments []string) error {
	var target target
	client := http.Client{Transport: &http.Transport{DisableCompression: true}}
	return ask(arguments, client, "gzip", func(answer *http.Response, url string) error {
		if encoding := answer.Header.Get("Content-Encoding"); encoding != "gzip" {
			return fmt.Errorf("%s: the encoding is %q", url, encoding)
		}
		return target.read(url, answer.Body)
	})
}

func transparent(arguments []string) error {
	return ask(arguments, http.Client{}, "", func(answer *http.Response, url string) error {
		if !answer.Uncompressed {
			return fmt.Errorf("%s: the answer isn't compressed", url)
		}
		_, err := io.Copy(os.Stdout, answer.Body)
		return err
	})
}

func ask(arguments []string, client http.Client, encoding string, read func(*http.Response, string) error) error {
	accept, urls := arguments[0], arguments[1:]
	for _, url := range urls {
		request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		request.Header.Set("Accept", accept)
		if encoding != "" {
			request.Header.Set("Accept-Encoding", encoding)
		}
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", url, answer.Status)
		}
		if err := read(answer, url); err != nil {
			return err
		}
		answer.Body.Close()
	}
	return nil
}
