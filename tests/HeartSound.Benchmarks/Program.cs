using System.Globalization;
using BenchmarkDotNet.Running;
using HeartSound.Benchmarks;
using HeartSound.Benchmarks.Comparisons;
using HeartSound.Benchmarks.Kernels;
using HeartSound.Benchmarks.Live;

const string usage = """
    usage: make bench [ARGS="…"], or dotnet run -c Release --project tests/HeartSound.Benchmarks -- …

      (nothing)      all of the following, one after the other, in about sixteen minutes
      peak           what this machine can do at best: arithmetic, memory
      kernels        time and allocation of every hot kernel (BenchmarkDotNet)
      front-end      the front end beside scipy and torchaudio, on one core
      classify       `bin/heartsound classify` beside PyTorch, on two cores
      start          one recording from a cold start: time and memory
      live           a device at work in real time: processor, memory, start, latency (six minutes)
      engine         what it costs that the GPU's engine has a process of its own
      metrics        what measuring costs a window (a minute)
      --filter GLOB  some kernels only, with any other option of BenchmarkDotNet
      soak [HOURS]   that many hours of sound (24) as fast as it goes: anything missed, growing, drifting? Not part of (nothing)

    The comparisons take PhysioNet 2016 from ~/.cache/heartsound/data (scripts/get-data.sh), else simulated hearts,
    and the model named by HEARTSOUND_MODEL, else models/physionet2016-resnet18.
    """;

switch (args)
{
    case ["-h" or "--help" or "help"]:
        Console.WriteLine(usage);
        return 0;
    case [FrontEndWorker.Verb, var list]:
        return FrontEndWorker.Run(list);
    case [ClassifyWorker.Verb, var list, var model]:
        return ClassifyWorker.Run(list, model);
    case ["soak", .. var rest] when rest.Length < 2:
        if (!double.TryParse(rest is [var told] ? told : "24", CultureInfo.InvariantCulture, out var hours) || hours is not (> 0 and <= 1000)) break;
        return Soak.Run(hours) ? 0 : 1;
    case [['-', ..], ..]:
        BenchmarkSwitcher.FromAssembly(typeof(KernelConfig).Assembly).Run(args, new KernelConfig());
        return 0;
}

var parts = new Dictionary<string, Action>
{
    ["peak"] = () => MachinePeak.Measure().WriteTo(Console.Out),
    ["kernels"] = () => BenchmarkRunner.Run(typeof(KernelConfig).Assembly, new KernelConfig()),
    ["front-end"] = FrontEndComparison.Run,
    ["classify"] = ClassifyComparison.Run,
    ["start"] = StartMeasurement.Run,
    ["live"] = LiveCost.Run,
    ["engine"] = EngineCost.Run,
    ["metrics"] = MetricsCost.Run,
};
if (args.FirstOrDefault(a => !parts.ContainsKey(a)) is { } unknown)
{
    Console.Error.WriteLine($"I do not know '{unknown}'.\n{usage}");
    return 2;
}

try
{
    foreach (var part in args.Length > 0 ? args : [.. parts.Keys])
    {
        Console.WriteLine($"\n## {part} ({MachinePeak.Load()})\n");
        parts[part]();
    }

    return 0;
}
catch (BenchmarkException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
