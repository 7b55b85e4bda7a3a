# bash completion of tickstream, written by `tickstream completion bash`.

_tickstream_of_command() {
    case "$1" in
    watch) options='--json --csv --events --once --count --for --timeout --source --demo --api-key --speed --loop --from --record --rotate --force --columns --format --alert --until --on-alert --notify --sort --fps --max-symbols --position --currency --screen-reader --no-color --colors --ascii --log-level --debug --config -h --help' arguments='<symbols>' ;;
    quotes) options='--json --once --interval --count --for --timeout --source --demo --api-key --no-color --colors --ascii --log-level --debug --config -h --help' arguments='<symbols>' ;;
    market) options='--json --once --interval --count --for --timeout --source --demo --api-key --no-color --colors --ascii --log-level --debug --config -h --help' arguments='' ;;
    hours) options='--all --json --once --interval --count --for --timeout --source --demo --api-key --no-color --colors --ascii --log-level --debug --config -h --help' arguments='XNYS XNAS XLON XETR XPAR XTKS XHKG XSHG XNSE XTSE XAMS XBRU XLIS XDUB XMIL XMAD XSWX XWBO XSTO XHEL XCSE XOSL XWAR XJSE XTAE XSAU XBOM XSES XSHE XTAI XKRX XASX BVMF XMEX CRYPTO' ;;
    profile) options='--json --once --interval --count --for --timeout --source --demo --api-key --no-color --colors --ascii --log-level --debug --config -h --help' arguments='<symbols>' ;;
    record) options='--rotate --force --count --for --timeout --source --demo --api-key --speed --loop --from --max-symbols --log-level --debug --config -h --help' arguments='<files> <symbols>' ;;
    search) options='--json --timeout --source --demo --log-level --debug --config -h --help' arguments='' ;;
    serve) options='--host --port --source --demo --speed --loop --from --interval --redis-url --upstream-rate --require-key --keys --new-key --allow-anonymous --allow-origin --allow-host --trusted-proxy --tls-cert --tls-key --max-clients --max-per-address --max-per-key --max-per-day --max-symbols --max-commands --log-level --debug --config -h --help' arguments='' ;;
    simulate) options='--port --host --seed --rate --session --snapshot-delay --fault --config -h --help' arguments='' ;;
    doctor) options='--json --source --demo --api-key --redis-url --no-color --colors --ascii --log-level --debug --config -h --help' arguments='' ;;
    config) options='--config --init --edit --check --debug -h --help' arguments='' ;;
    completion) options='--debug -h --help' arguments='bash zsh fish powershell' ;;
    help) options='--man --debug -h --help' arguments='' ;;
    *) options='--version -h --help' arguments='watch quotes market hours profile record search serve simulate doctor config completion help' ;;
    esac
}

_tickstream_of_option() {
    case "$1" in
    --count|--for|--timeout|--api-key|--from|--rotate|--on-alert|--fps|--max-symbols|--currency|--interval|--host|--port|--redis-url|--upstream-rate|--new-key|--allow-origin|--allow-host|--trusted-proxy|--max-clients|--max-per-address|--max-per-key|--max-per-day|--max-commands|--seed|--rate|--snapshot-delay|--fault) words='' ;;
    --source) words='yahoo demo <files>' ;;
    --speed) words='max' ;;
    --record|--config|--keys|--tls-cert|--tls-key) words='<files>' ;;
    --columns) words='symbol name last chg chg% ext ext-chg ext% position cost value day gain gain% weight range year trend volume open prev high low bid ask spread size cap exchange currency sess lag age' ;;
    --format) words='line tmux waybar polybar i3blocks i3bar' ;;
    --alert|--until|--position) words='<symbols>' ;;
    --notify) words='bell terminal desktop none' ;;
    --sort) words='given symbol name last chg chg% volume open prev high low bid ask size cap exchange currency sess position cost value day gain gain% weight age' ;;
    --colors) words='green-up red-up blue-orange none' ;;
    --log-level) words='debug info warning error' ;;
    --session) words='real pre regular post overnight closed' ;;
    *) return 1 ;;
    esac
}

_tickstream() {
    local line="${COMP_LINE:0:COMP_POINT}" word before i option='' command='' options='' arguments='' words=''
    local -a typed=()
    read -r -a typed <<<"$line"
    case "$line" in *[[:space:]]) typed+=('') ;; esac
    word="${typed[${#typed[@]} - 1]}"
    # The command is the first word that is neither an option nor the value of one.
    for ((i = 1; i < ${#typed[@]} - 1; i++)); do
        case "${typed[i]}" in
        -*) _tickstream_of_option "${typed[i]}" && ((i++)) ;;
        *) command="${typed[i]}" && break ;;
        esac
    done
    words=''
    before=''
    if [[ $word == --*=* ]]; then
        before="${word%%=*}="
        option="${word%%=*}"
    elif ((${#typed[@]} > 2)); then
        option="${typed[${#typed[@]} - 2]}"
    fi
    _tickstream_of_command "$command"
    if [[ -n $option ]] && _tickstream_of_option "$option"; then
        word="${word#"$before"}"
        case "$option" in --columns|--notify)
            case "$word" in *,*) before="$before${word%,*}," word="${word##*,}" ;; esac ;;
        esac
    elif [[ $word == -* ]]; then
        before='' words="$options"
    else
        before='' words="$arguments"
    fi
    _tickstream_reply "$word" "$before" "$words"
}

_tickstream_reply() {
    local word="$1" before="$2" one found head=''
    COMPREPLY=()
    for one in $3; do
        case "$one" in
        '<files>')
            compopt -o filenames 2>/dev/null
            while IFS= read -r found; do COMPREPLY+=("$before$found"); done < <(compgen -f -- "$word") ;;
        '<symbols>')
            while IFS=$'\t' read -r found _; do COMPREPLY+=("$before$found"); done \
                < <(tickstream completion symbols "$word" 2>/dev/null) ;;
        "$word"*) COMPREPLY+=("$before$one") ;;
        esac
    done
    # readline replaces only what stands behind the last of its word breaks, as =; one @ it takes with it.
    local breaks="${COMP_WORDBREAKS//@/}" i
    word="$before$word"
    for ((i = ${#word}; i > 0; i--)); do
        case "$breaks" in *"${word:i-1:1}"*) head="${word:0:i}" && break ;; esac
    done
    [[ -z $head ]] || COMPREPLY=("${COMPREPLY[@]#"$head"}")
}

complete -F _tickstream tickstream
