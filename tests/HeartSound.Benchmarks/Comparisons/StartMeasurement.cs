namespace HeartSound.Benchmarks.Comparisons;

/// <summary>One recording from a cold start, beside PyTorch: what a person waits who asks once.</summary>
internal static class StartMeasurement
{
    private const int Times = 7;
    private const string Cores = "0,1";

    public static void Run()
    {
        var model = Repository.Model();
        var path = BenchmarkRecordings.Take(1)[0];
        var list = Path.GetTempFileName();
        try
        {
            File.WriteAllText(list, path + "\n");
            var names = new[] { "bin/heartsound --help", "bin/heartsound classify ONE.wav --json", "PyTorch with scipy and torchaudio, ONE.wav" };
            var runs = ColdRun.Alternate(Cores, Times,
                [Repository.Program, "--help"],
                [Repository.Program, "classify", path, "--json", "--quiet", "--model", model],
                [Repository.Python, Repository.Script("reference_classify.py"), model, "--recordings", list, "--variant", "layers", "--once"]);
            var table = new Table("cold process", "wall, s", "range", "processor, s", "memory, MB");
            for (var i = 0; i < names.Length; i++)
            {
                table.Add($"{names[i]}", $"{Table.Median(runs[i].Select(r => r.Wall)):0.00}", $"{Table.Range(runs[i].Select(r => r.Wall), "0.00")}",
                    $"{Table.Median(runs[i].Select(r => r.Processor)):0.00}", $"{runs[i].Max(r => r.Megabytes):0}");
            }

            table.Write();
        }
        finally
        {
            File.Delete(list);
        }
    }
}
