using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether who listens may use sound card, GPIO and GPU: the running service, else the service's user, else whoever asks.</summary>
internal static partial class GroupsProbe
{
    private static readonly string[] Wanted = ["audio", "gpio", "video"];

    public static Probe Create() => new("groups", "groups", Probe.Quick, (facts, _) =>
    {
        var groups = (facts.Text("etc/group") ?? "").Split('\n').Select(line => line.Split(':')).Where(f => f.Length >= 4 && Wanted.Contains(f[0])).ToList();
        if (groups.Count == 0) return new Finding("groups", FindingLevel.NotApplicable, "this machine has none of the groups audio, gpio and video");
        var (who, isRoot, isIn) = Asked(facts);
        var missing = isRoot ? [] : groups.Where(g => !isIn(g)).Select(g => g[0]).ToList();
        var details = new JsonObject { ["who"] = who, ["missing"] = new JsonArray([.. missing.Select(g => JsonValue.Create(g))]), ["groups"] = new JsonArray([.. groups.Select(g => JsonValue.Create(g[0]))]) };
        return missing.Count == 0
            ? new Finding("groups", FindingLevel.Ok, isRoot ? $"{who} may use everything" : $"{who} is in {string.Join(", ", groups.Select(g => g[0]))}", null, details)
            : new Finding("groups", missing.Contains("audio") ? FindingLevel.Failed : FindingLevel.Warning, $"{who} is not in {string.Join(", ", missing)}", $"usermod -aG {string.Join(',', missing)} USER, then log in again or restart the service.", details);
    });

    private static (string Who, bool IsRoot, Func<string[], bool> IsIn) Asked(DoctorCase facts)
    {
        if (facts.Service.Pid is { } pid && facts.Text($"proc/{pid}/status") is { } status) return Process($"the service (process {pid})", status);
        var user = facts.Service.Properties.GetValueOrDefault("User");
        return facts.Service.IsInstalled && user is { Length: > 0 }
            ? ($"the service's user {user}", false, group => group[3].Split(',').Contains(user))
            : Process("who asks this", facts.Text("proc/self/status") ?? "");
    }

    private static (string Who, bool IsRoot, Func<string[], bool> IsIn) Process(string who, string status)
    {
        var ids = Ids().Matches(status).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
        var of = ids.GetValueOrDefault("Groups", []).Concat(ids.GetValueOrDefault("Gid", [])).ToHashSet(StringComparer.Ordinal);
        return (who, ids.GetValueOrDefault("Uid", []).ElementAtOrDefault(1) == 0.ToString(CultureInfo.InvariantCulture), group => of.Contains(group[2]));
    }

    [GeneratedRegex(@"^(Uid|Gid|Groups):(.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Ids();
}
