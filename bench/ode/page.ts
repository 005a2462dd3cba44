import type { Engine } from '../../src/engine/engine.js'
import type { MethodName } from '../../src/ode/types.js'
import { checks } from './checks.js'
import { geometricMean, peers } from './peers.js'
import { classics, detest, stiff, stiffTolerances, tolerances, type InitialValueProblem } from './problems.js'
import { runProblem } from './run.js'

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
const power = (x: number): string => x.toExponential(0)
const grouped = (n: number): string => n.toLocaleString('en-US')

/** What peers check, and where it is tested here. */
export function checksTable(): string {
  return table(
    ['peer', 'check', 'tested in', ''],
    checks.map(({ peer, check, tested, note = '' }) => [
      peer,
      check,
      [...new Set(tested.map(([file]) => file))].map((file) => `[${file}](../test/${file})`).join(', ') || '—',
      note,
    ]),
  )
}

/** Evaluations over those of a peer, for each problem and tolerance. */
function evaluationsTable(engine: Engine, method: MethodName, peer: 'DOPRI5' | 'DOP853'): string {
  const ratios = (problem: InitialValueProblem): number[] =>
    tolerances.map(
      (tolerance, i) => runProblem(engine, problem, method, tolerance).evaluations / peers.evaluations[problem.name]![peer][i]!,
    )
  const all = [...detest, ...classics].map((problem) => ({ name: problem.name, ratios: ratios(problem) }))
  const classes = ['A', 'B', 'C', 'D', 'E'].map((letter) => ({
    name: `DETEST ${letter}1–${letter}5`,
    group: all.filter(({ name }) => new RegExp(`^${letter}\\d$`).test(name)),
  }))
  const groups = [
    ...classes,
    ...classics.map(({ name }) => ({ name, group: all.filter((one) => one.name === name) })),
    { name: '**all**', group: all },
  ]
  const mean = (group: typeof all, i?: number): string =>
    geometricMean(group.flatMap(({ ratios: own }) => (i === undefined ? own : [own[i]!]))).toFixed(2)
  return table(
    [`${method} / ${peer}`, ...tolerances.map(power), 'all'],
    groups.map(({ name, group }) => [name, ...tolerances.map((_, i) => mean(group, i)), mean(group)]),
  )
}

const stiffMethods: readonly MethodName[] = ['rodas5p', 'rodas4', 'kvaerno5']

/** Evaluations, and errors over the tolerance, beside SciPy's Radau and BDF. */
function stiffTable(engine: Engine): string {
  const cell = (evaluations: number, error: number | null, tolerance: number): string =>
    `${grouped(evaluations)} (${error === null ? 'gave up' : (error / tolerance).toPrecision(1).replace(/e\+?/, 'e')})`
  return table(
    ['problem', 'tolerance', ...stiffMethods, 'Radau', 'BDF'],
    stiff.flatMap((problem) =>
      stiffTolerances.map((tolerance, i) => {
        const own = stiffMethods.map((method) => runProblem(engine, problem, method, tolerance))
        const theirs = (['Radau', 'BDF'] as const).map((peer) => peers.stiff[problem.name]![peer][i]!)
        return [
          i === 0 ? problem.name : '',
          power(tolerance),
          ...[...own, ...theirs].map(({ evaluations, error }) => cell(evaluations, error, tolerance)),
        ]
      }),
    ),
  )
}

/** docs/conformance.md. */
export function conformancePage(engine: Engine): string {
  return `# What other solvers check, and what it costs here

Written by \`npm run solvers:table\`. The figures of SciPy ${peers.scipy} are stored in \`bench/ode/peers.json\`, made by \`bench/ode/peers.py\` from
the equations of \`bench/ode/problems.ts\`; those of this package are measured as the page is written. See [solvers.md](solvers.md) for the methods.

\`\`\`console
npm run solvers:table
npm run test:slow -- ode/peers
\`\`\`

## Checks of peers' test suites

Problems, spans and bounds are those of the suites, written anew; expected values are closed forms or published.

${checksTable()}

## Evaluations of the field

DETEST (Hull, Enright, Fellen and Sedgwick 1972) and five problems more, rtol = atol. Each number is this package's evaluations over the peer's, in geometric
mean. DOPRI5 is Hairer and Wanner's, as \`scipy.integrate.ode\` has it; DOP853 is \`solve_ivp\`'s.

${evaluationsTable(engine, 'dopri5', 'DOPRI5')}

Both end at the last output; \`dopri8\` takes the three evaluations of its dense output there, and DOP853 takes them only if asked for it. Without those three the
last number is 1.00.

${evaluationsTable(engine, 'dopri8', 'DOP853')}

Global errors at the last time stay below 4000 tolerances from 1e-3 to 1e-7, and below 400 from 1e-8 on, in all 25 problems of DETEST (\`ode/peers/detest\`).

## Stiff problems

Evaluations of the field, and in parentheses the largest error at the last time over the tolerance, against published values (Mazzia and Magherini's test set; Hairer
and Wanner). Errors are relative to |y| + atol/rtol. Evaluations are without those for Jacobians: SciPy makes them of differences, this package of derivatives, for
\`rodas5p\` and \`rodas4\` in each step.

${stiffTable(engine)}
`
}
