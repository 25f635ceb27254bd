# tidegate for bash. Add to ~/.bashrc:  source <(tidegate completion bash)
_tidegate() {
    local line word last candidate
    local -a words
    # The words as they stand: bash itself would cut them at '@', ':' and '='. What a backslash stands before is itself.
    line=${COMP_LINE:0:COMP_POINT}
    # shellcheck disable=SC2162
    read -a words <<<"$line"
    [[ "$line" == *[[:space:]] && "$line" != *\\[[:space:]] ]] && words+=("")
    word=${words[${#words[@]} - 1]}
    # What bash puts a candidate in the place of.
    last=${COMP_WORDS[COMP_CWORD]}
    [[ "$last" == [@:=] ]] && last=""
    # shellcheck disable=SC2162
    read last <<<"$last"
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ "$line" == ":files" ]]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r candidate; do
                COMPREPLY+=("$candidate")
            done < <(compgen -f -- "$last")
        else
            candidate=${line%%$'\t'*}
            # Names come from the gateway, where anybody may have given them: what is no plain word stands quoted.
            printf -v candidate %q "${candidate#"${word%"$last"}"}"
            COMPREPLY+=("$candidate")
        fi
    done < <("${words[0]}" completion words -- "${words[@]:1}" 2>/dev/null)
}
complete -F _tidegate tidegate ./tidegate
