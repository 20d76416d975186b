using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HeartSound.Edge.Settings;

/// <summary>Turns what was written into the value of a setting, or says what is wrong with it.</summary>
internal static class SettingValue
{
    /// <summary>Reads a value of the file. Returns null when it is fine, else what is wrong.</summary>
    public static string? Read(SettingKey key, RawSetting raw, out object? value)
    {
        value = null;
        if (raw.Kind == JsonTokenType.Null) return key.MayBeNull ? null : MustBe(key);
        var fits = (key.Kind, raw.Kind) switch
        {
            (SettingKind.Text or SettingKind.Word, JsonTokenType.String) => true,
            (SettingKind.Whole or SettingKind.Number, JsonTokenType.Number) => true,
            (SettingKind.Switch, JsonTokenType.True or JsonTokenType.False) => true,
            (SettingKind.Words, JsonTokenType.StartArray) => raw.Items.All(i => i.Kind == JsonTokenType.String),
            _ => false,
        };
        if (!fits) return MustBe(key);
        return key.Kind == SettingKind.Words ? Words(key, [.. raw.Items.Select(i => i.Text)], out value) : Read(key, raw.Text, out value);
    }

    /// <summary>Reads the value of an environment variable: as in the file but without quotation marks, lists with commas, nothing at all for null.</summary>
    public static string? ReadVariable(SettingKey key, string text, out object? value)
    {
        text = text.Trim();
        value = null;
        if (text.Length == 0) return key.MayBeNull ? null : MustBe(key);
        return key.Kind == SettingKind.Words ? Words(key, text.Split(',', StringSplitOptions.TrimEntries), out value) : Read(key, text, out value);
    }

    private static string? Read(SettingKey key, string text, out object? value)
    {
        value = null;
        switch (key.Kind)
        {
            case SettingKind.Whole when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole):
                value = whole;
                return InRange(key, whole);
            case SettingKind.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                value = number;
                return InRange(key, number);
            case SettingKind.Switch when text is "true" or "false":
                value = text == "true";
                return null;
            case SettingKind.Word when Choice(key, text) is { } chosen:
                value = chosen;
                return null;
            case SettingKind.Word:
                return MustBe(key, text);
            case SettingKind.Text when !string.IsNullOrWhiteSpace(text) && Matches(key, text):
                value = text;
                return null;
            default:
                return MustBe(key);
        }
    }

    private static string? Words(SettingKey key, string[] words, out object? value)
    {
        value = null;
        if (words.Length == 0 || words.Distinct(StringComparer.Ordinal).Count() != words.Length) return MustBe(key);
        foreach (var word in words)
        {
            if (Choice(key, word) is null) return MustBe(key, word);
        }

        var list = Array.CreateInstance(key.Property.PropertyType.GenericTypeArguments[0], words.Length);
        for (var i = 0; i < words.Length; i++) list.SetValue(Choice(key, words[i]), i);
        value = list;
        return null;
    }

    private static object? Choice(SettingKey key, string word) => key.Choices.FirstOrDefault(c => c.Word == word).Value;

    private static bool Matches(SettingKey key, string text) => key.Pattern is not { } pattern || Regex.Match(text, pattern, RegexOptions.CultureInvariant) is { Success: true } match && match.Length == text.Length;

    private static string? InRange(SettingKey key, double number) => number < key.Minimum || number > key.Maximum ? MustBe(key) : null;

    private static string MustBe(SettingKey key, string? word = null) =>
        $"must be {key.Allowed}{(word is not null && NearestWord.To(word, key.Choices.Select(c => c.Word)) is { } near ? $"; did you mean {near}?" : ".")}";
}
