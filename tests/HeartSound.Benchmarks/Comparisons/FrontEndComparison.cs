namespace HeartSound.Benchmarks.Comparisons;

/// <summary>The front end beside what people use today – scipy's filters, torchaudio's mel – on the same recordings, on one core, by turns.</summary>
internal static class FrontEndComparison
{
    private const int Recordings = 200;
    private const int Passes = 5;
    private const int ColdRuns = 3;
    private const string Core = "0";

    public static void Run()
    {
        var paths = BenchmarkRecordings.Take(Recordings);
        var folder = Directory.CreateTempSubdirectory("heartsound-bench-");
        try
        {
            var list = Path.Combine(folder.FullName, "list.txt");
            var features = Path.Combine(folder.FullName, "features.npz");
            File.WriteAllLines(list, paths);
            string[] product = [Repository.Program, "features", .. paths, "--out", features, "--jobs", "1"];
            string[] Reference(string filter, string mode) => [Repository.Python, Repository.Script("reference_front_end.py"), list, "--filter", filter, mode];

            // Both sides must do the same thing: same windows, same features.
            ColdRun.Of(Core, product);
            ColdRun.Of(Core, [.. Reference("sosfilt", "--check"), features], "/dev/stdout");

            Steady(list, Reference);
            Console.WriteLine();
            Whole(product, Reference("sosfilt", "--once"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Steady(string list, Func<string, string, string[]> reference)
    {
        using var product = new Worker("FrontEnd", Core, Worker.Self(FrontEndWorker.Verb, list));
        using var causal = new Worker("scipy sosfilt + torchaudio", Core, reference("sosfilt", "--serve"));
        using var zeroPhase = new Worker("scipy sosfiltfilt + torchaudio", Core, reference("sosfiltfilt", "--serve"));
        Worker[] workers = [product, causal, zeroPhase];
        Worker.Alternate(workers, Passes);

        var table = new Table("warm, one core", "work, ms per recording", "range", "% of real time", "ratio", "ratio with reading", "processor time, ratio");
        foreach (var worker in workers)
        {
            var work = Table.Median(worker.Passes.Select(p => p.Work));
            table.Add($"{worker.Name}", $"{1e3 * work / Recordings:0.000}", $"{Table.Range(worker.Passes.Select(p => 1e3 * p.Work / Recordings), "0.000")}",
                $"{100 * work / worker.Passes[0].Sound:0.0000}", $"{work / Table.Median(product.Passes.Select(p => p.Work)):0.0}",
                $"{Table.Median(worker.Passes.Select(p => p.Work + p.Read)) / Table.Median(product.Passes.Select(p => p.Work + p.Read)):0.0}",
                $"{Table.Median(worker.Passes.Select(p => p.Processor)) / Table.Median(product.Passes.Select(p => p.Processor)):0.0}");
        }

        table.Write();
        Console.WriteLine(FormattableString.Invariant($"{product.Passes[0].Windows} windows ({causal.Passes[0].Windows} by the reference) of {product.Passes[0].Sound / 60:0.0} minutes of sound; medians of {Passes} passes by turns"));
    }

    private static void Whole(string[] product, string[] reference)
    {
        var runs = ColdRun.Alternate(Core, ColdRuns, product, reference);
        var table = new Table("whole process, one core, starting, reading, writing included", "wall, s", "range", "processor, s", "memory, MB", "ratio");
        var names = new[] { "bin/heartsound features (with signal quality)", "scipy sosfilt + torchaudio" };
        for (var i = 0; i < names.Length; i++)
        {
            table.Add($"{names[i]}", $"{Table.Median(runs[i].Select(r => r.Wall)):0.00}", $"{Table.Range(runs[i].Select(r => r.Wall), "0.00")}",
                $"{Table.Median(runs[i].Select(r => r.Processor)):0.00}", $"{Table.Median(runs[i].Select(r => r.Megabytes)):0}",
                $"{Table.Median(runs[i].Select(r => r.Wall)) / Table.Median(runs[0].Select(r => r.Wall)):0.0}");
        }

        table.Write();
    }
}
