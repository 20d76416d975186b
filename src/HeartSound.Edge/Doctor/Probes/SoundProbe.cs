using System.Text.Json.Nodes;
using HeartSound.Edge.Capture;
using HeartSound.Native.PortAudio;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Listens to the stethoscope for a second: how many samples come, how loud, silent or stuck. No sound is kept.</summary>
internal static class SoundProbe
{
    private const double ListenSeconds = 1;
    private const double LatencySeconds = 0.2;
    private const int MostMilliseconds = 3000; // a sound server that sleeps needs up to 2 s to begin

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(12); // Pa_Initialize, and 3 s of listening
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    public static Probe Create() => new("sound", "sound of the stethoscope (1 s)", Limit, (facts, stop) =>
    {
        var options = facts.Settings.Capture;
        using var session = new PortAudioSession();
        var choice = StethoscopeFinder.Choose(options, CaptureDevice.Join(session.Devices, new SoundCards(facts.Root).Read()));
        var holder = choice.Device is { Card: { } card } ? CardHolder.Of(facts, card) : choice.Device is null ? CardHolder.All(facts).FirstOrDefault(h => h.IsService) : null;
        if (holder is not null)
        {
            var held = new JsonObject { ["heldBy"] = holder.Pid, ["heldByService"] = holder.IsService };
            return holder.IsService
                ? new Finding("sound", FindingLevel.Ok, $"our own service (process {holder.Pid}) listens to '{holder.Card.Name}' right now; it is not opened a second time", null, held)
                : new Finding("sound", FindingLevel.Failed, $"another program listens to it: process {holder.Pid} ({Path.GetFileName(ServiceUnit.Arguments(holder.Pid)?.FirstOrDefault() ?? "nobody knows which")})", "Stop that program.", held);
        }

        if (choice.Device is not { } device) return new Finding("sound", FindingLevel.NotApplicable, "there is no stethoscope to listen to; see 'microphones'");
        if (options.Channel > device.Audio.MaxInputChannels)
            return new Finding("sound", FindingLevel.Failed, $"{device.Identity} has {device.Audio.MaxInputChannels} channels, and capture.channel is {options.Channel}", "Set capture.channel to one that it has.");
        try
        {
            var rate = options.SampleRateHz ?? device.Audio.DefaultSampleRateHz;
            using var input = session.Open(device.Audio, device.Card is null ? options.Channel : device.Audio.MaxInputChannels, rate, LatencySeconds);
            return Judge(Listen(input, options.Channel, rate, stop), rate);
        }
        catch (PortAudioException e)
        {
            return new Finding("sound", FindingLevel.Failed, e.Message, "See which program has it: fuser -v /dev/snd/*");
        }
    });

    private static SoundHeard Listen(PortAudioInput input, int channel, int rate, CancellationToken stop)
    {
        var heard = new SoundHeard(rate);
        var block = new float[rate * input.Channels];
        var mono = new float[rate];
        input.Start();
        var before = 0;
        for (var started = Environment.TickCount64; !heard.IsEnough(ListenSeconds) && Environment.TickCount64 - started < MostMilliseconds && !stop.IsCancellationRequested;)
        {
            // As the service does: only what has just grown, for any other read might never return (see PortAudioInput).
            var frames = Math.Min(input.Available(), rate);
            if (frames < Math.Max(1, rate / 100) || frames <= before)
            {
                before = frames;
                stop.WaitHandle.WaitOne(Poll);
                continue;
            }

            before = 0;
            input.Read(block, frames);
            for (var i = 0; i < frames; i++) mono[i] = block[(i * input.Channels) + channel - 1];
            heard.Add(mono.AsSpan(0, frames));
        }

        return heard;
    }

    private static Finding Judge(SoundHeard heard, int rate)
    {
        var details = new JsonObject
        {
            ["sampleRateHz"] = rate,
            ["samples"] = heard.Samples,
            ["measuredHz"] = heard.MeasuredHz is { } hz ? Math.Round(hz) : null,
            ["levelDbfs"] = heard.LevelDb is { } db ? Math.Round(db, 1) : null,
            ["peak"] = Math.Round(heard.Peak, 4),
            ["clipped"] = heard.Clipped,
        };
        var text = FormattableString.Invariant($"{heard.Samples} samples at {rate} Hz, level {heard.LevelDb ?? -200:0.0} dBFS, peak {heard.Peak:0.000}");
        return heard.Samples == 0 ? new Finding("sound", FindingLevel.Failed, "it was opened, and no sample came", "Pull it and plug it in again; try another USB port, without a hub.", details)
            : !heard.IsEnough(ListenSeconds) ? new Finding("sound", FindingLevel.Failed, FormattableString.Invariant($"{text}: no more came within {MostMilliseconds / 1000} s"), "Pull it and plug it in again; try another USB port, without a hub.", details)
            : heard.IsSilent ? new Finding("sound", FindingLevel.Failed, $"{text}: every sample is zero", "Is it switched on, and not muted ('alsamixer', F4)?", details)
            : heard.IsStuck ? new Finding("sound", FindingLevel.Failed, $"{text}: every sample is the same", "Pull it and plug it in again; if it stays so it is broken.", details)
            : heard.MeasuredHz is { } measured && Math.Abs(measured - rate) > rate * 0.1 ? new Finding("sound", FindingLevel.Warning, FormattableString.Invariant($"{text}: {measured:0} samples a second came"), "Set capture.sampleRateHz to what it really does, or use another USB port.", details)
            : heard.Clipped > 0 ? new Finding("sound", FindingLevel.Warning, $"{text}: too loud, {heard.Clipped} samples are clipped", "Turn its gain down ('alsamixer', F4).", details)
            : new Finding("sound", FindingLevel.Ok, text, null, details);
    }
}
