using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Delivery;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Records;

namespace HeartSound.Edge.Settings;

/// <summary>All that a device is told: one JSON file, each section with the feature it belongs to. Nothing about a model's front end is in it.</summary>
public sealed record DeviceSettings
{
    [Description("Name of the device in its MQTT topics: 1 to 64 letters, digits, '-' or '_'; without it the machine's name.")]
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$", ErrorMessage = "1 to 64 letters, digits, '-' or '_'")]
    public string? Device { get; init; }

    [Description("Which model gives the verdicts.")]
    public ModelOptions Model { get; init; } = new();

    [Description("How the GPU computes the model.")]
    public EngineOptions Engine { get; init; } = new();

    [Description("Which stethoscope the device listens to.")]
    public CaptureOptions Capture { get; init; } = new();

    [Description("When an examination begins and ends.")]
    public ExaminationOptions Examination { get; init; } = new();

    [Description("Which lamps the device has.")]
    public LightOptions Lights { get; init; } = new();

    [Description("The button beside the lamps.")]
    public ButtonOptions Button { get; init; } = new();

    [Description("The MQTT broker that verdicts go to.")]
    public BrokerOptions Broker { get; init; } = new();

    [Description("Where verdicts wait for the broker.")]
    public OutboxOptions Outbox { get; init; } = new();

    [Description("What the device does when it gets hot.")]
    public HeatOptions Heat { get; init; } = new();

    [Description("Whether the sound of examinations is kept on the device.")]
    public RecordOptions Record { get; init; } = new();

    [Description("Who may ask the device for figures about itself, and whom it tells.")]
    public MetricsOptions Metrics { get; init; } = new();

    /// <summary>What the device is called.</summary>
    [JsonIgnore]
    public string Name => Device ?? OfThisMachine();

    private static string OfThisMachine()
    {
        var name = string.Concat(Environment.MachineName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(64));
        return name.Length > 0 ? name : "heartsound";
    }
}
