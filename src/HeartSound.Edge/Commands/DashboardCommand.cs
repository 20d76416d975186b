using System.CommandLine;
using System.Net;
using HeartSound.Edge.Dashboard;

namespace HeartSound.Edge.Commands;

/// <summary><c>dashboard</c>: serves the page on which all devices of a broker are seen.</summary>
internal static class DashboardCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "TCP port of the page; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => DashboardOptions.DefaultPort };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535) result.AddError($"--port is '{result.Tokens[0].Value}', must be 0 to 65535.");
        });
        var bind = new Option<IPAddress>("--bind")
        {
            Description = "Address of this machine to serve at; 0.0.0.0 is all of them. By itself only this machine sees the page.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => IPAddress.Loopback,
            CustomParser = result =>
            {
                if (IPAddress.TryParse(result.Tokens[0].Value, out var address)) return address;
                result.AddError($"--bind is '{result.Tokens[0].Value}', must be an IP address, such as 127.0.0.1 or 0.0.0.0.");
                return IPAddress.Loopback;
            },
        };
        var broker = new Option<string?>("--broker-url") { Description = "Broker that the page offers: ws://HOST:PORT, or wss://HOST:PORT. Its WebSocket listener, not its MQTT port. Who looks can choose another.", HelpName = "URL" };
        broker.Validators.Add(result =>
        {
            if (!DashboardOptions.IsBrokerUrl(result.Tokens[0].Value)) result.AddError($"--broker-url is '{result.Tokens[0].Value}', must be ws://HOST:PORT or wss://HOST:PORT, without user and password: the page asks for them.");
        });
        var files = new Option<string?>("--files") { Description = "Folder of the built page. Else dashboard beside the program.", HelpName = "DIR" };
        var command = new Command("dashboard", "Serves the page on which all devices of a broker are seen, until interrupted. A research tool, not a medical device.") { port, bind, broker, files };
        command.SetAction(async (parsed, stop) =>
        {
            await Task.Yield(); // signals are answered only once this has returned
            await using var server = await DashboardServer.Start(new DashboardOptions
            {
                Files = parsed.GetValue(files) ?? Path.Combine(AppContext.BaseDirectory, "dashboard"),
                Bind = parsed.GetValue(bind)!,
                Port = parsed.GetValue(port),
                BrokerUrl = parsed.GetValue(broker),
            }, stop);
            await Console.Out.WriteLineAsync($"The dashboard is at {server.Address} until interrupted. A research tool, not a medical device.");
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
            }
            catch (OperationCanceledException)
            {
                // Interrupting is how a person ends this verb.
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
