# Runs DotnetClient with Mono, whose authorities are files of its own: sh mono_client.sh DotnetClient.exe LIBRARY ADDRESS
HOME=$(mktemp -d) && export HOME
[ -n "$ALTERYX_CA_BUNDLE" ] && cert-sync --quiet --user "$ALTERYX_CA_BUNDLE" >/dev/null
[ -n "$HTTPS_PROXY" ] && export https_proxy="${https_proxy:-$HTTPS_PROXY}"
[ -n "$HTTP_PROXY" ] && export http_proxy="${http_proxy:-$HTTP_PROXY}"
exec mono "$@"
