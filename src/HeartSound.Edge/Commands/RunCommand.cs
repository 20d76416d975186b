using System.CommandLine;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HeartSound.Edge.Commands;

/// <summary><c>run</c>: the service, until it is stopped.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var simulate = new Option<bool>("--simulate") { Description = "Listen to a simulated heart in place of a stethoscope, as the options below describe it." };
        var speed = new Option<double>("--speed") { Description = "With --simulate: how many times as fast as in real time the heart beats for us; for load tests.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var fast = new Option<bool>("--fast") { Description = "With --simulate: as fast as it goes, instead of in real time. More verdicts than a broker takes are dropped, and counted." };
        var json = new Option<bool>("--json") { Description = "Verdicts as JSON lines on standard output, the same objects as on MQTT." };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Say more on standard error." };
        var settings = new SettingChoices();
        var heart = new SimulatorChoices();
        var command = new Command("run", "The service: listen, judge, light up, publish, until it is stopped. SIGHUP reads the settings again.");
        foreach (var option in settings.Options) command.Add(option);
        foreach (var option in new Option[] { json, verbose, simulate, speed, fast }) command.Add(option);
        foreach (var option in heart.Options) command.Add(option);
        command.SetAction(async (parsed, stop) =>
        {
            var simulated = parsed.GetValue(simulate) ? heart.Read(parsed) : null;
            var pace = PaceOf(parsed, simulated is not null, speed, fast);
            var overrides = settings.Overrides(parsed);
            var loaded = SettingsFile.Load(settings.File(parsed), overrides: overrides);
            using var logs = ServiceLog.Create(parsed.GetValue(verbose));
            IVerdictSink verdicts = parsed.GetValue(json) ? new JsonLinesSink(Console.OpenStandardOutput()) : new TerminalSink(Terminal.Out);
            using var device = new LiveDevice(loaded, overrides, BrokerChoices.Read(loaded.Settings.Broker, loaded.Settings.Name), [verdicts], logs);
            device.Start(stop);
            using var stethoscope = simulated is null ? new Stethoscope(device.Settings.Capture, device.Health, device.Progress, logs, TimeProvider.System) : null;

            device.Controls.RestartCapture = stethoscope is null ? null : stethoscope.Restart;

            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Services.AddSingleton(logs);
            builder.Services.AddHostedService(_ => new Housekeeper(device, TimeProvider.System, logs));
            builder.Services.AddHostedService(services => new ListeningWorker(device,
                until => stethoscope is null ? new SimulatorSource(simulated!, pace(), device.Progress) : stethoscope.Open(until), services.GetRequiredService<IHostApplicationLifetime>()));
            using var host = builder.Build();
            await host.RunAsync(stop);
            return device.Deliver() > 0 ? ExitCode.NotDelivered : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>How fast to play; a real heart beats as fast as it does.</summary>
    /// <exception cref="SetupException">Speed is asked of a real heart, twice, or is none.</exception>
    private static Func<Pace> PaceOf(ParseResult parsed, bool isSimulated, Option<double> speed, Option<bool> fast)
    {
        var times = parsed.GetValue(speed);
        var isFast = parsed.GetValue(fast);
        var isTimes = parsed.GetResult(speed) is { Implicit: false };
        if ((isFast || isTimes) && !isSimulated) throw new SetupException($"{(isFast ? fast.Name : speed.Name)} is for a simulated heart alone: add --simulate.");
        if (isFast && isTimes) throw new SetupException($"{fast.Name} and {speed.Name} contradict each other: give one of them.");
        if (times is not (>= 0.1 and <= 100_000)) throw new SetupException($"{speed.Name} is {times}, must be a number from 0.1 to 100000.");
        return isFast ? Pace.AsFastAsItGoes : isTimes ? () => Pace.Times(times) : Pace.RealTime;
    }
}
