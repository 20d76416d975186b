using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Native.Tests.OnnxRuntime;

/// <summary>Models that must be refused with a text, never with a crash: a crash ends the whole test run.</summary>
public sealed class DamagedModelTests
{
    public static TheoryData<string> Versions => OnnxModelTests.Versions;

    public static TheoryData<string, string, string> Unusable
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var version in new[] { "1.11.0", "1.17.3", "1.29.0" })
            {
                cases.Add(version, "future-opset.onnx", "opset 999");
                cases.Add(version, "future-opset.onnx", "is newer than ONNX Runtime");
                cases.Add(version, "future-ir.onnx", "IR version 99");
                cases.Add(version, "future-ir.onnx", "is newer than ONNX Runtime");
                cases.Add(version, "open-shape.onnx", "the input input_0 Float32 [?, 4], whose shape is open");
                cases.Add(version, "half-input.onnx", "the input input_0 Float16 [1, 4], and only Float32");
                cases.Add(version, "two-inputs.onnx", "has 2 inputs (input_0 Float32 [1, 4]; input_1 Float32 [1, 4])");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Unusable))]
    public void Load_UnusableModel_SaysWhy(string version, string name, string expected)
    {
        var exception = Assert.Throws<OnnxRuntimeException>(() => Load(version, name, RepositoryFiles.Model(name)));
        Assert.Contains($"The model {name} ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Load_Empty_SaysSo(string version) =>
        Assert.Contains("is empty", Assert.Throws<OnnxRuntimeException>(() => Load(version, "x.onnx", [])).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Versions))]
    public void Load_CutAtEveryLength_IsRefusedUnlessOnlyMetadataIsMissing(string version)
    {
        foreach (var name in new[] { "linear.onnx", "convolution.onnx" })
        {
            var whole = RepositoryFiles.Model(name);
            var loaded = new List<int>();
            for (var length = 0; length < whole.Length; length++)
            {
                var bytes = whole.AsSpan(0, length).ToArray();
                if (LoadOrMessage(version, bytes, out var entries) is { } message)
                    Assert.Contains("cut.onnx", message, StringComparison.Ordinal);
                else
                    loaded.Add(entries);
            }

            // Cut exactly before the first or the second entry of metadata, a file is a whole model without them.
            Assert.Equal([0, 1], loaded);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Load_BitsFlipped_IsRefusedOrRuns(string version)
    {
        var whole = RepositoryFiles.Model("convolution.onnx");
        var refused = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var bytes = whole.ToArray();
            for (var i = 0; i < 1 << random.Next(4); i++)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (LoadOrMessage(version, bytes, out _) is { } message)
            {
                refused++;
                Assert.Contains("cut.onnx", message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(refused, 100, 499);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Load_Garbage_IsRefused(string version)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(1, 3000)];
            random.NextBytes(bytes);
            Assert.NotNull(LoadOrMessage(version, bytes, out _));
        }

        // What people really put there by mistake.
        foreach (var bytes in new[] { "<!DOCTYPE html><html>"u8.ToArray(), "PK\u0003\u0004"u8.ToArray(), "{\"schema\":1}"u8.ToArray(), new byte[4096], "\0\0\0\0ORTM"u8.ToArray() })
            Assert.Contains("is not an ONNX model", LoadOrMessage(version, bytes, out _), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x08 }, "is not an ONNX model")]
    [InlineData(new byte[] { 0x08, 0x07 }, "it has no graph")]
    [InlineData(new byte[] { 0x08, 0x07, 0x3a, 0x00 }, "it names no operator set")]
    [InlineData(new byte[] { 0x08, 0x07, 0x3a, 0x05, 0x00 }, "after byte 2 of 5")]
    [InlineData(new byte[] { 0x08, 0x07, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 }, "after byte 2 of 13")]
    [InlineData(new byte[] { 0x08, 0x07, 0x09, 0x00 }, "after byte 2 of 4")]
    public void Read_DamagedEnvelope_SaysWhere(byte[] bytes, string expected) =>
        Assert.Contains(expected, OnnxEnvelope.Read(bytes).Fault, StringComparison.Ordinal);

    [Fact]
    public void Read_WholeModel_TellsItsVersions() =>
        Assert.Equal(new OnnxEnvelope(null, 7, 13), OnnxEnvelope.Read(RepositoryFiles.Model("linear.onnx")));

    [Theory]
    [InlineData("linear.onnx", "author", "make_models.py")]
    [InlineData("linear.onnx", "editor", null)]
    [InlineData("no-metadata.onnx", "author", null)]
    public void ReadMetadata_WithoutOnnxRuntime_GivesTheValue(string file, string key, string? value) =>
        Assert.Equal(value, OnnxModel.ReadMetadata(RepositoryFiles.Model(file), file, key));

    [Fact]
    public void ReadMetadata_CutOff_IsRefused() =>
        Assert.Throws<OnnxRuntimeException>(() => OnnxModel.ReadMetadata(RepositoryFiles.Model("linear.onnx").AsSpan()[..^1], "cut", "author"));

    [Theory]
    [InlineData("Short", "Short.")]
    [InlineData("Two\nlines\u0001 and\tmore.", "Two lines and more.")]
    [InlineData(
        "Failed to load model with error: /onnxruntime_src/onnxruntime/core/graph/model.cc:180 onnxruntime::Model::Model(onnx::ModelProto&&, const PathString&) Unsupported model IR version: 99",
        "Unsupported model IR version: 99.")]
    [InlineData("/src/a.h:1 void x::Ensure() [ONNXRuntimeError] : 1 : FAIL : Failed to load library", "Failed to load library.")]
    public void Readable_TextOfOnnxRuntime_IsOneLineForAPerson(string text, string expected) => Assert.Equal(expected, OrtFault.Readable(text));

    [Fact]
    public void Readable_LongText_IsCut() => Assert.Equal(301, OrtFault.Readable(new string('x', 5000)).Length);

    /// <summary>Loads and runs the bytes; the message when they are refused.</summary>
    private static string? LoadOrMessage(string version, byte[] bytes, out int metadataEntries)
    {
        metadataEntries = 0;
        try
        {
            using var model = Load(version, "cut.onnx", bytes);
            using var run = model.CreateRun();
            run.Execute();
            metadataEntries = model.Metadata.Count;
            return null;
        }
        catch (OnnxRuntimeException exception)
        {
            return exception.Message;
        }
    }

    private static OnnxModel Load(string version, string name, byte[] bytes) =>
        OnnxModel.Load(OnnxRuntimeLibrary.Load(RepositoryFiles.OnnxRuntime(version)), bytes, name);
}
