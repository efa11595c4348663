"""What the PyTorch peers share: Philox lengths, timing like borep bench, and the line of JSON."""
import argparse
import json
import statistics
import subprocess
import sys
import time

WORD = 0xFFFFFFFF
SHORTEST = 5


def philox(seed, step, purpose, lane):
    """The first word of Philox4x32-10 at (step, purpose, lane), as in borep.device.Philox."""
    c = [step & WORD, step >> 32 & WORD, purpose, lane]
    k = [seed & WORD, seed >> 32 & WORD]
    for _ in range(10):
        p0 = 0xD2511F53 * c[0]
        p1 = 0xCD9E8D57 * c[2]
        c = [p1 >> 32 ^ c[1] ^ k[0], p1 & WORD, p0 >> 32 ^ c[3] ^ k[1], p0 & WORD]
        k = [k[0] + 0x9E3779B9 & WORD, k[1] + 0xBB67AE85 & WORD]
    return c[0]


def lengths(count, longest, ragged, seed=1):
    """The lengths that borep bench uses: uniform in 5 .. longest, the first the longest; or all the longest."""
    span = longest - SHORTEST + 1
    return [longest if not ragged or i == 0 else SHORTEST + (philox(seed, 0, 1, i) * span >> 32) for i in range(count)]


def processor_times():
    try:
        with open("/proc/stat") as stat:
            return [int(word) for word in stat.readline().split()[1:9]]
    except OSError:
        return None


def steal_share(before, after):
    if not before or not after or sum(after) <= sum(before):
        return None
    return (after[7] - before[7]) / (sum(after) - sum(before))


def measure(work, warm_up, seconds, fewest=5):
    """Milliseconds of every repeat after the warm-up, sorted, and the share of stolen time."""
    start = time.perf_counter()
    work()
    while time.perf_counter() - start < warm_up:
        work()
    before = processor_times()
    millis = []
    start = last = time.perf_counter()
    while len(millis) < fewest or last - start < seconds:
        work()
        now = time.perf_counter()
        millis.append((now - last) * 1e3)
        last = now
    return sorted(millis), steal_share(before, processor_times())


def timed(name, work, warm_up, seconds, units=1):
    """Times one way to do the work. Returns what goes into the line of JSON."""
    try:
        millis, steal = measure(work, warm_up, seconds)
    except (RuntimeError, NotImplementedError) as e:
        raise SystemExit(str(e).splitlines()[0])
    quarter = len(millis) // 4
    return {
        "medianMillis": round(statistics.median(millis) / units, 4),
        "decileMillis": round(statistics.quantiles(millis, n=10, method="inclusive")[0] / units, 4),
        "quartileMillis": [round(millis[quarter] / units, 4), round(millis[-1 - quarter] / units, 4)],
        "repeats": len(millis),
        "stealShare": None if steal is None else round(steal, 4),
        "way": name,
    }


def chosen(parser, options, names):
    """The way that --only names; None: all of them. A name that there is not ends the program with exit code 2."""
    if options.only is not None and options.only not in names:
        parser.error(f"--only '{options.only}': no such way for this work; there are: {'; '.join(names)}")
    return options.only


def time_all(names):
    """Times every way to do the same work in a process of its own and prints the line of the fastest, with what the others took.

    In one process a way may run slower after others, perhaps for what they leave in the allocator: the Hessian-vector product of a
    packed LSTM takes 100 ms alone and 108 to 155 ms after others.
    """
    ways, fastest = {}, None
    for name in names:
        done = subprocess.run([sys.executable, *sys.argv, "--only", name], capture_output=True, text=True)
        if done.returncode != 0:
            ways[name] = (done.stderr.strip().splitlines() or ["failed"])[-1]
            continue
        result = json.loads(done.stdout.strip().splitlines()[-1])
        ways[name] = result["medianMillis"]
        if fastest is None or result["medianMillis"] < fastest["medianMillis"]:
            fastest = result
    if fastest is None:
        raise SystemExit(f"no way worked: {ways}")
    print(json.dumps({**fastest, "ways": ways}))


def resident(key="VmRSS"):
    """Resident memory of this process, or its peak (VmHWM), in 10^6 bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024e-6 for line in status if line.startswith(key))


def leanest(candidates, before):
    """The smallest peak of all ways above what was resident before the data were made; each way runs twice."""
    ways = {}
    for name, work in candidates.items():
        try:
            work()
            with open("/proc/self/clear_refs", "w") as peak:
                peak.write("5")  # the peak begins anew
            work()
            ways[name] = round(resident("VmHWM") - before, 1)
        except (RuntimeError, NotImplementedError) as e:
            print(f"{name}: {str(e).splitlines()[0]}")
    way = min(ways, key=ways.get)
    return {"peakMegabytes": ways[way], "way": way, "ways": ways}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cell", choices=["lstm", "rnn"], default=None)
    parser.add_argument("--hidden", type=int, default=None)
    parser.add_argument("--batch", type=int, default=None)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=float, default=1)
    parser.add_argument("--seconds", type=float, default=3, help="time to measure, per way")
    parser.add_argument("--only", metavar="WAY", default=None, help="times this way alone")
    return parser


def emit(result, torch, **shape):
    result["torch"] = torch.__version__
    result["threads"] = torch.get_num_threads()
    result["shape"] = shape
    print(json.dumps(result))
