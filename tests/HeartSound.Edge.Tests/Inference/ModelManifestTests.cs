using System.Text.Json;
using System.Text.Json.Nodes;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Tests.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Inference;

public sealed class ModelManifestTests
{
    [Fact]
    public void Parse_WhatWasWritten_GivesTheSame()
    {
        var manifest = Manifests.TwoLabels with { FrontEnd = new FrontEndSpec { MelBands = 40, Normalisation = Normalisation.Window }, Version = "2.1" };

        var parsed = ModelManifest.Parse(JsonSerializer.Serialize(manifest, EdgeJson.Compact), "m.onnx");

        Assert.Equal(manifest.FrontEnd, parsed.FrontEnd);
        Assert.Equal(manifest.Calibration, parsed.Calibration);
        Assert.Equal(manifest.Labels, parsed.Labels);
        Assert.Equal("2.1", parsed.Version);
    }

    [Fact]
    public void Parse_SettingLeftOut_TakesItsDefault()
    {
        var parsed = ModelManifest.Parse("""{"schema":1,"id":"x","labels":["a","b"],"alarmLabels":["b"],"frontEnd":{"melBands":40}}""", "m.onnx");

        Assert.Equal(40, parsed.FrontEnd.MelBands);
        Assert.Equal(new FrontEndSpec().HopSamples, parsed.FrontEnd.HopSamples);
    }

    [Theory]
    [InlineData("frontEnd.sampleRateHz", 500, "frontEnd.sampleRateHz is 500, must be 1000 to 16000")]
    [InlineData("frontEnd.bandHighHz", 1000, "frontEnd.bandHighHz")]
    [InlineData("frontEnd.fftSamples", 500, "frontEnd.fftSamples is 500, must be a power of two")]
    [InlineData("frontEnd.melBands", 1000, "frontEnd.melBands")]
    [InlineData("frontEnd.windowHopSeconds", 0, "frontEnd.windowHopSeconds")]
    [InlineData("frontEnd.normalisationSeconds", 1, "frontEnd.normalisationSeconds")]
    [InlineData("schema", 2, "schema is 2")]
    [InlineData("id", "", "id is missing")]
    [InlineData("calibration.temperature", 0, "calibration.temperature")]
    [InlineData("calibration.alarmBelow", 0.7, "alarmBelow")]
    [InlineData("policy.minGoodSeconds", 1, "policy.minGoodSeconds")]
    [InlineData("policy.maxHeartRateBpm", 20, "policy heart rate")]
    [InlineData("quality.minPeriodicity", 2, "quality.minPeriodicity is 2, must be 0 to 1")]
    [InlineData("quality.maxSpikeRatio", 0, "quality.maxSpikeRatio")]
    [InlineData("goldenTolerance.logits", 5, "goldenTolerance")]
    public void Parse_OutOfRange_NamesIt(string path, object value, string message)
    {
        var error = Assert.Throws<ModelException>(() => ModelManifest.Parse(With(path, JsonSerializer.SerializeToNode(value)), "m.onnx"));

        Assert.Contains("m.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SeveralFaults_NamesAllOfThem()
    {
        var manifest = Node();
        manifest["labels"] = new JsonArray("only");
        manifest["frontEnd"]!["bandOrder"] = 99;

        var error = Assert.Throws<ModelException>(() => ModelManifest.Parse(manifest.ToJsonString(), "m.onnx"));

        Assert.Contains("labels", error.Message, StringComparison.Ordinal);
        Assert.Contains("bandOrder", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("frontEnd.melBand")]
    [InlineData("frontEnd.dither")]
    [InlineData("calibration.platt")]
    [InlineData("quality.minSnr")]
    [InlineData("postprocessing")]
    public void Parse_SettingThisProgramDoesNotKnow_IsRefused(string path) =>
        Assert.Throws<ModelException>(() => ModelManifest.Parse(With(path, 1), "m.onnx"));

    [Fact]
    public void Parse_OutputLeftOut_IsSoftmax() => Assert.Equal(ModelOutput.Softmax, ModelManifest.Parse(Node().ToJsonString(), "m.onnx").Output);

    [Fact]
    public void Parse_Sigmoid_HasThresholdsAndMayHaveAlarmsOnly()
    {
        var node = JsonNode.Parse("""
            {"schema":1,"id":"x","output":"sigmoid","labels":["AS","MR"],"alarmLabels":["AS","MR"],"calibration":{"alarmAbove":0.6,"alarmThreshold":0.45,"thresholds":{"MR":0.3}}}
            """)!;

        var parsed = ModelManifest.Parse(node.ToJsonString(), "m.onnx");

        Assert.Equal(ModelOutput.Sigmoid, parsed.Output);
        Assert.Equal([0.45, 0.3], [parsed.Threshold(0), parsed.Threshold(1)]);
    }

    [Theory]
    [InlineData("output", "\"softmax\"", "alarmLabels must name some of the labels, and not all")]
    [InlineData("output", "\"softmax\"", "calibration.thresholds belongs to models with output sigmoid")]
    [InlineData("output", "\"relu\"", "output")]
    [InlineData("labels", "[\"AS\",\"normal\"]", "no label may be called 'normal'")]
    [InlineData("labels", "[\"AS\",\"AS+MR\"]", "'+'")]
    [InlineData("labels", "[]", "labels has 0 entries")]
    [InlineData("thresholds", "{\"XX\":0.3}", "'XX', which is no label")]
    [InlineData("thresholds", "{\"AS\":0}", "calibration.thresholds.AS is 0")]
    [InlineData("thresholds", "{\"AS\":0.61}", "at most alarmAbove")]
    public void Parse_SigmoidOutOfRange_NamesIt(string name, string value, string message)
    {
        var node = JsonNode.Parse("""
            {"schema":1,"id":"x","output":"sigmoid","labels":["AS","MR"],"alarmLabels":["AS","MR"],"calibration":{"alarmAbove":0.6,"thresholds":{"AS":0.3}}}
            """)!;
        (name == "thresholds" ? node["calibration"]! : node)[name] = JsonNode.Parse(value);

        var error = Assert.Throws<ModelException>(() => ModelManifest.Parse(node.ToJsonString(), "m.onnx"));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ShortWindow_MayDoWithLittleSound() =>
        Assert.Equal(1, ModelManifest.Parse("""{"schema":1,"id":"x","labels":["a","b"],"alarmLabels":["b"],"frontEnd":{"windowSeconds":1,"windowHopSeconds":0.5},"policy":{"minGoodSeconds":1}}""", "m.onnx").Policy.MinGoodSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"schema\":1")]
    [InlineData("{\"schema\":\"one\"}")]
    [InlineData("{\"schema\":1,\"frontEnd\":{\"normalisation\":2}}")]
    [InlineData("{\"schema\":1,\"frontEnd\":{\"normalisation\":\"magic\"}}")]
    [InlineData("{\"schema\":1,\"frontEnd\":null}")]
    [InlineData("{\"schema\":1,\"labels\":null}")]
    [InlineData("{\"schema\":1,\"labels\":[\"a\",null],\"alarmLabels\":[\"a\"]}")]
    [InlineData("{\"schema\":1,\"calibration\":{\"temperature\":1e999}}")]
    public void Parse_NoManifest_IsRefusedByName(string json)
    {
        var error = Assert.Throws<ModelException>(() => ModelManifest.Parse(json, "m.onnx"));

        Assert.Contains("m.onnx", error.Message, StringComparison.Ordinal);
    }

    private static JsonNode Node() => JsonSerializer.SerializeToNode(Manifests.TwoLabels, EdgeJson.Compact)!;

    private static string With(string path, JsonNode? value)
    {
        var node = Node();
        var at = node;
        var names = path.Split('.');
        foreach (var name in names[..^1]) at = at[name]!;
        at[names[^1]] = value;
        return node.ToJsonString();
    }
}
