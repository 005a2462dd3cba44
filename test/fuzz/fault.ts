/** How a command line came to its end. */
export type Ending =
  | {
      readonly kind: 'ended'
      readonly code: number
      readonly err: string
      /** Of computing. */ readonly seconds: number
      readonly peak: number
    }
  | { readonly kind: 'late'; readonly patience: number }
  | { readonly kind: 'died'; readonly written: string }

/** What any input may cost, in seconds of computing. */
const LONGEST = 10

/** What only a mistake in the program prints. */
const UNEXPECTED =
  /This was not expected|\n\s+at .+:\d+:\d+|(Type|Range|Reference|Syntax)Error:|is not a function|is not iterable|Cannot read propert|Invalid array length|\[object Object\]/

/** What is wrong with an ending; undefined where it is a result (0), a refusal (2) or Ctrl-C (130). */
export function faultOf(ending: Ending, mostMemory: number): string | undefined {
  if (ending.kind === 'late') return `it did not end within ${ending.patience} seconds`
  if (ending.kind === 'died') return `the process died: ${ending.written}`
  const { code, err, seconds, peak } = ending
  if (![0, 2, 130].includes(code)) return `exit code ${code}: ${err}`
  if (code === 2 && !err.includes('latent-ode: ')) return `refused without a word: ${err}`
  if (UNEXPECTED.test(err)) return `an error of the program: ${err}`
  if (seconds > LONGEST) return `it computed for ${Math.round(seconds)} seconds`
  return peak > mostMemory ? `it took ${Math.round(peak)} MiB of memory` : undefined
}
