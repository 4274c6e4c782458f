# shellcheck shell=bash disable=SC2154
# What the README's examples begin with: a job at ten in the evening with fourteen runs behind it, and a token that ends at
# midnight by its forge's clock.
# The forge's evening is not this machine's, of which the README's reader is not told.
outlast() {
    local code=0
    command outlast "$@" 2>warnings || code=$?
    sed "/the forge's clock is/d" warnings >&2
    return $code
}
day=$(date -u +%F)
new clock "{\"set\":\"${day}T22:10:00Z\"}"
new gitlab/tokens "{\"kind\":\"project\",\"scopes\":[\"api\"],\"access_level\":40,\"expires_at\":\"$(date -ud '+1 day' +%F)\"}"
RELEASE_TOKEN=$(made token)
for number in $(seq 14); do
    start=$(date -ud "-$((16 - number)) days" +%s)
    printf '{"id":%d,"name":"release","status":"success","started_at":"%s","finished_at":"%s","web_url":"%s"}\n' "$number" \
        "$(date -ud "@$start" +%FT%TZ)" "$(date -ud "@$((start + 7000 + number * 31))" +%FT%TZ)" "$S/group/app/-/jobs/$number"
done | jq -s . >runs.json
outlast record import --ci gitlab runs.json >imported
cat >operator.yml <<END
version: 1
credentials:
  release:
    forge: gitlab
    api_url: $S/api/v4
    token: {env: RELEASE_TOKEN}
    renew: {method: gitlab-rotate, lifetime: 30d}
    publish: [{gitlab-variable: {project: group/app, key: RELEASE_TOKEN}}]
END
export RELEASE_TOKEN GITLAB_CI=true CI_PROJECT_PATH=group/app CI_JOB_NAME=release CI_JOB_ID=4711 CI_API_V4_URL="$S/api/v4"
export CI_SERVER_HOST=127.0.0.1 CI_SERVER_URL=$S OUTLAST_CONFIG=$PWD/operator.yml
