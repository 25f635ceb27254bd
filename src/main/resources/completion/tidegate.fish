# tidegate for fish:  tidegate completion fish > ~/.config/fish/completions/tidegate.fish
function __tidegate_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    for line in ($words[1] completion words -- $words[2..-1] "$last" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$last"
        else
            printf '%s\n' $line
        end
    end
end
complete -c tidegate -f -a '(__tidegate_complete)'
