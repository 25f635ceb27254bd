# Sourced by mvnw and tidegate: sets tidegate_java_home to a JDK of version 25 or later, or prints a sentence and returns 1.
# JAVA_HOME stays as the user has it: a job that an agent runs has it, too.
# The version that Tidegate is built for is preferred, then the lowest above it. Where tidegate_java_program is "java", as in
# a release, one without a compiler will do.

tidegate_java_wanted=25

# The major version of the JDK in directory $1, or nothing if it is none.
tidegate_java_version() {
    [ -x "$1/bin/${tidegate_java_program:-javac}" ] && [ -x "$1/bin/java" ] || return 0
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
    else
        "$1/bin/java" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'
    fi
}

tidegate_find_jdk() {
    tidegate_best=
    tidegate_best_version=
    tidegate_on_path=$(command -v java 2>/dev/null || :)
    if [ -n "$tidegate_on_path" ]; then
        # The command on the PATH is often a link into the JDK, sometimes over several steps.
        tidegate_on_path=$(readlink -f "$tidegate_on_path" 2>/dev/null || echo "$tidegate_on_path")
        tidegate_on_path=${tidegate_on_path%/bin/java}
    fi
    for tidegate_candidate in "${JAVA_HOME:-}" "$tidegate_on_path" /usr/lib/jvm/* /opt/java/* "${HOME:-}"/.sdkman/candidates/java/* \
        "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        [ -n "$tidegate_candidate" ] && [ -d "$tidegate_candidate" ] || continue
        tidegate_version=$(tidegate_java_version "$tidegate_candidate")
        [ -n "$tidegate_version" ] && [ "$tidegate_version" -ge "$tidegate_java_wanted" ] || continue
        if [ -z "$tidegate_best" ] || [ "$tidegate_version" -lt "$tidegate_best_version" ]; then
            tidegate_best=$tidegate_candidate
            tidegate_best_version=$tidegate_version
        fi
        # What the user has chosen wins, and nothing is better than an exact match.
        if [ "$tidegate_candidate" = "${JAVA_HOME:-}" ] || [ "$tidegate_candidate" = "$tidegate_on_path" ] ||
            [ "$tidegate_version" -eq "$tidegate_java_wanted" ]; then
            tidegate_best=$tidegate_candidate
            break
        fi
    done
    if [ -z "$tidegate_best" ]; then
        echo "${0##*/}: no JDK of version $tidegate_java_wanted or later is here: install one (for example Temurin, https://adoptium.net) or set JAVA_HOME to it." >&2
        return 1
    fi
    tidegate_java_home=$tidegate_best
}
