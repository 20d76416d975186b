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
        var json = new Option<bool>("--json") { Description = "Verdicts as JSON lines on standard output, the same objects as on MQTT." };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Say more on standard error." };
        var settings = new SettingChoices();
        var heart = new SimulatorChoices();
        var command = new Command("run", "The service: listen, judge, light up, publish, until it is stopped. SIGHUP reads the settings again.");
        foreach (var option in settings.Options) command.Add(option);
        foreach (var option in new Option[] { json, verbose, simulate }) command.Add(option);
        foreach (var option in heart.Options) command.Add(option);
        command.SetAction(async (parsed, stop) =>
        {
            var simulated = parsed.GetValue(simulate) ? heart.Read(parsed) : null;
            var overrides = settings.Overrides(parsed);
            var loaded = SettingsFile.Load(settings.File(parsed), overrides: overrides);
            using var logs = ServiceLog.Create(parsed.GetValue(verbose));
            IVerdictSink verdicts = parsed.GetValue(json) ? new JsonLinesSink(Console.OpenStandardOutput()) : new TerminalSink(Terminal.Out);
            using var device = new LiveDevice(loaded, overrides, BrokerChoices.Read(loaded.Settings.Broker, loaded.Settings.Name), [verdicts], logs);
            device.Start(stop);
            using var stethoscope = simulated is null ? new Stethoscope(device.Settings.Capture, device.Health, device.Progress, logs, TimeProvider.System) : null;

            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Services.AddSingleton(logs);
            builder.Services.AddHostedService(_ => new Housekeeper(device, TimeProvider.System, logs));
            builder.Services.AddHostedService(services => new ListeningWorker(device,
                until => stethoscope is null ? new SimulatorSource(simulated!, Pace.RealTime(), device.Progress) : stethoscope.Open(until), services.GetRequiredService<IHostApplicationLifetime>()));
            using var host = builder.Build();
            await host.RunAsync(stop);
            return device.Deliver() > 0 ? ExitCode.NotDelivered : ExitCode.Ok;
        });
        return command;
    }
}
