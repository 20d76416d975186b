using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace HeartSound.Edge.Settings;

/// <summary>One setting, as its property and the attributes on it describe it. Immutable.</summary>
internal sealed record SettingKey
{
    /// <summary>What environment variables that override settings begin with.</summary>
    public const string VariablePrefix = "HEARTSOUND_SETTINGS__";

    /// <summary>Its place in the file, such as <c>capture.usbId</c>.</summary>
    public required string Path { get; init; }

    public required PropertyInfo Property { get; init; }

    public required SettingKind Kind { get; init; }

    /// <summary>Whether null (or leaving it out) means something.</summary>
    public required bool MayBeNull { get; init; }

    public required object? Default { get; init; }

    public required string Description { get; init; }

    /// <summary>Of a number.</summary>
    public double? Minimum { get; init; }

    /// <summary>Of a number.</summary>
    public double? Maximum { get; init; }

    /// <summary>Regular expression that a text must match as a whole.</summary>
    public string? Pattern { get; init; }

    /// <summary><see cref="Pattern"/> in words, such as "a USB port such as 1-2.1".</summary>
    public string? PatternInWords { get; init; }

    /// <summary>The words that are allowed, and the value of each.</summary>
    public IReadOnlyList<(string Word, object Value)> Choices { get; init; } = [];

    /// <summary>Its name in the file.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The environment variable that overrides it.</summary>
    public string Variable => VariablePrefix + Path.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>What it may be, in words.</summary>
    public string Allowed => Kind switch
    {
        SettingKind.Whole => $"a whole number{Range}",
        SettingKind.Number => $"a number{Range}",
        SettingKind.Switch => "true or false",
        SettingKind.Word => Alternatives,
        SettingKind.Words => $"a list of {Alternatives}, each at most once, at least one",
        _ => PatternInWords ?? "a text that is not empty",
    } + (MayBeNull ? ", or null" : "");

    private string Range => Minimum is null ? "" : string.Create(CultureInfo.InvariantCulture, $" from {Minimum} to {Maximum}");

    private string Alternatives => Choices.Count == 1 ? Choices[0].Word : $"{string.Join(", ", Choices.Take(Choices.Count - 1).Select(c => c.Word))} or {Choices[^1].Word}";

    /// <summary>A value as it would stand in the file.</summary>
    public static string Show(object? value) => JsonSerializer.Serialize(value, EdgeJson.Compact);
}
