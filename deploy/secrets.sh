#!/bin/sh
# sh deploy/secrets.sh: write what is missing in secrets/ (or the folder in $SECRETS), one file a secret; run it again
# at any time, it changes nothing that is there. The token of @BotFather is asked for, or taken from $BOT_TOKEN.
set -eu
umask 077
folder=${SECRETS:-$(dirname "$0")/../secrets}
mkdir -p "$folder"
chmod 700 "$folder" # only you can look into it; in the containers each file is mounted alone, and read by another user
cd "$folder"

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
password() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
hash() { printf %s "$1" | sha256sum | cut -d' ' -f1; }
# Whole or not at all, and never over a file that is there.
keep() {
  [ -e "$1" ] && return
  cat > ".$1"
  chmod 444 ".$1"
  mv ".$1" "$1"
  echo "written: $1"
}

if [ ! -e bot_token ]; then
  token=${BOT_TOKEN:-}
  if [ -z "$token" ]; then
    printf 'The token that @BotFather gave you: '
    read -r token
  fi
  case "$token" in
    [0-9]*:?*) printf %s "$token" | keep bot_token ;;
    *) echo "That is no token: it looks like 123456:ABC…" >&2; exit 1 ;;
  esac
fi
[ -e seal_keys ] || printf '1:%s' "$(random 32)" | keep seal_keys
[ -e grafana_password ] || password | keep grafana_password
if [ ! -e redis_acl ]; then
  rm -f bot_redis_url worker_redis_url operator_redis_password
  bot=$(password) worker=$(password) operator=$(password)
  printf 'redis://bot:%s@redis:6379/0' "$bot" | keep bot_redis_url
  printf 'redis://worker:%s@redis:6379/0' "$worker" | keep worker_redis_url
  printf %s "$operator" | keep operator_redis_password
  # The worker meets files from strangers: it sees photos and reports, not histories, updates or messages.
  # `default` is the operator's and must be allowed everything: Redis reads its append-only file as that user, and leaves
  # out every transaction that it may not do (seen with 7.0.15: all that was in a MULTI was gone after a restart).
  keep redis_acl <<ACL
user default on #$(hash "$operator") ~* &* +@all
user health on nopass -@all +ping
user bot on #$(hash "$bot") ~* resetchannels +@all -@admin -@dangerous +info +restore
user worker on #$(hash "$worker") ~jobs:vision* ~vision:* ~c:*:photo:* ~c:*:report:* ~c:*:reply:* ~c:*:safe:* resetchannels +@all -@admin -@dangerous -@scripting +info
ACL
fi
