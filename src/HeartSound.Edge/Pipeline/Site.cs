using System.Text.Json.Serialization;

namespace HeartSound.Edge.Pipeline;

/// <summary>Where the chest piece is: over which valve (auscultation site).</summary>
public enum Site
{
    /// <summary>Aortic: second intercostal space, right of the sternum.</summary>
    [JsonStringEnumMemberName("AV")]
    Aortic,

    /// <summary>Pulmonary: second intercostal space, left of the sternum.</summary>
    [JsonStringEnumMemberName("PV")]
    Pulmonary,

    /// <summary>Tricuspid: fourth intercostal space, left of the sternum.</summary>
    [JsonStringEnumMemberName("TV")]
    Tricuspid,

    /// <summary>Mitral: the apex.</summary>
    [JsonStringEnumMemberName("MV")]
    Mitral,
}

/// <summary>Words for <see cref="Site"/>.</summary>
public static class SiteNames
{
    /// <summary>As on the wire: <c>AV</c>, <c>PV</c>, <c>TV</c>, <c>MV</c>.</summary>
    public static string Code(this Site site) => site switch
    {
        Site.Aortic => "AV",
        Site.Pulmonary => "PV",
        Site.Tricuspid => "TV",
        Site.Mitral => "MV",
        _ => throw new ArgumentOutOfRangeException(nameof(site), site, null),
    };

    /// <summary>For a person.</summary>
    public static string Name(this Site site) => site.ToString();

    /// <summary>The site of a code; null when it is none. Upper case only, as on the wire.</summary>
    public static Site? FromCode(string? code) => code switch
    {
        "AV" => Site.Aortic,
        "PV" => Site.Pulmonary,
        "TV" => Site.Tricuspid,
        "MV" => Site.Mitral,
        _ => null,
    };
}
