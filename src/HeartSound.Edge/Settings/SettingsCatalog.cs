using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace HeartSound.Edge.Settings;

/// <summary>Every setting there is, read off the options records once: the file's reader, its schema and its reference page all go by this list.</summary>
internal static class SettingsCatalog
{
    /// <summary>The file as a whole.</summary>
    public static SettingSection Root { get; } = Section("", null, "All that a device is told.", typeof(DeviceSettings), new DeviceSettings());

    /// <summary>Every setting, in the order of the file.</summary>
    public static IReadOnlyList<SettingKey> Keys { get; } = [.. Root.All.SelectMany(s => s.Keys)];

    private static SettingSection Section(string path, PropertyInfo? property, string description, Type type, object defaults)
    {
        var keys = new List<SettingKey>();
        var sections = new List<SettingSection>();
        foreach (var member in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            var place = path.Length == 0 ? name : $"{path}.{name}";
            var about = member.GetCustomAttribute<DescriptionAttribute>()?.Description ?? throw new InvalidOperationException($"{place} has no [Description].");
            if (KindOf(member.PropertyType) is { } kind) keys.Add(Key(place, member, kind, about, member.GetValue(defaults)));
            else sections.Add(Section(place, member, about, member.PropertyType, member.GetValue(defaults)!));
        }

        return new SettingSection(path, property, description, keys, sections);
    }

    private static SettingKey Key(string path, PropertyInfo property, SettingKind kind, string description, object? value)
    {
        var range = property.GetCustomAttribute<RangeAttribute>();
        var pattern = property.GetCustomAttribute<RegularExpressionAttribute>();
        var choices = kind == SettingKind.Words ? property.PropertyType.GenericTypeArguments[0] : Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return new SettingKey
        {
            Path = path,
            Property = property,
            Kind = kind,
            MayBeNull = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable,
            Default = value,
            Description = description,
            Minimum = range is null ? null : Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture),
            Maximum = range is null ? null : Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture),
            Pattern = pattern?.Pattern,
            PatternInWords = pattern?.ErrorMessage,
            Choices = kind is SettingKind.Word or SettingKind.Words
                ? [.. Enum.GetValuesAsUnderlyingType(choices).Cast<object>().Select(v => Enum.ToObject(choices, v)).Select(v => (JsonNamingPolicy.CamelCase.ConvertName(v.ToString()!), v))]
                : [],
        };
    }

    /// <summary>Null for a section.</summary>
    private static SettingKind? KindOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? SettingKind.Text
            : type == typeof(int) ? SettingKind.Whole
            : type == typeof(double) ? SettingKind.Number
            : type == typeof(bool) ? SettingKind.Switch
            : type.IsEnum ? SettingKind.Word
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && type.GenericTypeArguments[0].IsEnum ? SettingKind.Words
            : type.Namespace!.StartsWith(nameof(HeartSound), StringComparison.Ordinal) ? null
            : throw new InvalidOperationException($"No setting can be a {type}.");
    }
}
