using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Records;

/// <summary>Whether the sound of examinations is kept on the device. Off by default: no audio is kept, let alone leaves, unless somebody asks for it.</summary>
public sealed record RecordOptions
{
    [Description("Whether the sound of examinations is kept, encrypted.")]
    public bool Enabled { get; init; }

    [Description("Folder to keep it in; without it 'records' in the state directory.")]
    public string? Folder { get; init; }

    [Description("File with the key (64 hexadecimal digits); without it the systemd credential 'record-key'.")]
    public string? KeyFile { get; init; }

    [Description("Sound from before the examination that is kept too, in seconds.")]
    [Range(0.0, 60.0)]
    public double PreRollSeconds { get; init; } = 5;

    [Description("How long a record is kept, in days.")]
    [Range(1, 3650)]
    public int KeepDays { get; init; } = 30;

    [Description("How much room all records may take, in megabytes; the oldest go first.")]
    [Range(1, 1000000)]
    public int MaxMegabytes { get; init; } = 1024;

    [Description("How much room must stay free on the disk, in megabytes; where it does not, nothing is kept until it does.")]
    [Range(0, 1000000)]
    public int MinFreeMegabytes { get; init; } = 256;
}
