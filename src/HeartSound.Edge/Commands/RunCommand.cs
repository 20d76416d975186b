using System.CommandLine;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HeartSound.Edge.Commands;

/// <summary><c>run</c>: the service, until it is stopped.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--examination-seconds") { Description = "A verdict is given each time this much was heard; 5 to 600.", HelpName = "S", DefaultValueFactory = _ => 30 };
        var simulate = new Option<bool>("--simulate") { Description = "Listen to a simulated heart, as the options below describe it." };
        var microphone = new CaptureChoices();
        var model = CommandLine.Model();
        var providers = CommandLine.Providers();
        var device = new DeviceChoices();
        var heart = new SimulatorChoices();
        var command = new Command("run", "The service: listen, judge, publish, until it is stopped.") { simulate, seconds, model, providers };
        foreach (var option in device.Options) command.Add(option);
        foreach (var option in microphone.Options) command.Add(option);
        foreach (var option in heart.Options) command.Add(option);
        command.SetAction(async (parsed, stop) =>
        {
            var length = parsed.GetValue(seconds);
            if (length is not (>= 5 and <= 600)) throw new SetupException(FormattableString.Invariant($"--examination-seconds is {length}, must be 5 to 600."));
            var simulated = parsed.GetValue(simulate) ? heart.Read(parsed) : null;
            using var bundle = CommandLine.LoadModel(parsed.GetValue(model), parsed.GetValue(providers)!);
            using var session = new DeviceSession(bundle, device, parsed);
            using var stethoscope = simulated is null ? microphone.Stethoscope(parsed, session.Logs) : null;
            using var source = simulated is null ? await Task.Run(() => stethoscope!.Open(stop), CancellationToken.None) : new SimulatorSource(simulated, Pace.RealTime());
            if (source is null) return ExitCode.Interrupted;
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Services.AddSingleton(session.Logs);
            builder.Services.AddHostedService(services => new ListeningWorker(session.Device.Service, source, TimeSpan.FromSeconds(length), services.GetRequiredService<IHostApplicationLifetime>()));
            using var host = builder.Build();
            await host.RunAsync(stop);
            return session.Device.Deliver() > 0 ? ExitCode.NotDelivered : ExitCode.Ok;
        });
        return command;
    }
}
