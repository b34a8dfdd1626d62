#!/bin/sh
# sh deploy/secrets.sh: write what is missing in secrets/ (or the folder in $SECRETS), one file a secret. Run it again at
# any time, as every upgrade does: it changes no secret, and redis_acl alone, which follows from the passwords and from
# what this version's bot and worker may do. The token of @BotFather is asked for, or taken from $BOT_TOKEN.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=${SECRETS:-$here/../secrets}
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
    read -r token || token= # nobody is there to ask
  fi
  case "$token" in
    [0-9]*:?*) printf %s "$token" | keep bot_token ;;
    *) echo "That is no token: it looks like 123456:ABC… Run this again, or with BOT_TOKEN=… in front." >&2; exit 1 ;;
  esac
fi
[ -e seal_keys ] || printf '1:%s' "$(random 32)" | keep seal_keys
[ -e grafana_password ] || password | keep grafana_password
[ -e bot_redis_url ] || printf 'redis://bot:%s@redis:6379/0' "$(password)" | keep bot_redis_url
[ -e worker_redis_url ] || printf 'redis://worker:%s@redis:6379/0' "$(password)" | keep worker_redis_url
[ -e operator_redis_password ] || password | keep operator_redis_password

in_url() { sed 's#^[a-z]*://[^:]*:\([^@]*\)@.*#\1#' "$1"; }
# The worker meets files from strangers: it sees photos and reports, not histories, updates or messages.
# `default` is the operator's and must be allowed everything: Redis reads its append-only file as that user, and leaves
# out every transaction that it may not do (seen with 7.0.15: all that was in a MULTI was gone after a restart).
cat > .acl <<ACL
user default on #$(hash "$(cat operator_redis_password)") ~* &* +@all
user health on nopass -@all +ping
user bot on #$(hash "$(in_url bot_redis_url)") ~* resetchannels +@all -@admin -@dangerous -@scripting +info +restore +bgrewriteaof
user worker on #$(hash "$(in_url worker_redis_url)") ~jobs:vision* ~vision:* ~c:*:photo:* ~c:*:report:* ~c:*:reply:* ~c:*:safe:* ~c:0:canary resetchannels +@all -@admin -@dangerous -@scripting +info
ACL
if cmp -s .acl redis_acl; then
  rm .acl
else
  chmod 444 .acl
  mv -f .acl redis_acl
  echo "written: redis_acl"
fi

# What stands in .env and is read by nothing: misspelt, of an earlier version, or a setting that has another place here.
cd "$here/.."
[ -f .env ] || exit 0
sed -n 's/^ *\(export \)\{0,1\}\([A-Za-z_0-9]*\)=..*/\2/p' .env | sort -u | while read -r name; do
  case "$name" in COMPOSE_* | DOCKER_*) continue ;; esac
  grep -qE "\\\$\{$name[:}-]|^ +$name: *\$" docker-compose.yml deploy/tls.yml ||
    echo ".env: nothing reads $name. Is it misspelt, or gone, or has it another name or place here? See .env.example." >&2
done
