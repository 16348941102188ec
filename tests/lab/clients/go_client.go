// Calls the token endpoint and the API with net/http; prints JSON as python_client.py does.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

func main() {
	shown := map[string]string{}
	if err := run(os.Args[1]); err != nil {
		shown["message"] = err.Error()
		shown["traceback"] = time.Now().Format("2006/01/02 15:04:05 ") + err.Error() + "\nexit status 1"
	}
	json.NewEncoder(os.Stdout).Encode(shown)
}

func run(base string) error {
	client := &http.Client{}
	if os.Getenv("CAPTURE_PATIENT") == "" {
		client.Timeout = 4 * time.Second
	}
	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {os.Getenv("ALTERYX_CLIENT_ID")},
		"client_secret": {os.Getenv("ALTERYX_CLIENT_SECRET")},
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	request, err := http.NewRequest("POST", base+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := ask(client, request, &token); err != nil {
		return err
	}
	if token.AccessToken == "" {
		return errors.New("no access_token in the answer")
	}
	for _, path := range []string{"/v3/workflows", "/v3/users"} {
		request, err := http.NewRequest("GET", base+path, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token.AccessToken)
		var anything any
		if err := ask(client, request, &anything); err != nil {
			return err
		}
	}
	return nil
}

func ask(client *http.Client, request *http.Request, into any) error {
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %.600s", request.Method, request.URL, answer.Status, body)
	}
	return json.Unmarshal(body, into)
}
