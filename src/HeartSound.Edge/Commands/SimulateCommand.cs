using System.CommandLine;
using HeartSound.Edge.Recordings;
using HeartSound.Signal;

namespace HeartSound.Edge.Commands;

/// <summary><c>simulate</c>: a synthetic heart as a WAV file.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var output = new Option<FileInfo>("--out") { Description = "File to write: WAV, 16-bit, mono.", HelpName = "FILE.wav", Required = true };
        var seconds = new Option<double>("--seconds") { Description = "Length, up to 86400.", HelpName = "S", DefaultValueFactory = _ => 20 };
        var heart = new SimulatorChoices();
        var command = new Command("simulate", "A synthetic heart as a WAV file: for training people, for demos and for tests. (As a live source: run --simulate.)") { output, seconds };
        foreach (var option in heart.Options) command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            var options = heart.Read(parsed);
            var length = parsed.GetValue(seconds);
            if (length is not (> 0 and <= 86400)) throw new SetupException(FormattableString.Invariant($"--seconds is {length}, must be above 0 and at most 86400."));
            var path = parsed.GetValue(output)!.FullName;
            var simulator = new Simulator(options);
            var block = new float[4096];
            try
            {
                using var wav = new WavWriter(path, options.SampleRateHz);
                for (var left = (long)Math.Round(length * options.SampleRateHz); left > 0; left -= block.Length)
                {
                    stop.ThrowIfCancellationRequested();
                    var samples = block.AsSpan(0, (int)Math.Min(left, block.Length));
                    simulator.Read(samples);
                    wav.Write(samples);
                }

                wav.Complete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new SetupException($"{path}: cannot be written: {e.Message}", e);
            }

            return ExitCode.Ok;
        }, stop));
        return command;
    }
}
