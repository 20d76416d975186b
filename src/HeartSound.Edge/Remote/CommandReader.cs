using System.Text.Json;
using System.Text.Unicode;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Remote;

/// <summary>What was read of a command: it, or what is wrong with it.</summary>
/// <param name="Id">What its sender calls it; null when he does not say, or nothing that can be an id.</param>
/// <param name="Command">Null when it is no good.</param>
/// <param name="Cause">What is wrong; null when nothing is.</param>
/// <param name="Message">The same for people.</param>
internal sealed record CommandReading(string? Id, Command? Command, CommandCause? Cause = null, string? Message = null);

/// <summary>Reads commands off the wire. Whatever is sent, it answers and throws nothing; nothing that was sent is repeated but the id.</summary>
internal static class CommandReader
{
    /// <summary>An object of plain values has a depth of one; what is deeper is refused while it is read.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    public static CommandReading Read(string name, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > Command.MostBytes) return Malformed(null, $"A command has {Command.MostBytes} bytes at the most.");
        if (payload.IsEmpty) return Read(name, null, []);
        if (!Utf8.IsValid(payload.Span)) return Malformed(null, "A command is JSON in UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(payload, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return Malformed(null, "A command is a JSON object.");
            var fields = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
            if (!fields.Remove("id", out var id) || id.ValueKind == JsonValueKind.Null) return Read(name, null, fields);
            return id.ValueKind == JsonValueKind.String && id.GetString() is { Length: <= Command.MostIdChars } text ? Read(name, text, fields)
                : Malformed(null, $"id is a text of {Command.MostIdChars} characters at the most.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException) // also for half a surrogate pair, and a field that is there twice
        {
            return Malformed(null, "A command is a JSON object, each field once.");
        }
    }

    private static CommandReading Read(string name, string? id, Dictionary<string, JsonElement> fields) => name switch
    {
        Command.Examination.Name => Examination(id, fields),
        Command.Mute.Name => Mute(id, fields),
        Command.Identify.Name => Plain(id, fields, name, new Command.Identify()),
        Command.RestartCapture.Name => Plain(id, fields, name, new Command.RestartCapture()),
        _ => new(id, null, CommandCause.Unknown, $"There is no such command, only {string.Join(", ", Command.Names)}."),
    };

    private static CommandReading Examination(string? id, Dictionary<string, JsonElement> fields)
    {
        const string Form = "examination takes action (start or stop) and, with start, site (AV, PV, TV or MV).";
        var starts = Text(fields, "action") switch { "start" => true, "stop" => false, _ => (bool?)null };
        fields.Remove("action");
        var hasSite = fields.TryGetValue("site", out var named) && named.ValueKind != JsonValueKind.Null;
        var site = SiteNames.FromCode(Text(fields, "site"));
        fields.Remove("site");
        var isGood = starts is not null && (!hasSite || (site is not null && starts == true)) && fields.Count == 0;
        return isGood ? new(id, new Command.Examination(starts!.Value, site)) : Malformed(id, Form);
    }

    private static CommandReading Mute(string? id, Dictionary<string, JsonElement> fields)
    {
        var isGood = fields.Remove("minutes", out var value) & fields.Count == 0;
        return isGood && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var minutes) && minutes is >= 0 and <= Command.MostMuteMinutes
            ? new(id, new Command.Mute(TimeSpan.FromMinutes(minutes)))
            : Malformed(id, FormattableString.Invariant($"mute takes minutes, a number from 0 (which ends it) to {Command.MostMuteMinutes}."));
    }

    private static CommandReading Plain(string? id, Dictionary<string, JsonElement> fields, string name, Command command) =>
        fields.Count == 0 ? new(id, command) : Malformed(id, $"{name} takes nothing but id.");

    private static string? Text(Dictionary<string, JsonElement> fields, string name) =>
        fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static CommandReading Malformed(string? id, string message) => new(id, null, CommandCause.Malformed, message);
}
