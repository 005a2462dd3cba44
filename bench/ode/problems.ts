/** An initial value problem, its equations as `field` reads them. */
export interface InitialValueProblem {
  readonly name: string
  readonly equations: Readonly<Record<string, string>>
  readonly y0: readonly number[]
  /** First and last time. */
  readonly span: readonly [number, number]
  /** The absolute tolerance over the relative one, default 1. */
  readonly atol?: number
  /** Published state at the last time, of components as listed. */
  readonly end?: readonly number[]
}

/** What peers are asked for, see peers.py. */
export const tolerances: readonly number[] = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10]
export const stiffTolerances: readonly number[] = [1e-4, 1e-7, 1e-10]

/** Equations y1 …, one for each text. */
const system = (...texts: readonly string[]): Record<string, string> => Object.fromEntries(texts.map((text, i) => [`y${i + 1}`, text]))
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)
const unit = (n: number): number[] => count(n).map((i) => (i === 1 ? 1 : 0))

/** A chain of decays, C1 and C2: component i decays at `rate(i)` into the next, the last of 10 stays. */
const chain = (rate: (i: number) => number): Record<string, string> =>
  system(
    ...count(10).map((i) => [i > 1 ? `${rate(i - 1)}*y${i - 1}` : '', i < 10 ? `-${rate(i)}*y${i}` : ''].filter((x) => x !== '').join(' ')),
  )

/** Second differences, C3 and C4. */
const diffusion = (n: number): Record<string, string> =>
  system(...count(n).map((i) => `${i > 1 ? `y${i - 1}` : '0'} - 2*y${i} + ${i < n ? `y${i + 1}` : '0'}`))

/** C5: the sun and five outer planets. Positions of all planets, then velocities. */
function planets(): Pick<InitialValueProblem, 'equations' | 'y0'> {
  const gravity = 2.95912208286
  const sun = 1.00000597682
  const masses = [0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778]
  const position = (planet: number, axis: number): string => `y${3 * planet + axis + 1}`
  const axes = [0, 1, 2]
  const bodies = [0, 1, 2, 3, 4]
  const radius = (j: number): string => `(${axes.map((a) => `${position(j, a)}^2`).join(' + ')})^1.5`
  const distance = (j: number, k: number): string => `(${axes.map((a) => `(${position(j, a)} - ${position(k, a)})^2`).join(' + ')})^1.5`
  const accelerations = bodies.flatMap((j) =>
    axes.map((a) => {
      const others = bodies
        .filter((k) => k !== j)
        .map((k) => `${masses[k]!}*((${position(k, a)} - ${position(j, a)})/${distance(j, k)} - ${position(k, a)}/${radius(k)})`)
      return `${gravity}*(-${sun + masses[j]!}*${position(j, a)}/${radius(j)} + ${others.join(' + ')})`
    }),
  )
  return {
    equations: system(...count(15).map((i) => `y${15 + i}`), ...accelerations),
    y0: [
      3.42947415189, 3.35386959711, 1.35494901715, 6.6414554255, 5.97156957878, 2.18231499728, 11.2630437207, 14.6952576794, 6.27960525067,
      -30.1552268759, 1.65699966404, 1.43785752721, -21.123835338, 28.4465098142, 15.3882659679, -0.557160570446, 0.505696783289,
      0.230578543901, -0.415570776342, 0.365682722812, 0.169143213293, -0.325325669158, 0.189706021964, 0.087726532278, -0.024047625417,
      -0.287659532608, -0.117219543175, -0.176860753121, -0.216393453025, -0.014864789309,
    ],
  }
}

/** Kepler's problem from the nearest point, with this eccentricity. */
const kepler = (e: number): Pick<InitialValueProblem, 'equations' | 'y0'> => ({
  equations: system('y3', 'y4', '-y1/(y1^2 + y2^2)^1.5', '-y2/(y1^2 + y2^2)^1.5'),
  y0: [1 - e, 0, 0, Math.sqrt((1 + e) / (1 - e))],
})

const to20 = (name: string, equations: InitialValueProblem['equations'], ...y0: number[]): InitialValueProblem => ({
  name,
  equations,
  y0,
  span: [0, 20],
})

/** DETEST: Hull, Enright, Fellen and Sedgwick, "Comparing numerical methods for ordinary differential equations", SIAM J. Numer. Anal. 9 (1972). */
export const detest: readonly InitialValueProblem[] = [
  to20('A1', system('-y1'), 1),
  to20('A2', system('-y1^3/2'), 1),
  to20('A3', system('y1*cos(t)'), 1),
  to20('A4', system('y1/4*(1 - y1/20)'), 1),
  to20('A5', system('(y1 - t)/(y1 + t)'), 4),
  to20('B1', system('2*(y1 - y1*y2)', '-(y2 - y1*y2)'), 1, 3),
  to20('B2', system('-y1 + y2', 'y1 - 2*y2 + y3', 'y2 - y3'), 2, 0, 1),
  to20('B3', system('-y1', 'y1 - y2^2', 'y2^2'), 1, 0, 0),
  to20('B4', system('-y2 - y1*y3/sqrt(y1^2 + y2^2)', 'y1 - y2*y3/sqrt(y1^2 + y2^2)', 'y1/sqrt(y1^2 + y2^2)'), 3, 0, 0),
  to20('B5', system('y2*y3', '-y1*y3', '-0.51*y1*y2'), 0, 1, 1),
  to20(
    'C1',
    chain(() => 1),
    ...unit(10),
  ),
  to20(
    'C2',
    chain((i) => i),
    ...unit(10),
  ),
  to20('C3', diffusion(10), ...unit(10)),
  to20('C4', diffusion(51), ...unit(51)),
  { name: 'C5', ...planets(), span: [0, 20] },
  ...[0.1, 0.3, 0.5, 0.7, 0.9].map((e, i): InitialValueProblem => ({ name: `D${i + 1}`, ...kepler(e), span: [0, 20] })),
  to20('E1', system('y2', '-(y2/(t + 1) + (1 - 0.25/(t + 1)^2)*y1)'), 0.671396707141803, 0.0954005144474744),
  to20('E2', system('y2', '(1 - y1^2)*y2 - y1'), 2, 0),
  to20('E3', system('y2', 'y1^3/6 - y1 + 2*sin(2.78535*t)'), 0, 0),
  to20('E4', system('y2', '0.032 - 0.4*y2^2'), 30, 0),
  to20('E5', system('y2', 'sqrt(1 + y2^2)/(25 - t)'), 0, 0),
]

/** Pleiades, seven stars in a plane: Hairer, Nørsett, Wanner I, II.10. All x, all y, then velocities. */
function pleiades(): Pick<InitialValueProblem, 'equations' | 'y0'> {
  const stars = count(7)
  const pull = (i: number, axis: string): string =>
    stars
      .filter((j) => j !== i)
      .map((j) => `${j}*(${axis}${j} - ${axis}${i})/((x${i} - x${j})^2 + (y${i} - y${j})^2)^1.5`)
      .join(' + ')
  return {
    equations: Object.fromEntries(
      ['x', 'y']
        .flatMap((axis) => stars.map((i) => [`${axis}${i}`, `v${axis}${i}`]))
        .concat(['x', 'y'].flatMap((axis) => stars.map((i) => [`v${axis}${i}`, pull(i, axis)]))),
    ),
    y0: [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0],
  }
}

/** μ of the moon, in the restricted three-body problem. */
const moon = 0.012277471
const far = `((x + ${moon})^2 + y^2)^1.5`
const near = `((x - ${1 - moon})^2 + y^2)^1.5`

/** What solvers are compared by, beside DETEST. The periodic ones have their start as their end. */
export const classics: readonly InitialValueProblem[] = [
  { name: 'Lotka–Volterra', equations: { x: '1.5*x - x*y', y: 'x*y - 3*y' }, y0: [10, 5], span: [0, 15] },
  { name: 'Pleiades', ...pleiades(), span: [0, 3] },
  { name: 'Kepler, e = 0.9', ...kepler(0.9), span: [0, 20 * Math.PI], end: kepler(0.9).y0 },
  { name: 'Brusselator', equations: { x: '1 + x^2*y - 4*x', y: '3*x - x^2*y' }, y0: [1.5, 3], span: [0, 20] },
  {
    name: 'Arenstorf',
    equations: {
      x: 'u',
      y: 'v',
      u: `x + 2*v - ${1 - moon}*(x + ${moon})/${far} - ${moon}*(x - ${1 - moon})/${near}`,
      v: `y - 2*u - ${1 - moon}*y/${far} - ${moon}*y/${near}`,
    },
    y0: [0.994, 0, 0, -2.0015851063790824],
    span: [0, 17.065216560157964],
    end: [0.994, 0, 0, -2.0015851063790824],
  },
]

/** Problems of the suites of odex and dopri-js. The ends of the first two are Airy's Ai and Ai', and Bessel's J1 and J1', by SciPy. */
export const others: readonly InitialValueProblem[] = [
  {
    name: 'Airy',
    equations: { y: 'v', v: 't*y' },
    y0: [0.3550280538878172, -0.2588194037928068],
    span: [0, -2],
    end: [0.22740742820168564, 0.618259020741691],
  },
  {
    name: 'Bessel',
    equations: { y: 'v', v: '-v/t - (1 - 1/t^2)*y' },
    y0: [0.44005058574493355, 0.32514710081303305],
    span: [1, 25],
    end: [-0.1253502495802899, 0.10128079325916972],
  },
  { name: 'Lorenz', equations: { x: '10*(y - x)', y: 'x*(28 - z) - y', z: 'x*y - 8/3*z' }, y0: [10, 1, 1], span: [0, 5] },
]

/** Rates of the 25 reactions of Pollution, and the species that each takes. */
const reactions: readonly (readonly [rate: number, ...species: readonly number[]])[] = [
  [0.35, 1],
  [26.6, 2, 4],
  [1.23e4, 5, 2],
  [8.6e-4, 7],
  [8.2e-4, 7],
  [1.5e4, 7, 6],
  [1.3e-4, 9],
  [2.4e4, 9, 6],
  [1.65e4, 11, 2],
  [9e3, 11, 1],
  [0.022, 13],
  [1.2e4, 10, 2],
  [1.88, 14],
  [1.63e4, 1, 6],
  [4.8e6, 3],
  [3.5e-4, 4],
  [0.0175, 4],
  [1e8, 16],
  [4.44e11, 16],
  [1.24e3, 17, 6],
  [2.1, 19],
  [5.78, 19],
  [0.0474, 1, 4],
  [1.78e3, 19, 1],
  [3.12, 20],
]
/** Which reactions make a species of Pollution, and which use it up (negative). A reaction that makes two stands there twice. */
const balance: readonly (readonly number[])[] = [
  [-1, -10, -14, -23, -24, 2, 3, 9, 11, 12, 22, 25],
  [-2, -3, -9, -12, 1, 21],
  [-15, 1, 17, 19, 22],
  [-2, -16, -17, -23, 15],
  [-3, 4, 4, 6, 7, 13, 20],
  [-6, -8, -14, -20, 3, 18, 18],
  [-4, -5, -6, 13],
  [4, 5, 6, 7],
  [-7, -8],
  [-12, 7, 9],
  [-9, -10, 8, 11],
  [9],
  [-11, 10],
  [-13, 12],
  [14],
  [-18, -19, 16],
  [-20],
  [20],
  [-21, -22, -24, 23, 25],
  [-25, 24],
]
const pollution = system(
  ...balance.map((list) =>
    list
      .map((i) => {
        const [rate, ...species] = reactions[Math.abs(i) - 1]!
        return `${i < 0 ? '-' : '+'} ${[rate, ...species.map((s) => `y${s}`)].join('*')}`
      })
      .join(' ')
      .replace(/^\+ /, ''),
  ),
)

/** The steep solution of Van der Pol's equation with μ = 1000 at t = 2000: that with ε = 10⁻⁶ at t = 2, its speed in other units. */
const steep = [1.706167732170483, -0.8928097010247975] as const

/**
 * Stiff problems with their published ends: Mazzia and Magherini, "Test Set for Initial Value Problem Solvers" (2008); Hairer and Wanner,
 * Solving Ordinary Differential Equations II, IV.10. What is small in them has an absolute tolerance of its own size.
 */
export const stiff: readonly InitialValueProblem[] = [
  {
    name: 'Robertson',
    equations: { x: '1e4*y*z - 0.04*x', y: '0.04*x - 1e4*y*z - 3e7*y^2', z: '3e7*y^2' },
    y0: [1, 0, 0],
    span: [0, 1e11],
    atol: 1e-6,
    end: [0.2083340149701255e-7, 0.8333360770334713e-13, 0.999999979166505],
  },
  {
    name: 'Van der Pol, μ = 1000',
    equations: { x: 'v', v: '1000*(1 - x^2)*v - x' },
    y0: [2, 0],
    span: [0, 2000],
    atol: 1e-3,
    end: [steep[0], steep[1] / 1000],
  },
  {
    name: 'Van der Pol, ε = 1e-6',
    equations: { x: 'v', v: '((1 - x^2)*v - x)/1e-6' },
    y0: [2, 0],
    span: [0, 2],
    end: steep,
  },
  {
    name: 'HIRES',
    equations: system(
      '-1.71*y1 + 0.43*y2 + 8.32*y3 + 0.0007',
      '1.71*y1 - 8.75*y2',
      '-10.03*y3 + 0.43*y4 + 0.035*y5',
      '8.32*y2 + 1.71*y3 - 1.12*y4',
      '-1.745*y5 + 0.43*y6 + 0.43*y7',
      '-280*y6*y8 + 0.69*y4 + 1.71*y5 - 0.43*y6 + 0.69*y7',
      '280*y6*y8 - 1.81*y7',
      '-280*y6*y8 + 1.81*y7',
    ),
    y0: [1, 0, 0, 0, 0, 0, 0, 0.0057],
    span: [0, 321.8122],
    atol: 1e-4,
    end: [
      0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2, 0.2386356198831331e-2,
      0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2,
    ],
  },
  {
    name: 'Oregonator',
    equations: system('77.27*(y2 + y1*(1 - 8.375e-6*y1 - y2))', '(y3 - (1 + y1)*y2)/77.27', '0.161*(y1 - y3)'),
    y0: [1, 2, 3],
    span: [0, 360],
    atol: 1e-6,
    end: [0.1000814870318523e1, 0.1228178521549917e4, 0.1320554942846706e3],
  },
  {
    name: 'Pollution',
    equations: pollution,
    y0: [0, 0.2, 0, 0.04, 0, 0, 0.1, 0.3, 0.01, 0, 0, 0, 0, 0, 0, 0, 0.007, 0, 0, 0],
    span: [0, 60],
    atol: 1e-6,
    end: [
      0.5646255480022769e-1, 0.1342484130422339, 0.4139734331099427e-8, 0.5523140207484359e-2, 0.2018977262302196e-6, 0.1464541863493966e-6,
      0.7784249118997964e-1, 0.3245075353396018, 0.7494013383880406e-2, 0.1622293157301561e-7, 0.1135863833257075e-7, 0.2230505975721359e-2,
      0.208716288279863e-3, 0.1396921016840158e-4, 0.8964884856898295e-2, 0.4352846369330103e-17, 0.6899219696263405e-2,
      0.1007803037365946e-3, 0.1772146513969984e-5, 0.5682943292316392e-4,
    ],
  },
]
