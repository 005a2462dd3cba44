/** A check of a peer's test suite, and where it is restated: a file of test/, and words of the title of its test. */
export interface Check {
  readonly peer: string
  readonly check: string
  /** `[file, title]` pairs; none where the check does not apply. */
  readonly tested: readonly (readonly [file: string, title: string])[]
  /** What is different here, or why it does not apply. */
  readonly note?: string
}

const accuracy = 'ode/accuracy.test.ts'
const steps = 'ode/steps.test.ts'
const events = 'ode/events.test.ts'
const gradients = 'ode/gradients.test.ts'
const jumps = 'ode/jumps.test.ts'
const failures = 'ode/failures.test.ts'

const torchdiffeq: readonly Omit<Check, 'peer'>[] = [
  { check: 'constant, all methods, both directions: 3e-4', tested: [[accuracy, 'constant: %s']] },
  { check: 'sine, adaptive methods: 3e-4', tested: [[accuracy, 'sine: %s']] },
  { check: 'linear, 10 components, against the matrix exponential: 2e-3', tested: [[accuracy, 'linear, against the matrix exponential']] },
  { check: 'exp, a field that ignores y: 5e-2', tested: [[accuracy, 'exp, a field that ignores y']] },
  { check: 'one time gives back y0', tested: [[accuracy, 'gives back y0 for a single time']] },
  { check: 'gradients of (y0, t), every method, both adjoints', tested: [[steps, 'gradients of (y0, t)']] },
  {
    check: 'adjoint against direct gradients of y0, t and parameters, the cubic spiral; 0 for unused parameters',
    tested: [
      [gradients, 'adjoints solved backward against the discrete one'],
      [gradients, 'the cubic spiral'],
      [gradients, 'the parameter that the field does not use'],
    ],
  },
  { check: 'a known jump takes fewer evaluations, forward and backward', tested: [[jumps, 'takes fewer evaluations']] },
  { check: 'the field is never evaluated at the jump', tested: [[jumps, 'never evaluates the field there']] },
  { check: "Euler on 11 points of y' = y is 1.1¹⁰, and its gradient", tested: [[accuracy, "takes exactly the Euler steps of y' = y"]] },
  {
    check: 'least and largest steps hold; callbacks add up; ten calls each way for steps of 0.1',
    tested: [
      [steps, 'maxStep holds for every step'],
      [steps, 'a step at minStep fails, or is taken'],
      [steps, 'see every step, and what became of it'],
      [steps, 'are called ten times each way'],
    ],
  },
  {
    check: 'events: time and state within 1e-4, Euler 5e-3, all methods, both directions',
    tested: [['ode/peers/torchdiffeq.test.ts', 'events: %s']],
  },
  {
    check: 'events and gradients',
    tested: [['ode/peers/torchdiffeq.test.ts', 'the gradient of an event reaches back']],
    note: 'by the discrete adjoint; the continuous one says that it cannot',
  },
  {
    check: 'a norm of one’s own gets the right shape; a seminorm lowers the adjoint’s evaluations',
    tested: [
      [steps, 'are called with the scaled error'],
      [steps, 'the parameter gradient is no part of the error'],
    ],
  },
  {
    check: 'float32',
    tested: [['ode/timeOrigin.test.ts', 'float32: $name']],
    note: 'the times of float32; float64 is what other checks run in',
  },
  { check: 'complex states', tested: [['ode/input.test.ts', 'complex numbers are refused']], note: 'refused, with what to do' },
]

const diffrax: readonly Omit<Check, 'peer'>[] = [
  { check: 'order of convergence of every method, slope within 0.3 (there 0.9)', tested: [[accuracy, 'order of convergence']] },
  { check: 'dense output: values and derivatives at 10 000 times', tested: [[accuracy, 'dense output']] },
  { check: 'reversed time, step by step', tested: [[accuracy, 'time reversed: %s']] },
  { check: 'DETEST A1 to E5 at 1e-8 within 4e-5, every adaptive method', tested: [['ode/peers/detest.test.ts', 'DETEST: %s']] },
  { check: 'Robertson at eight times to 100, implicit methods', tested: [['ode/peers/diffrax.test.ts', 'Robertson at 1e-4 to 100']] },
  {
    check: 'an implicit step that does not converge fails with fixed steps, and is retried with adaptive ones',
    tested: [['ode/peers/diffrax.test.ts', 'a step whose equations are not solved']],
  },
  {
    check: 'gradients over the ways to ask for outputs: finite differences = direct = adjoint; batched likewise',
    tested: [[steps, 'finite differences = discrete = continuous']],
    note: '“Backsolve with steps or dense output raises” does not apply: cotangents are of outputs and events only',
  },
  {
    check: 'event of y = e at t = 1; of y = 0 from −10',
    tested: [
      [events, 'happen where the function crosses 0'],
      [events, 'in one long step'],
    ],
  },
  { check: 'no event: the solve ends at its last time', tested: [[events, 'happen where the function crosses 0']] },
  { check: 'two events: the first wins', tested: [[events, 'of two, the first ends the row']] },
  { check: 'gradient of a bounce’s time by the implicit formula, from 1, 3 and 10', tested: [[events, 'of a ball that falls from %d']] },
  {
    check: 'direction of events; an event on the first step; steady state',
    tested: [
      [events, 'only in the direction asked for'],
      [events, 'on the very first'],
      [events, 'steadyState'],
    ],
  },
  {
    check: 'steps end at given times exactly, both ways; a known jump takes fewer steps',
    tested: [
      ['ode/peers/diffrax.test.ts', 'end there exactly'],
      ['ode/peers/diffrax.test.ts', 'where the force turns round'],
    ],
  },
  {
    check: 'gradient of the step update is finite for errors 0, 3 and ∞',
    tested: [['ode/peers/diffrax.test.ts', 'goes on with a finite step']],
    note: 'gradients hold steps fixed here; the sizes are finite',
  },
  {
    check: 'd/dt of a jump in the forcing',
    tested: [['ode/peers/diffrax.test.ts', 'the derivative by the time of a jump']],
    note: 'against the closed form',
  },
  {
    check: 't0 = t1; a jump at t0 or t1',
    tested: [
      [accuracy, 'gives back y0 for a single time'],
      [jumps, 'jumps at the ends, at outputs'],
    ],
  },
  {
    check: 'error texts (nice errors, closure errors)',
    tested: [
      [failures, 'requests that make no sense'],
      ['ode/input.test.ts', 'are named, with what was meant'],
    ],
  },
  { check: 'SDEs, Brownian motion, Lévy areas, delays, HalfSolver, IMEX, several terms', tested: [], note: 'not here: ODEs only' },
]

const torchode: readonly Omit<Check, 'peer'>[] = [
  {
    check: 'a row’s result does not depend on the others',
    tested: [['ode/independence.test.ts', 'the result of a row is the same to the bit']],
  },
  {
    check: 'controllers by row: status at the smallest step, of NaN and infinite norms; error 0; no estimate keeps the size',
    tested: [
      ['ode/peers/torchode.test.ts', 'a row at its smallest step fails'],
      ['ode/peers/torchode.test.ts', 'a state that is NaN'],
      ['ode/peers/torchode.test.ts', 'an error of 0 makes'],
      ['ode/peers/torchode.test.ts', 'without an error estimate'],
    ],
  },
  {
    check: 'a rejected step changes nothing of the other rows',
    tested: [['ode/peers/torchode.test.ts', 'a rejection leaves the other row']],
  },
  { check: 'adjoints agree', tested: [[gradients, 'adjoints solved backward against the discrete one']] },
  { check: 'TorchScript', tested: [], note: 'not here: fields are Graphs, compiled as they are' },
]

const scipy: readonly Omit<Check, 'peer'>[] = [
  {
    check: 'test_integration: the rational problem both ways, steps, outputs and dense output within 5 tolerances',
    tested: [['ode/peers/scipy.test.ts', 'test_integration: the error']],
  },
  {
    check: 'test_integration_stiff: Robertson to 1e8 in under 5000 evaluations',
    tested: [['ode/peers/scipy.test.ts', 'test_integration_stiff']],
  },
  { check: 'test_events', tested: [['ode/peers/scipy.test.ts', 'test_events']] },
  { check: 'test_max_step, test_first_step', tested: [['ode/peers/scipy.test.ts', 'test_max_step, test_first_step']] },
  { check: 'test_no_integration, test_zero', tested: [['ode/peers/scipy.test.ts', 'test_no_integration, test_zero']] },
  { check: 'test_tbound_respected', tested: [['ode/peers/scipy.test.ts', 'test_tbound_respected']] },
  { check: 'test_initial_state_finiteness', tested: [['ode/peers/scipy.test.ts', 'a start that is %s']] },
  { check: 'no components, no rows', tested: [[failures, 'no rows, no work']] },
  { check: 'test_array_rtol', tested: [[failures, 'a tolerance by component']], note: 'atol by component; rtol is one number' },
  { check: 'test_integration_complex', tested: [['ode/input.test.ts', 'complex numbers are refused']], note: 'refused' },
  { check: 'sparse Jacobians', tested: [], note: 'not here: Jacobians are dense, made of derivatives of the field' },
]

const odex: readonly Omit<Check, 'peer'>[] = [
  { check: 'Airy’s and Bessel’s functions', tested: [['ode/peers/odex.test.ts', 'Airy']] },
  { check: 'Van der Pol', tested: [['ode/peers/stiff.test.ts', '$name']] },
  { check: 'Lorenz against a stored reference (dopri-js)', tested: [['ode/peers/odex.test.ts', 'Lorenz']] },
  {
    check: 'numbers of evaluations',
    tested: [['ode/peers/detest.test.ts', 'evaluates the field as often as']],
    note: 'against Hairer and Wanner’s and SciPy’s, not against one’s own',
  },
]

export const checks: readonly Check[] = Object.entries({ torchdiffeq, diffrax, torchode, SciPy: scipy, 'odex, dopri-js': odex }).flatMap(
  ([peer, list]) => list.map((check) => ({ peer, ...check })),
)
