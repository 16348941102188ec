# Calls the token endpoint and the API with wget; prints JSON as python_client.py does: all that wget said.
# sh wget_client.sh https://host/webapi
base=$1
set -- --tries=1 --timeout=3
[ -n "$CAPTURE_PATIENT" ] && set -- --tries=1
[ -n "$ALTERYX_CA_BUNDLE" ] && set -- "$@" "--ca-certificate=$ALTERYX_CA_BUNDLE"
# wget reads the lower-case variables only
[ -n "$HTTPS_PROXY" ] && export https_proxy="${https_proxy:-$HTTPS_PROXY}"
[ -n "$HTTP_PROXY" ] && export http_proxy="${http_proxy:-$HTTP_PROXY}"
[ -n "$NO_PROXY" ] && export no_proxy="${no_proxy:-$NO_PROXY}"
work=$(mktemp -d) && cd "$work" || exit 1

ask() { # PATH, then options of the call
  path=$1
  shift
  wget -O body "$@" "$base/$path" 2>said
}

if ask oauth2/token "$@" \
  "--post-data=grant_type=client_credentials&client_id=$ALTERYX_CLIENT_ID&client_secret=$ALTERYX_CLIENT_SECRET"; then
  token=$(sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p' body)
  [ -n "$token" ] || echo "no access_token in the answer" >>said
  if [ -n "$token" ]; then
    ask v3/workflows "$@" "--header=Authorization: Bearer $token" &&
      ask v3/users "$@" "--header=Authorization: Bearer $token" && : >said
  fi
fi
python3 - <<'P'
import json
said = open("said", errors="replace").read()
last = [line for line in said.splitlines() if line.strip() and not line.startswith(("--", "Retrying", "Giving up"))]
print(json.dumps({"traceback": said, "message": "\n".join(last[-2:])} if last else {}))
P
