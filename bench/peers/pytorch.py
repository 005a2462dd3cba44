"""PyTorch's part in the benchmarks: does the items of bench/problems.ts and times them in slices, as it is told.

Requests come one a line on standard input, as JSON; each gets one line in return.
  {"item": "W1", "folder": ...}            reads the item's data (problem.json, *.f32); returns {"quantities": [...]}
  {"slice": "v", "milliseconds": 50}       returns {"samples": [microseconds, ...]}
  {"results": "v"}                         writes <name>.out for each result; returns {"names": [...]}
"""
import json
import os
import sys
import time

threads = int(sys.argv[1])
os.environ['OMP_NUM_THREADS'] = os.environ['OPENBLAS_NUM_THREADS'] = str(threads)
import numpy as np
import torch

torch.set_num_threads(threads)
try:
    import torchdiffeq
except ImportError:
    torchdiffeq = None


def perceptron(parameters, sizes):
    """Linear layers with tanh between them; weights lie [inputs, outputs] before biases. Returns it and what was used."""
    layers, at = [], 0
    for i, (inputs, outputs) in enumerate(zip(sizes[:-1], sizes[1:])):
        layer = torch.nn.Linear(inputs, outputs)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(parameters[at:at + inputs * outputs].reshape(inputs, outputs).T.copy()))
            at += inputs * outputs
            layer.bias.copy_(torch.from_numpy(parameters[at:at + outputs].copy()))
            at += outputs
        layers.append(layer)
        if i + 2 < len(sizes):
            layers.append(torch.nn.Tanh())
    return torch.nn.Sequential(*layers), at


def flat(gradients):
    """Gradients of Linear layers in the order and layout of the parameters."""
    return torch.cat([g.t().reshape(-1) if g.dim() == 2 else g for g in gradients])


def without_gradient(function):
    def call():
        with torch.no_grad():
            return function()
    return call


def field_item(problem, data):
    net, _ = perceptron(data('parameters'), problem['sizes'])
    parameters = list(net.parameters())
    x = torch.from_numpy(data('x')).reshape(problem['rows'], -1)
    cotangent = torch.from_numpy(data('cotangent')).reshape(problem['rows'], -1)
    wanted = x.clone().requires_grad_(True)

    def gradient():
        y = net(wanted)
        return y, torch.autograd.grad(y, [wanted] + parameters, cotangent)

    return {
        'f': (without_gradient(lambda: net(x)), lambda y: {'y': y}),
        'v': (gradient, lambda r: {'y': r[0], 'x': r[1][0], 'params': flat(r[1][1:])}),
    }


def kutta(net, z, times):
    outputs = [z]
    for start, end in zip(times[:-1], times[1:]):
        h = end - start
        k1 = net(z)
        k2 = net(z + (h / 2) * k1)
        k3 = net(z + (h / 2) * k2)
        k4 = net(z + h * k3)
        z = z + (h / 6) * (k1 + 2 * (k2 + k3) + k4)
        outputs.append(z)
    return torch.stack(outputs)


def adaptive_solvers(net, parameters, z0, problem):
    """Forward, and forward with a gradient by the problem's adjoint: torchdiffeq's, else those below."""
    tolerances, continuous = {'rtol': problem['rtol'], 'atol': problem['atol']}, problem['adjoint'] == 'continuous'
    if torchdiffeq is None:
        times = problem['times']
        own = lambda z: dormand_prince(net, z, times, root_mean_square, **tolerances)
        if continuous:
            return (lambda: own(z0)), (lambda z: ContinuousAdjoint.apply(net, times, tolerances, z, *parameters))
        return (lambda: own(z0)), own

    class Field(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, t, z):
            return self.net(z)

    field, t, options = Field(), torch.tensor(problem['times'], dtype=torch.float64), {'method': 'dopri5', **tolerances}
    plain = lambda z: torchdiffeq.odeint(field, z, t, **options)
    if continuous:
        return (lambda: plain(z0)), (lambda z: torchdiffeq.odeint_adjoint(field, z, t, adjoint_params=tuple(parameters), **options))
    return (lambda: plain(z0)), plain


# Dormand and Prince 5(4) with the dense output of Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, II.6.
STAGES = [
    [1 / 5], [3 / 40, 9 / 40], [44 / 45, -56 / 15, 32 / 9], [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656], [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]
ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]
DENSE = [
    -12715105075 / 11282082432, 0, 87487479700 / 32700410799, -10690763975 / 1880347072,
    701980252875 / 199316789632, -1453857185 / 822651844, 69997945 / 29380423,
]


def root_mean_square(x):
    return x.detach().pow(2).mean().sqrt().item()


def weighted(weights, values):
    return sum(w * v for w, v in zip(weights, values) if w != 0)


def dormand_prince(f, y, times, norm, rtol, atol):
    """Outputs at the times; one step size for all of y, chosen by the error alone."""
    k1 = f(y)
    scale = atol + rtol * y.detach().abs()
    size, slope = norm(y / scale), norm(k1 / scale)
    trial = 1e-6 if size < 1e-5 or slope < 1e-5 else 0.01 * size / slope
    curvature = max(slope, norm((f(y + trial * k1) - k1) / scale) / trial)
    h = min(100 * trial, max(1e-6, trial * 1e-3) if curvature <= 1e-15 else (0.01 / curvature) ** 0.2)
    t, outputs = times[0], [y]
    while len(outputs) < len(times):
        k = [k1]
        for weights in STAGES:
            end = y + h * weighted(weights, k)
            k.append(f(end))
        error = norm(h * weighted(ERROR, k) / (atol + rtol * torch.max(y.detach().abs(), end.detach().abs())))
        if error <= 1:
            first, bump = end - y, None
            while len(outputs) < len(times) and times[len(outputs)] <= t + h:
                x = (times[len(outputs)] - t) / h
                if bump is None:
                    low, high, bump = h * k[0] - first, first - h * k[6], h * weighted(DENSE, k)
                outputs.append(y + x * (first + (1 - x) * (low + x * (high - low + (1 - x) * bump))))
            t, y, k1 = t + h, end, k[6]
        h *= min(10, max(0.2 if error > 1 else 1, 0.9 * max(error, 1e-10) ** -0.2))
    return torch.stack(outputs)


class ContinuousAdjoint(torch.autograd.Function):
    """The adjoint method of Chen et al. 2018: z, its adjoint and the parameters' gradient are one state, solved from output to output."""

    @staticmethod
    def forward(context, net, times, tolerances, z, *parameters):
        values = dormand_prince(net, z, times, root_mean_square, **tolerances)
        context.net, context.times, context.tolerances, context.parameters = net, times, tolerances, parameters
        context.save_for_backward(values)
        return values

    @staticmethod
    def backward(context, bar):
        (values,), parameters = context.saved_tensors, context.parameters
        sizes = [values[0].numel(), values[0].numel()] + [p.numel() for p in parameters]

        def field(state):
            z = state[:sizes[0]].reshape(values[0].shape).requires_grad_(True)
            with torch.enable_grad():
                slope = context.net(z)
                pulled = torch.autograd.grad(slope, (z,) + parameters, state[sizes[0]:2 * sizes[0]].reshape(slope.shape))
            # Time runs backward.
            return torch.cat([-slope.detach().reshape(-1)] + [g.reshape(-1) for g in pulled])

        norm = lambda x: max(root_mean_square(part) for part in x.split(sizes))
        state = torch.cat([torch.zeros(sizes[0]), bar[-1].reshape(-1), torch.zeros(sum(sizes[2:]))])
        for i in range(len(values) - 1, 0, -1):
            state[:sizes[0]] = values[i].reshape(-1)
            state = dormand_prince(field, state.detach(), [-context.times[i], -context.times[i - 1]], norm, **context.tolerances)[-1].clone()
            state[sizes[0]:2 * sizes[0]] += bar[i - 1].reshape(-1)
        parts = state.split(sizes)
        return (None, None, None, parts[1].reshape(values[0].shape)) + tuple(part.reshape(p.shape) for part, p in zip(parts[2:], parameters))


def solve_item(problem, data):
    rows, times = problem['rows'], problem['times']
    net, _ = perceptron(data('parameters'), problem['sizes'])
    parameters = list(net.parameters())
    z0 = torch.from_numpy(data('z0')).reshape(rows, -1)
    cotangent = torch.from_numpy(data('cotangent')).reshape(rows, len(times), -1).transpose(0, 1).contiguous()
    if problem['kind'] == 'rk4':
        ahead, solve = (lambda: kutta(net, z0, times)), (lambda z: kutta(net, z, times))
    else:
        ahead, solve = adaptive_solvers(net, parameters, z0, problem)
    ahead = without_gradient(ahead)

    def gradient():
        z = z0.clone().requires_grad_(True)
        values = solve(z)
        return values, torch.autograd.grad(values, [z] + parameters, cotangent)

    by_row = lambda values: values.transpose(0, 1)
    return {
        'f': (ahead, lambda values: {'values': by_row(values)}),
        'v': (gradient, lambda r: {'values': by_row(r[0]), 'y0': r[1][0], 'params': flat(r[1][1:])}),
    }


def encoder_item(problem, data):
    rows, steps, dim, move = problem['rows'], problem['steps'], problem['dim'], problem['move']
    weights, nets = data('parameters'), []
    for sizes in problem['nets']:
        net, used = perceptron(weights, sizes)
        weights = weights[used:]
        nets.append(net)
    field, update, reset, candidate = nets
    parameters = [p for net in nets for p in net.parameters()]
    x = torch.from_numpy(data('x')).reshape(steps, rows, dim)
    bars = [torch.from_numpy(data(name)).reshape(rows, dim) for name in ('meanCotangent', 'deviationCotangent')]

    def walk():
        mean, deviation = torch.zeros(rows, dim), torch.zeros(rows, dim)
        for i in range(steps - 1, -1, -1):
            mean = mean + move * field(mean)
            seen = torch.cat([mean, deviation, x[i]], -1)
            u, r = torch.sigmoid(update(seen)), torch.sigmoid(reset(seen))
            new = candidate(torch.cat([mean * r, deviation * r, x[i]], -1))
            mean = (1 - u) * new[:, :dim] + u * mean
            deviation = (1 - u) * new[:, dim:].abs() + u * deviation
        return mean, deviation

    def gradient():
        state = walk()
        return state, torch.autograd.grad(state, parameters, bars)

    return {
        'f': (without_gradient(walk), lambda s: {'mean': s[0], 'deviation': s[1]}),
        'v': (gradient, lambda r: {'mean': r[0][0], 'deviation': r[0][1], 'params': flat(r[1])}),
    }


def time_of(call, repeat, alone):
    """Microseconds of a call; `alone` leaves out the time that other processes had on a busy machine."""
    start, before = time.perf_counter(), time.process_time()
    for _ in range(repeat):
        call()
    wall = time.perf_counter() - start
    return 1e6 * (min(wall, time.process_time() - before) if alone else wall) / repeat


def samples_of(call, milliseconds):
    """As in contest.ts: a first call to warm up, short calls timed several together."""
    first = time_of(call, 1, threads == 1)
    if first > 1e3 * milliseconds:
        return [first]
    end = time.perf_counter() + 1e-3 * milliseconds - 1e-6 * first
    once = time_of(call, 1, False)
    repeat, samples = max(1, round(30 / (once + 0.01))), []
    while True:
        samples.append(time_of(call, repeat, threads == 1 and once > 500))
        if time.perf_counter() >= end:
            return samples


kinds = {'field': field_item, 'rk4': solve_item, 'dopri5': solve_item, 'encoder': encoder_item}
folder, tasks = None, {}


def answer(request):
    global folder, tasks
    if 'item' in request:
        folder = request['folder']
        with open(os.path.join(folder, 'problem.json')) as file:
            problem = json.load(file)
        tasks = kinds[problem['kind']](problem, lambda name: np.fromfile(os.path.join(folder, name + '.f32'), dtype=np.float32))
        return {'quantities': list(tasks)}
    if 'slice' in request:
        return {'samples': samples_of(tasks[request['slice']][0], request['milliseconds'])}
    call, name_results = tasks[request['results']]
    results = name_results(call())
    for name, values in results.items():
        np.ascontiguousarray(values.detach().numpy(), dtype=np.float32).tofile(os.path.join(folder, name + '.out'))
    return {'names': list(results)}


print(json.dumps({'torch': torch.__version__, 'torchdiffeq': getattr(torchdiffeq, '__version__', 'yes') if torchdiffeq else None}), flush=True)
for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(reply), flush=True)
