using System.Globalization;
using System.Text.Json.Nodes;
using HeartSound.Native.LibC;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether the clock can be believed: verdicts and records carry its time.</summary>
internal static class ClockProbe
{
    private static readonly TimeSpan MostRtcError = TimeSpan.FromMinutes(2);

    public static Probe Create() => new("clock", "clock", Probe.Quick, (facts, _) =>
    {
        var now = DateTimeOffset.UtcNow;
        var built = File.GetLastWriteTimeUtc(typeof(ClockProbe).Assembly.Location);
        var synchronized = SystemFacts.IsClockSynchronized;
        var rtc = long.TryParse(facts.Text("sys/class/rtc/rtc0/since_epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : (DateTimeOffset?)null;
        var details = new JsonObject { ["utc"] = now.ToString("u", CultureInfo.InvariantCulture), ["synchronized"] = synchronized, ["rtc"] = rtc?.ToString("u", CultureInfo.InvariantCulture) };
        var text = FormattableString.Invariant($"{now:u}, {(synchronized switch { true => "kept by a time server", false => "not kept by a time server", null => "nobody says whether a time server keeps it" })}");
        return now < built - TimeSpan.FromDays(1) ? new Finding("clock", FindingLevel.Failed, $"{text}: older than this program", "Connect it to a network with a time server, or set it: timedatectl set-time.", details)
            : synchronized == false ? new Finding("clock", FindingLevel.Warning, text, "Times on verdicts may be wrong: timedatectl set-ntp true, and a network that reaches a time server.", details)
            : rtc is { } battery && (battery - now).Duration() > MostRtcError ? new Finding("clock", FindingLevel.Warning, FormattableString.Invariant($"{text}; the clock on the board says {battery:u}"), "Until a time server is reached after a power cut, times are wrong: fit the board's battery, then hwclock --systohc.", details)
            : new Finding("clock", FindingLevel.Ok, text, null, details);
    });
}
