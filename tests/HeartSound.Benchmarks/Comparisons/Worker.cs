using System.Diagnostics;

namespace HeartSound.Benchmarks.Comparisons;

/// <summary>
/// A process that is warm and waits: it writes <c>ready</c> when it has loaded all it needs, then, for every line it reads,
/// makes one pass over all recordings and answers with a <see cref="Pass"/>. While one works the others sleep, so passes can
/// alternate. Disposing ends it.
/// </summary>
internal sealed class Worker : IDisposable
{
    private readonly Process _process;

    /// <param name="name">What the table calls it.</param>
    /// <param name="cores">As <c>taskset -c</c> wants them: <c>0</c> or <c>0,1</c>.</param>
    /// <param name="command">Program and arguments.</param>
    public Worker(string name, string cores, params IEnumerable<string> command)
    {
        Name = name;
        _process = Process.Start(new ProcessStartInfo("taskset", ["-c", cores, .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Repository.Root })!;
        Expect("ready");
    }

    public string Name { get; }

    /// <summary>Passes so far, without those that warmed up.</summary>
    public List<Pass> Passes { get; } = [];

    /// <summary>Lets workers make passes by turns, after one each to warm up.</summary>
    public static void Alternate(IReadOnlyList<Worker> workers, int passes)
    {
        foreach (var worker in workers) worker.Work();
        for (var i = 0; i < passes; i++)
            foreach (var worker in workers) worker.Passes.Add(worker.Work());
    }

    /// <summary>This very program in one of its own roles.</summary>
    public static IEnumerable<string> Self(params IEnumerable<string> arguments)
    {
        var path = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(path) == "dotnet" ? [path, typeof(Worker).Assembly.Location, .. arguments] : [path, .. arguments];
    }

    /// <summary>The other side of the conversation, for a worker that is written in C#.</summary>
    public static int Serve(Func<Pass> pass)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null) Console.WriteLine(pass().ToLine());
        return 0;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private Pass Work()
    {
        _process.StandardInput.WriteLine("pass");
        return Pass.Parse(ReadLine());
    }

    private void Expect(string word)
    {
        if (ReadLine() is var line && line != word) throw new BenchmarkException($"{Name}: said '{line}', expected '{word}'.");
    }

    private string ReadLine() => _process.StandardOutput.ReadLine() ?? throw new BenchmarkException($"{Name}: ended early; its message is above.");
}
