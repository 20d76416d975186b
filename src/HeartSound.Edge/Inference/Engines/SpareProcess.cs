using System.Diagnostics;
using System.Text.Json;
using HeartSound.Native.Cuda;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>This very program, started once more for what must not happen in the service: whatever touches the GPU may crash, hang, or take hundreds of megabytes.</summary>
internal static class SpareProcess
{
    /// <summary>NVIDIA's libraries are large, and a card may be slow.</summary>
    private static readonly TimeSpan FactsLimit = TimeSpan.FromMinutes(1);

    /// <summary>How <c>heartsound</c> with these arguments is started.</summary>
    public static ProcessStartInfo Start(bool isBackground, params string[] arguments)
    {
        var assembly = typeof(SpareProcess).Assembly.Location;
        var host = Environment.ProcessPath;
        var isOwnHost = host is not null && Path.GetFileNameWithoutExtension(host) == Path.GetFileNameWithoutExtension(assembly);
        List<string> words = isOwnHost ? [host!] : [host is not null && Path.GetFileName(host) == "dotnet" ? host : "dotnet", assembly];
        if (isBackground) words.InsertRange(0, ["nice", "-n", "10"]);
        words.AddRange(arguments);
        return new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
    }

    /// <summary>What the GPU and NVIDIA's libraries say of themselves; nothing but L4T's release where they do not answer.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static GpuFacts ReadGpuFacts(CancellationToken stop)
    {
        var unknown = GpuFacts.OfSystem();
        try
        {
            using var process = Process.Start(Start(isBackground: false, "engine", "facts"))!;
            try
            {
                process.StandardInput.Close();
                process.BeginErrorReadLine();
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
                limit.CancelAfter(FactsLimit);
                var text = process.StandardOutput.ReadToEndAsync(limit.Token).GetAwaiter().GetResult();
                return JsonSerializer.Deserialize<GpuFacts>(text, EdgeJson.Compact) ?? unknown;
            }
            finally
            {
                process.Kill();
            }
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or JsonException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return unknown; // what cannot be asked will not compute either, and says why
        }
    }
}
