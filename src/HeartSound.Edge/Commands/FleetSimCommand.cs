using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using HeartSound.Edge.Fleet;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Commands;

/// <summary><c>fleet-sim</c>: many devices from one process, and someone who counts what arrives.</summary>
internal static class FleetSimCommand
{
    private const int MaxDevices = 20_000;

    private static readonly BrokerChoices Way = new("");
    private static readonly Option<string[]> Broker = new("--broker") { Description = "MQTT broker; of several nodes of a cluster each device takes its own, and goes to the next when that is away.", HelpName = "HOST[:PORT]", Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> Devices = Number("--devices", "How many.", 100, 1, MaxDevices);
    private static readonly Option<double> Every = Seconds("--every", "From one verdict of a device to its next; 0 for as fast as the broker acknowledges them.", 30);
    private static readonly Option<int?> Verdicts = new("--verdicts") { Description = "End when every device has made so many; else with --duration.", HelpName = "N" };
    private static readonly Option<double> Duration = Seconds("--duration", "How long verdicts are made, from when all devices have started.", 60);
    private static readonly Option<double?> Ramp = new("--ramp") { Description = "From the first device's start to the last one's; else 200 a second.", HelpName = "S" };
    private static readonly Option<double> Drain = Seconds("--drain", "How long the last verdicts may take to arrive.", 30);
    private static readonly Option<OnOff> Live = new("--live") { Description = "Whether devices say twice a second what they hear: on or off.", HelpName = "on|off", DefaultValueFactory = _ => OnOff.On };
    private static readonly Option<string> Prefix = new("--prefix") { Description = "Devices are called this and their number.", HelpName = "NAME", DefaultValueFactory = _ => "fleet-" };
    private static readonly Option<Consumption> Consume = new("--consume") { Description = "What the consumer gets: verdicts, all (live too), or none: there is no consumer.", HelpName = "WHAT", DefaultValueFactory = _ => Consumption.Verdicts };
    private static readonly Option<int> Consumers = Number("--consumers", "How many; several share the verdicts, which takes --group.", 1, 1, 1000);
    private static readonly Option<string?> Group = new("--group") { Description = "Name under which consumers share ($share/NAME/…); not every broker has it.", HelpName = "NAME" };
    private static readonly Option<bool> Durable = new("--durable") { Description = "The broker keeps verdicts for a consumer that is away." };
    private static readonly Option<int[]> BrokerPid = new("--broker-pid") { Description = "Process whose memory and processor time are told too.", HelpName = "PID", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> Seed = Number("--seed", "The same seed gives the same verdicts.", 1, 0, int.MaxValue);
    private static readonly Option<bool> Json = new("--json") { Description = "The report as one JSON object on standard output." };

    public static Command Create()
    {
        var command = new Command("fleet-sim", """
            Many devices from one process, for load tests: each with its own connection, status, will, health, live messages and verdicts, which are made up. A
            consumer counts what arrives. Ends with a report; exit code 6 when a verdict was lost or not acknowledged. Not for a broker that people rely on.
            """)
        {
            Devices, Broker, Every, Verdicts, Duration, Ramp, Drain, Live, Prefix, Consume, Consumers, Group, Durable, BrokerPid, Seed, Json,
        };
        foreach (var option in Way.WayIn) command.Add(option);
        command.SetAction(async (parsed, stop) =>
        {
            FleetReport report;
            try
            {
                report = await new FleetRun(Read(parsed), Console.Error.WriteLine).RunAsync(stop);
            }
            catch (IOException e)
            {
                throw new SetupException(e.Message, e);
            }

            if (parsed.GetValue(Json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, EdgeJson.Compact));
            else Terminal.Out.Write(FleetTable.Of(report));
            return report.IsWhole ? ExitCode.Ok : ExitCode.NotDelivered;
        });
        return command;
    }

    private static FleetOptions Read(ParseResult parsed)
    {
        var prefix = parsed.GetValue(Prefix)!;
        var devices = parsed.GetValue(Devices);
        if (!Topics.IsDeviceName(prefix) || prefix.Length > 48) throw new SetupException($"--prefix is '{prefix}', must be 1 to 48 letters, digits, '-' or '_'.");
        if (parsed.GetValue(Consumers) > 1 && parsed.GetValue(Group) is null) throw new SetupException("Several --consumers share the verdicts: give them a --group.");
        if (parsed.GetValue(Verdicts) is < 1) throw new SetupException("--verdicts must be at least 1.");
        var brokers = parsed.GetValue(Broker)!.Select(broker => Way.Read(parsed, broker, prefix)).ToArray();
        return new FleetOptions
        {
            Brokers = [.. brokers.Select(broker => new BrokerEndpoint(broker.Host, broker.Port, broker.Tls is { } tls ? FleetTls.Of(tls, broker.Host) : null))],
            Devices = devices,
            Prefix = prefix,
            Every = TimeSpan.FromSeconds(parsed.GetValue(Every)),
            Verdicts = parsed.GetValue(Verdicts),
            Duration = parsed.GetResult(Duration) is { Implicit: true } && parsed.GetValue(Verdicts) is not null ? TimeSpan.FromDays(7) : TimeSpan.FromSeconds(parsed.GetValue(Duration)),
            Ramp = TimeSpan.FromSeconds(parsed.GetValue(Ramp) ?? devices / 200.0),
            Drain = TimeSpan.FromSeconds(parsed.GetValue(Drain)),
            Live = parsed.GetValue(Live) == OnOff.On,
            Consume = parsed.GetValue(Consume),
            Consumers = parsed.GetValue(Consumers),
            Group = parsed.GetValue(Group),
            Durable = parsed.GetValue(Durable),
            Username = brokers[0].Username,
            Password = brokers[0].Password,
            BrokerProcesses = parsed.GetValue(BrokerPid) ?? [],
            Seed = parsed.GetValue(Seed),
        };
    }

    private static Option<int> Number(string name, string description, int otherwise, int least, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
            result.AddError($"{name} is '{result.Tokens[0].Value}', must be {least} to {most}.");
            return otherwise;
        },
    };

    private static Option<double> Seconds(string name, string description, double otherwise) => new(name)
    {
        Description = description,
        HelpName = "S",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 604_800) return seconds;
            result.AddError($"{name} is '{result.Tokens[0].Value}', must be 0 to 604800 seconds.");
            return otherwise;
        },
    };

    private enum OnOff
    {
        On,
        Off,
    }
}
