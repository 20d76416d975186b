using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>A real mosquitto of its own on a free loopback port; ended by its process, with its folder, on dispose.</summary>
internal sealed class MosquittoBroker : IDisposable
{
    public const string Username = "device";
    public const string Password = "geheim-ß";

    private readonly string _folder = Directory.CreateTempSubdirectory("heartsound-mqtt-").FullName;
    private Process? _process;

    /// <param name="authenticated">Whether only <see cref="Username"/> with <see cref="Password"/> is let in.</param>
    /// <param name="more">Further lines of the configuration; {folder} stands for a folder that the broker can read.</param>
    /// <param name="files">Files in that folder, by their names.</param>
    public MosquittoBroker(bool authenticated = false, IEnumerable<string>? more = null, IReadOnlyDictionary<string, string>? files = null)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var lines = new List<string> { $"listener {Port} 127.0.0.1", "persistence false", "log_type none" };
        if (authenticated)
        {
            var file = Path.Combine(_folder, "passwords");
            using var tool = Process.Start("mosquitto_passwd", ["-c", "-b", file, Username, Password])!;
            tool.WaitForExit();
            Assert.Equal(0, tool.ExitCode);

            // As root, mosquitto becomes the user mosquitto before it reads the file.
            File.SetUnixFileMode(_folder, (UnixFileMode)Convert.ToInt32("755", 8));
            File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("644", 8));
            lines.Add("allow_anonymous false");
            lines.Add("password_file " + file);
        }
        else
        {
            lines.Add("allow_anonymous true");
        }

        lines.AddRange((more ?? []).Select(l => l.Replace("{folder}", _folder, StringComparison.Ordinal)));
        foreach (var (name, text) in files ?? new Dictionary<string, string>())
            File.WriteAllText(Path.Combine(_folder, name), text);
        if (files is not null)
            File.SetUnixFileMode(_folder, (UnixFileMode)Convert.ToInt32("755", 8)); // see above
        File.WriteAllLines(Path.Combine(_folder, "mosquitto.conf"), lines);
    }

    public int Port { get; }

    /// <summary>Starts and waits until connections are accepted.</summary>
    public MosquittoBroker Start()
    {
        var program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        _process = Process.Start(program, ["-c", Path.Combine(_folder, "mosquitto.conf")])!;
        for (var attempt = 0; attempt < 500; attempt++)
        {
            Assert.False(_process.HasExited, string.Create(CultureInfo.InvariantCulture, $"mosquitto ended with {(_process.HasExited ? _process.ExitCode : 0)}"));
            try
            {
                using var probe = new TcpClient("127.0.0.1", Port);
                return this;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }

        throw new InvalidOperationException("mosquitto does not accept connections.");
    }

    /// <summary>Sends the broker a signal, such as STOP and CONT.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)])!;
        kill.WaitForExit();
    }

    public void Stop()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }
}
