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


def solve_item(problem, data):
    rows, times = problem['rows'], problem['times']
    net, _ = perceptron(data('parameters'), problem['sizes'])
    parameters = list(net.parameters())
    z0 = torch.from_numpy(data('z0')).reshape(rows, -1)
    cotangent = torch.from_numpy(data('cotangent')).reshape(rows, len(times), -1).transpose(0, 1).contiguous()
    adaptive = problem['kind'] == 'dopri5'
    if adaptive:
        if torchdiffeq is None:
            return {}

        class Field(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.net = net

            def forward(self, t, z):
                return self.net(z)

        module, t = Field(), torch.tensor(times, dtype=torch.float64)
        options = {'rtol': problem['rtol'], 'atol': problem['atol'], 'method': 'dopri5'}
        if problem['adjoint'] == 'continuous':
            solve = lambda z: torchdiffeq.odeint_adjoint(module, z, t, adjoint_params=tuple(parameters), **options)
        else:
            solve = lambda z: torchdiffeq.odeint(module, z, t, **options)
        ahead = without_gradient(lambda: torchdiffeq.odeint(module, z0, t, **options))
    else:
        solve = lambda z: kutta(net, z, times)
        ahead = without_gradient(lambda: kutta(net, z0, times))

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
