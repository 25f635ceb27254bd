#compdef tidegate
# tidegate for zsh. Add to ~/.zshrc, after compinit:  source <(tidegate completion zsh)
_tidegate() {
    local line
    local -a candidates
    while IFS= read -r line; do
        if [[ "$line" == ":files" ]]; then
            _files
        else
            # _describe takes WORD:DESCRIPTION.
            line=${line//:/\\:}
            candidates+=("${line/$'\t'/:}")
        fi
    done < <("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#candidates} )) && _describe tidegate candidates
}
compdef _tidegate tidegate
