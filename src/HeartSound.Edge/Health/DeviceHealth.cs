using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Health;

/// <summary>
/// How every part of the device is, and what was counted. Parts report, the lights, the broker and systemd's status line read. Thread-safe; a report that
/// changes nothing costs a lock and allocates nothing.
/// </summary>
public sealed partial class DeviceHealth(TimeProvider time, ILogger<DeviceHealth> log)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<DevicePart, PartHealth> _parts = [];
    private readonly SortedDictionary<string, long> _counters = new(StringComparer.Ordinal);

    /// <summary>Called after a part's level or cause has changed, on the thread that reported it; must be quick and may not throw.</summary>
    public event Action? Changed;

    /// <summary>The parts that have reported, now.</summary>
    public IReadOnlyDictionary<DevicePart, PartHealth> Parts
    {
        get
        {
            lock (_gate) return new SortedDictionary<DevicePart, PartHealth>(_parts);
        }
    }

    /// <summary>What was counted since the start, by name in camelCase.</summary>
    public IReadOnlyDictionary<string, long> Counters
    {
        get
        {
            lock (_gate) return new SortedDictionary<string, long>(_counters, StringComparer.Ordinal);
        }
    }

    /// <summary>The worst level of all parts.</summary>
    public PartLevel Level
    {
        get
        {
            lock (_gate) return _parts.Count == 0 ? PartLevel.Ok : _parts.Values.Max(p => p.Level);
        }
    }

    /// <summary>Says how a part is. Logged where level or cause change.</summary>
    /// <typeparam name="TCause">The part's own enum.</typeparam>
    public void Report<TCause>(DevicePart part, PartLevel level, TCause cause, string? message = null)
        where TCause : struct, Enum
    {
        lock (_gate)
        {
            var word = Word<TCause>.Of(cause);
            var before = _parts.GetValueOrDefault(part);
            if (before is not null && before.Level == level && before.Cause == word)
            {
                if (before.Message != message) _parts[part] = before with { Message = message };
                return;
            }

            _parts[part] = new PartHealth(level, word, message, time.GetUtcNow());
            if (level == PartLevel.Ok && before is null or { Level: PartLevel.Ok }) LogWord(part, word);
            else if (level == PartLevel.Ok) LogWell(part, word);
            else if (level == PartLevel.Degraded) LogDegraded(part, word, message);
            else LogFailed(part, word, message);
        }

        Changed?.Invoke();
    }

    /// <summary>Counts something, such as <c>unplugged</c> or <c>lostSamples</c>.</summary>
    public void Count(string counter, long by = 1)
    {
        lock (_gate) _counters[counter] = _counters.GetValueOrDefault(counter) + by;
    }

    [LoggerMessage(1201, LogLevel.Information, "{Part}: {Cause}")]
    private partial void LogWord(DevicePart part, string cause);

    [LoggerMessage(1202, LogLevel.Information, "{Part} is well again: {Cause}")]
    private partial void LogWell(DevicePart part, string cause);

    [LoggerMessage(1203, LogLevel.Warning, "{Part} is degraded: {Cause}. {Message}")]
    private partial void LogDegraded(DevicePart part, string cause, string? message);

    [LoggerMessage(1204, LogLevel.Error, "{Part} has failed: {Cause}. {Message}")]
    private partial void LogFailed(DevicePart part, string cause, string? message);

    private static class Word<TCause>
        where TCause : struct, Enum
    {
        private static readonly Dictionary<TCause, string> Words = Enum.GetValues<TCause>().ToDictionary(c => c, c => JsonNamingPolicy.CamelCase.ConvertName(c.ToString()));

        public static string Of(TCause cause) => Words[cause];
    }
}
