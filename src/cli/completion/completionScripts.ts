import type { Shell } from './shells.js'

/** What to type, once, to have it in every new shell. */
export const setUp: Readonly<Record<Shell, string>> = {
  bash: 'latent-ode completion bash >> ~/.bashrc',
  zsh: 'latent-ode completion zsh >> ~/.zshrc',
  fish: 'latent-ode completion fish > ~/.config/fish/completions/latent-ode.fish',
}

/** A script as it stands here, but for `\$`, which is how a template has a dollar before a brace. */
const script = ({ raw }: TemplateStringsArray): string => raw[0]!.replaceAll('\\$', '$').trimStart()

/** Scripts that ask the program itself what may stand at the cursor; `complete.ts` says how it answers. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: script`
# Completion of latent-ode in bash.
_latent_ode() {
  local line word current=$2 tab=$'\t'
  COMPREPLY=()
  [[ $current == = ]] && current=
  while IFS= read -r line; do
    case $line in
      :files*)
        compopt -o filenames
        while IFS= read -r word; do
          [[ -d $word || $word == *"\${line#:files}" ]] && COMPREPLY+=("$word")
        done < <(compgen -f -- "$current")
        # Names with ~ or quotes are left to readline.
        [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default ;;
      :open) compopt -o nospace ;;
      *)
        word=\${line%%"$tab"*}
        [[ $current != [\"\']* && $word == *[!a-zA-Z0-9_./:,=@%+-]* ]] && printf -v word %q "$word"
        COMPREPLY+=("$word") ;;
    esac
  done < <("$1" __complete bash "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _latent_ode latent-ode
`,
  zsh: script`
#compdef latent-ode
# Completion of latent-ode in zsh.
_latent_ode() {
  local line word ending tab=$'\t'
  local -a described spaces
  local -i files=0
  for line in "\${(@f)$("\${words[1]}" __complete zsh "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files*) files=1; ending=\${line#:files} ;;
      :open) spaces=(-S '') ;;
      *)
        word=\${line%%$tab*}
        word=\${word//:/\\:}
        [[ $line == *$tab* ]] && word+=:\${line#*$tab}
        described+=("$word") ;;
    esac
  done
  (( $#described )) && _describe -t values value described "\${spaces[@]}"
  if (( files )); then _files \${ending:+-g} \${ending:+"*$ending"}; fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _latent_ode latent-ode
`,
  fish: script`
# Completion of latent-ode in fish.
function __latent_ode_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in ($words[1] __complete fish $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case ':files'
        __fish_complete_path "$current"
      case ':files*'
        __fish_complete_suffix (string replace ':files' '' -- $line)
      case ':*'
      case '*'
        echo $line
    end
  end
end
complete -c latent-ode -f -a '(__latent_ode_complete)'
`,
}
