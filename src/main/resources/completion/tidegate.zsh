#compdef tidegate
# tidegate for zsh. Add to ~/.zshrc, after compinit:  source <(tidegate completion zsh)
_tidegate() {
    local line
    local -a candidates
    # Whether nothing was found: zsh goes on to other ways of completing then.
    local -i nothing=1
    while IFS= read -r line; do
        if [[ "$line" == ":files" ]]; then
            _files && nothing=0
        else
            # _describe takes WORD:DESCRIPTION.
            line=${line//:/\\:}
            candidates+=("${line/$'\t'/:}")
        fi
    done < <("${words[1]}" completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    (( ${#candidates} )) && _describe tidegate candidates && nothing=0
    return nothing
}
compdef _tidegate tidegate
