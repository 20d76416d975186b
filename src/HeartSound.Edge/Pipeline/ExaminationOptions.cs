using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Pipeline;

/// <summary>When an examination begins and ends on a device that nobody types at.</summary>
public sealed record ExaminationOptions
{
    [Description("What begins an examination: 'contact' (as soon as there is something to hear, again and again), 'button' (or a command), or 'always' (one after the other, whatever is heard).")]
    public ExaminationStart Start { get; init; } = ExaminationStart.Contact;

    [Description("How long an examination lasts, in seconds; of an examination by sites, how long each site is listened to.")]
    [Range(5.0, 600.0)]
    public double Seconds { get; init; } = 30;

    [Description("How long an examination waits for a stethoscope that has failed, in seconds, before it ends with what was heard.")]
    [Range(1.0, 600.0)]
    public double AbandonAfterSeconds { get; init; } = 60;

    [Description("How long an examination by sites waits for the next site, in seconds, before it ends with those that were heard.")]
    [Range(5.0, 3600.0)]
    public double NextSiteSeconds { get; init; } = 120;
}

/// <summary>What begins an examination.</summary>
public enum ExaminationStart
{
    /// <summary>Something to hear: a second that is not silent, dead or too quiet.</summary>
    Contact,

    /// <summary>The button, or a command.</summary>
    Button,

    /// <summary>The end of the one before.</summary>
    Always,
}
