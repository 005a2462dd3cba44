import type { Tableau } from './tableau.js'

/** scale·θ²(θ² + pθ + q) as coefficients of θ, θ², θ³, θ⁴. */
const quartic = (scale: number, p: number, q: number): number[] => [0, scale * q, scale * p, scale]

/** scale·θ²(θ − r)(θ − s). */
const roots = (scale: number, r: number, s: number): number[] => quartic(scale, -(r + s), r * s)

/** scale·θ(θ − r)(θ² + pθ + q). */
const first = (scale: number, r: number, p: number, q: number): number[] => [-scale * r * q, scale * (q - r * p), scale * (p - r), scale]

/**
 * Tsitouras 5(4): "Runge–Kutta pairs of order 5(4) satisfying only the first column simplifying assumption",
 * Computers & Mathematics with Applications 62 (2011), tables 1 and 2. Seven stages, first same as last; dense
 * output of order 4 of its own.
 */
export const tsit5: Tableau = {
  name: 'tsit5',
  order: 5,
  c: [0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1],
  a: [
    [],
    [0.161],
    [-0.008480655492356989, 0.335480655492357],
    [2.8971530571054935, -6.359448489975075, 4.3622954328695815],
    [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525],
    [5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383],
    [0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774],
  ],
  bError: [
    -0.001780011052225777,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    1 / 66,
  ],
  embeddedOrder: 4,
  interpolant: [
    first(-1.0530884977290216, 1.329989018975141, -1.4364028541716352, 0.7139816917074209),
    quartic(0.1017, -2.1966568338249752, 1.294985250737463),
    quartic(2.490627285651253, -2.3853564547206165, 1.5780346820809248),
    roots(-16.548102889244902, 1.2171292729553325, 0.6162040603780009),
    roots(47.37952196281928, 1.2030712083723627, 0.6580472926535473),
    roots(-34.87065786149661, 1.2, 2 / 3),
    roots(2.5, 1, 0.6),
  ],
  interpolantOrder: 4,
}
