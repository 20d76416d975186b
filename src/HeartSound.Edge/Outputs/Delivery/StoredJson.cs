using System.Text.Json;
using System.Text.Json.Nodes;

namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>What must be known of verdicts that wait, and their time corrected, on their JSON, so that fields of a later version stay.</summary>
internal static class StoredJson
{
    /// <summary>The verdict with the time that it should have had, if it was made since this start of the machine and before the clock could be believed; else null.</summary>
    public static byte[]? Correct(byte[] json, Moment now)
    {
        if (Parse(json) is not { } verdict || now.BootId == Guid.Empty) return null;
        try
        {
            if (verdict["clockSynced"]?.GetValue<bool>() == true || verdict["bootId"]?.GetValue<Guid>() != now.BootId) return null;
            verdict["time"] = now.Time.AddSeconds(verdict["monotonicSeconds"]!.GetValue<double>() - now.MonotonicSeconds);
            verdict["clockSynced"] = true;
            return JsonSerializer.SerializeToUtf8Bytes(verdict, EdgeJson.Compact);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException or ArgumentOutOfRangeException)
        {
            return null; // not one of ours; it is sent as it is
        }
    }

    /// <summary>Whether it is one that can be sent.</summary>
    public static bool IsVerdict(byte[] json) => Parse(json)?["sequence"] is not null;

    private static JsonObject? Parse(byte[] json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
