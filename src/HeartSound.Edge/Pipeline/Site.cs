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
