using System.CommandLine;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Delivery;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Commands;

/// <summary>A device as a verb's options ask for it, with its log on standard error.</summary>
internal sealed class DeviceSession : IDisposable
{
    /// <exception cref="SetupException">An option is no good.</exception>
    public DeviceSession(ModelBundle model, DeviceChoices choices, ParseResult parsed)
    {
        var name = choices.Device(parsed);
        var mqtt = choices.Mqtt(parsed);
        Logs = LoggerFactory.Create(builder => builder
            .SetMinimumLevel(choices.Verbose(parsed) ? LogLevel.Debug : mqtt is null ? LogLevel.Warning : LogLevel.Information)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            })
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        var session = Guid.CreateVersion7();
        var clock = new DeviceClock(TimeProvider.System);
        var sinks = new List<IVerdictSink>
        {
            choices.Json(parsed) ? new JsonLinesSink(Console.OpenStandardOutput()) : new TerminalSink(Terminal.Out),
        };
        Outbox? outbox = null;
        if (mqtt is not null)
        {
            outbox = new Outbox(choices.Outbox(parsed)?.FullName, new OutboxOptions(), health: null, TimeProvider.System, Logs.CreateLogger<Outbox>());
            sinks.Insert(0, new MqttVerdictSink(mqtt, outbox, session, clock, health: null, Logs));
        }

        Device = new Device(model, name, session, sinks, outbox is null ? null : outbox.Add, clock, Logs);
    }

    public Device Device { get; }

    /// <summary>Where everything is said: standard error.</summary>
    public ILoggerFactory Logs { get; }

    public void Dispose()
    {
        Device.Dispose();
        Logs.Dispose();
    }
}
