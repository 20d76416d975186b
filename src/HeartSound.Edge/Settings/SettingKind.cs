namespace HeartSound.Edge.Settings;

/// <summary>What kind of value a setting takes.</summary>
internal enum SettingKind
{
    Text,

    /// <summary>A whole number.</summary>
    Whole,

    Number,

    /// <summary>true or false.</summary>
    Switch,

    /// <summary>One of some words.</summary>
    Word,

    /// <summary>A list of some words.</summary>
    Words,
}
