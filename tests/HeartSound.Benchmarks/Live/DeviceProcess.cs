using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace HeartSound.Benchmarks.Live;

/// <summary>A real <c>bin/heartsound run --simulate</c>, supervised as systemd would. Disposing stops it.</summary>
internal sealed class DeviceProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("heartsound-bench-");
    private readonly Process _process;

    /// <summary>Starts it and waits until it says READY and has given its first verdict, over 5 s of sound.</summary>
    /// <exception cref="BenchmarkException">It does not come up.</exception>
    public DeviceProcess(string model)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        var address = Path.Combine(_folder.FullName, "notify");
        socket.Bind(new UnixDomainSocketEndPoint(address));
        var start = new ProcessStartInfo(Repository.Program, ["run", "--simulate", "--examination", "always", "--examination-seconds", "5", "--lights", "none", "--json", "--model", model])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NOTIFY_SOCKET"] = address;
        var verdict = new TaskCompletionSource();
        var clock = Stopwatch.StartNew();
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => verdict.TrySetResult();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        try
        {
            var message = new byte[4096];
            while (!Encoding.UTF8.GetString(message, 0, socket.Receive(message)).Split('\n').Contains("READY=1"))
            {
            }

            ReadySeconds = clock.Elapsed.TotalSeconds;
            ReadyProcessorSeconds = Usage.ProcessorSeconds;
            if (!verdict.Task.Wait(Patience)) throw new BenchmarkException($"{Repository.Program} run --simulate --model {model} gave no verdict within {Patience.TotalSeconds:0} s. Try it by hand.");
            FirstVerdictSeconds = clock.Elapsed.TotalSeconds;
        }
        catch (SocketException)
        {
            Dispose();
            throw new BenchmarkException($"{Repository.Program} run --simulate --model {model} did not say READY within {Patience.TotalSeconds:0} s. Try it by hand.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>From the start of the process to READY.</summary>
    public double ReadySeconds { get; }

    /// <summary>Processor time until then.</summary>
    public double ReadyProcessorSeconds { get; }

    /// <summary>From the start of the process to the first verdict, of which 5 s are sound.</summary>
    public double FirstVerdictSeconds { get; }

    public ProcessUsage Usage => ProcessUsage.Of(_process.Id.ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        if (!_process.WaitForExit(Patience)) _process.Kill();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
