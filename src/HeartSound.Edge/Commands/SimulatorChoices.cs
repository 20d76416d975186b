using System.CommandLine;
using HeartSound.Signal;

namespace HeartSound.Edge.Commands;

/// <summary>The options that describe a simulated heart.</summary>
internal sealed class SimulatorChoices
{
    private static readonly SimulatorOptions Defaults = new();

    private readonly Option<int> _rate = new("--rate") { Description = "Sample rate in hertz.", HelpName = "HZ", DefaultValueFactory = _ => Defaults.SampleRateHz };
    private readonly Option<double> _bpm = new("--bpm") { Description = "Heart rate in beats per minute.", HelpName = "N", DefaultValueFactory = _ => Defaults.HeartRateBpm };
    private readonly Option<double> _variability = new("--variability") { Description = "Beat-to-beat variation of the rate, as a share of it.", HelpName = "X", DefaultValueFactory = _ => Defaults.RateVariability };
    private readonly Option<Murmur> _murmur = new("--murmur") { Description = "Murmur between the sounds: none, systolic or diastolic.", HelpName = "KIND", DefaultValueFactory = _ => Defaults.Murmur };
    private readonly Option<double> _murmurLevel = new("--murmur-level") { Description = "Murmur's peak against the first sound's.", HelpName = "X", DefaultValueFactory = _ => Defaults.MurmurLevel };
    private readonly Option<double> _level = new("--level") { Description = "Peak of the first sound; full scale is 1.", HelpName = "X", DefaultValueFactory = _ => Defaults.Level };
    private readonly Option<double> _noise = new("--noise-db") { Description = "Noise, RMS in dB relative to --level (to full scale where that is 0).", HelpName = "DB", DefaultValueFactory = _ => Defaults.NoiseLevelDb };
    private readonly Option<double> _lossFrom = new("--contact-loss-from") { Description = "Second at which the chest piece leaves the skin.", HelpName = "S", DefaultValueFactory = _ => Defaults.ContactLossFromSeconds };
    private readonly Option<double> _lossTo = new("--contact-loss-to") { Description = "Second at which it is back.", HelpName = "S", DefaultValueFactory = _ => Defaults.ContactLossToSeconds };
    private readonly Option<ulong> _seed = new("--seed") { Description = "The same seed gives the same heart.", HelpName = "N", DefaultValueFactory = _ => Defaults.Seed };

    public IReadOnlyList<Option> Options => [_rate, _bpm, _variability, _murmur, _murmurLevel, _level, _noise, _lossFrom, _lossTo, _seed];

    /// <exception cref="SetupException">A value is out of range.</exception>
    public SimulatorOptions Read(ParseResult parsed)
    {
        var options = new SimulatorOptions
        {
            SampleRateHz = parsed.GetValue(_rate),
            HeartRateBpm = parsed.GetValue(_bpm),
            RateVariability = parsed.GetValue(_variability),
            Murmur = parsed.GetValue(_murmur),
            MurmurLevel = parsed.GetValue(_murmurLevel),
            Level = parsed.GetValue(_level),
            NoiseLevelDb = parsed.GetValue(_noise),
            ContactLossFromSeconds = parsed.GetValue(_lossFrom),
            ContactLossToSeconds = parsed.GetValue(_lossTo),
            Seed = parsed.GetValue(_seed),
        };
        return options.Faults() is { Count: > 0 } faults ? throw new SetupException($"There is no such heart: {string.Join("; ", faults)}.") : options;
    }
}
