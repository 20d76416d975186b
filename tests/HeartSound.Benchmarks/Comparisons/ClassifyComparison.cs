namespace HeartSound.Benchmarks.Comparisons;

/// <summary><c>bin/heartsound classify</c> beside PyTorch with the very same weights, windows batched per file, both on two cores, by turns.</summary>
internal static class ClassifyComparison
{
    private const int Recordings = 40;
    private const int Passes = 3;
    private const int ColdRuns = 3;
    private const string Cores = "0,1";

    public static void Run()
    {
        var model = Repository.Model();
        var paths = BenchmarkRecordings.Take(Recordings);
        var folder = Directory.CreateTempSubdirectory("heartsound-bench-");
        try
        {
            var list = Path.Combine(folder.FullName, "list.txt");
            var features = Path.Combine(folder.FullName, "features.npz");
            var verdicts = Path.Combine(folder.FullName, "verdicts.jsonl");
            File.WriteAllLines(list, paths);
            ColdRun.Of(Cores, [Repository.Program, "features", .. paths, "--out", features, "--model", model]);
            string[] product = [Repository.Program, "classify", .. paths, "--json", "--quiet", "--model", model];
            string[] Reference(string variant, params string[] mode) =>
                [Repository.Python, Repository.Script("reference_classify.py"), model, "--features", features, "--variant", variant, .. mode];

            // Both sides must say the same thing: the same probability of every window.
            ColdRun.Of(Cores, product, verdicts);
            ColdRun.Of(Cores, Reference("layers", "--check", verdicts), "/dev/stdout");

            Steady(list, model, Reference);
            Console.WriteLine();
            Whole(product, Reference("layers", "--recordings", list, "--once"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Steady(string list, string model, Func<string, string[], string[]> reference)
    {
        string[] serve = ["--serve"];
        using var product = new Worker("classify: reading, front end, quality, network, verdict", Cores, Worker.Self(ClassifyWorker.Verb, list, model));
        using var layers = new Worker("PyTorch, network alone", Cores, reference("layers", serve));
        using var folded = new Worker("PyTorch, network alone, batch norm folded", Cores, reference("folded", serve));
        using var optimised = new Worker("PyTorch, network alone, jit.optimize_for_inference", Cores, reference("optimised", serve));
        using var whole = new Worker("PyTorch with scipy and torchaudio", Cores, reference("layers", ["--recordings", list, "--serve"]));
        Worker[] workers = [product, layers, folded, optimised, whole];
        Worker.Alternate(workers, Passes);

        var table = new Table("warm, two cores", "recordings/s", "range", "wall, ms per window", "processor, ms per window", "we are faster by", "by the best passes");
        static double Wall(Pass pass) => pass.Work + pass.Read;
        var ours = Table.Median(product.Passes.Select(Wall));
        var ourBest = product.Passes.Min(Wall);
        foreach (var worker in workers)
        {
            var wall = Table.Median(worker.Passes.Select(Wall));
            var windows = worker.Passes[0].Windows;
            table.Add($"{worker.Name}", $"{Recordings / wall:0.0}", $"{Table.Range(worker.Passes.Select(p => Recordings / Wall(p)), "0.0")}",
                $"{1e3 * wall / windows:0.00}", $"{1e3 * Table.Median(worker.Passes.Select(p => p.Processor)) / windows:0.00}", $"{wall / ours:0.00}", $"{worker.Passes.Min(Wall) / ourBest:0.00}");
        }

        table.Write();
        Console.WriteLine(FormattableString.Invariant($"{product.Passes[0].Windows} windows of {product.Passes[0].Sound / 60:0.0} minutes of sound; medians of {Passes} passes by turns"));
    }

    private static void Whole(string[] product, string[] reference)
    {
        var runs = ColdRun.Alternate(Cores, ColdRuns, product, reference);
        var table = new Table("whole process, two cores, starting included", "recordings/s", "wall, s", "range", "processor, s", "memory, MB", "we are faster by");
        var names = new[] { "bin/heartsound classify --json", "PyTorch with scipy and torchaudio" };
        for (var i = 0; i < names.Length; i++)
        {
            var wall = Table.Median(runs[i].Select(r => r.Wall));
            table.Add($"{names[i]}", $"{Recordings / wall:0.0}", $"{wall:0.00}", $"{Table.Range(runs[i].Select(r => r.Wall), "0.00")}",
                $"{Table.Median(runs[i].Select(r => r.Processor)):0.00}", $"{Table.Median(runs[i].Select(r => r.Megabytes)):0}",
                $"{wall / Table.Median(runs[0].Select(r => r.Wall)):0.00}");
        }

        table.Write();
    }
}
