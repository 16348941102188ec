# Calls the token endpoint and the API with curl; prints JSON as python_client.py does: the short error, and -v's talk.
# sh curl_client.sh https://host/webapi
base=$1
set -- --max-time 4 --connect-timeout 2
[ -n "$CAPTURE_PATIENT" ] && set --
[ -n "$ALTERYX_CA_BUNDLE" ] && set -- "$@" --cacert "$ALTERYX_CA_BUNDLE"
work=$(mktemp -d) && cd "$work" || exit 1

ask() { # PATH, then options of the call; fails as curl does, and keeps what it said
  path=$1
  shift
  curl -sS -v --fail-with-body "$@" "$base/$path" >body 2>talk
}

if ask oauth2/token "$@" -d grant_type=client_credentials -d "client_id=$ALTERYX_CLIENT_ID" \
  -d "client_secret=$ALTERYX_CLIENT_SECRET"; then
  token=$(sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p' body)
  if [ -n "$token" ]; then
    ask v3/workflows "$@" -H "Authorization: Bearer $token" && ask v3/users "$@" -H "Authorization: Bearer $token"
  fi
fi
python3 - <<'P'
import json
talk, body = (open(name, errors="replace").read() for name in ("talk", "body"))
error = [line for line in talk.splitlines() if line.startswith("curl: (")]
shown = {}
if error:
    shown = {"message": error[-1] + ("\n" + body[:600] if body else ""), "traceback": talk + body[:600]}
elif not body.lstrip().startswith(("{", "[")):
    shown = {"message": body[:600], "traceback": talk + body[:600]}
print(json.dumps(shown))
P
