using System.Reflection;

namespace HeartSound.Edge.Settings;

/// <summary>Settings that stand together in the file. Immutable.</summary>
/// <param name="Path">Its place in the file; empty for the file as a whole.</param>
/// <param name="Property">Where its values go; null for the file as a whole.</param>
/// <param name="Description">What it is about.</param>
/// <param name="Keys">The settings that stand in it directly.</param>
/// <param name="Sections">The sections in it.</param>
internal sealed record SettingSection(string Path, PropertyInfo? Property, string Description, IReadOnlyList<SettingKey> Keys, IReadOnlyList<SettingSection> Sections)
{
    /// <summary>Its name in the file.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>This one and all below.</summary>
    public IEnumerable<SettingSection> All => Sections.SelectMany(s => s.All).Prepend(this);
}
