using System.ComponentModel;
using System.Diagnostics;

namespace HeartSound.Edge.Doctor;

/// <summary>Asks a program of the system, such as systemctl or journalctl.</summary>
internal static class SystemTool
{
    /// <summary>What it writes to standard output; null where it is not installed, fails, or takes longer than <paramref name="limit"/>, after which it is ended.</summary>
    public static string? Run(TimeSpan limit, string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
            start.Environment["LC_ALL"] = "C.UTF-8";
            start.Environment["SYSTEMD_COLORS"] = "0";
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            if (process.WaitForExit(limit) && output.Wait(limit)) return process.ExitCode == 0 ? output.Result : null;
            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException or AggregateException)
        {
            return null;
        }
    }
}
